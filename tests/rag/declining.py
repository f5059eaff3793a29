"""Questions, and findings of any nearness, for tests of declining."""

from rag.answerable import features
from rag.evidence import Hit, Passage
from rag.query import Query
from rag.rank import Ranking, Signals
from tests.builders import debate

NEAR = Signals(1.0, 1.0, 1.0, 5.0, 0.7, 0.8, 3.0, 1.0)


FAR = Signals(0.0, 0.0, 0.0, 0.0, 0.05, 0.05, 0.0, 0.0)


def ask(text: str, **fields: object) -> Query:
    return Query(text, text, (text,), **fields)  # type: ignore[arg-type]


def ranking(*texts: str, signals: Signals = NEAR, missing: tuple[str, ...] = ()) -> Ranking:
    hits = tuple(
        Hit(
            Passage(f"p{row}", "bridge", f"t:{row + 1}", 0, len(text), text, ((0, len(text)),), text),
            1.0,
            None,
            f"c{row + 1}",
        )
        for row, text in enumerate(texts)
    )
    return Ranking(hits, (signals,) * len(hits), {}, missing, 6)


def value(name: str, question: str, found: Ranking) -> float:
    return features(ask(question), found.hits, found, [debate()])[name]
