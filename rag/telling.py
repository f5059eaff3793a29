"""Which sentences of an article tell what is asked: a small model reads each, the likely ones are quoted. Pure.

A comment is short and mostly about one thing, so what fits best and reads on from there tells it. An article tells many
things: there, how likely each sentence is part of the answer decides. `python -m eval.fit_rank` fits `WEIGHTS`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.thread import Span
from rag.context import asks_for_number, asks_for_question, has_amount, is_question
from rag.details import expected, holds
from rag.lexical import terms
from rag.query import Query
from rag.voices import sought

__all__ = ["BIAS", "RUNS", "WEIGHTS", "Sentence", "follow", "likeliest", "readings", "telling"]

WEIGHTS: Mapping[str, float] = {
    "behind": 0.380,  # deviations by which it fits less than the best sentence, as a negative number, at most four
    "covered": 0.768,  # share of the question's words in it
    "length": 0.237,  # logarithm of its words, up to forty
    "stray": -0.433,  # whether it has less than three words
    "typed": 0.326,  # 1 where it holds the kind of detail asked for, -1 where not, 0 where none is asked for
    "amount": 0.272,  # the same for a number
    "asks": -0.671,  # whether it asks something itself, unless a question is asked for
}
BIAS = -0.54
_LIKELY = 0.3
"""How likely a sentence must be part of the answer to be quoted."""
_NEXT = 0.05
"""How much likelier one is that stands beside a chosen one."""
RUNS = 3
"""Stretches, at most, that are quoted."""
_GAP = 3
"""Characters, at most, between a sentence and the one that follows it."""
_DEEP, _LONG, _SHORT = -4.0, 40, 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may be quoted, and how well it fits the question, in deviations of the scope."""

    span: Span
    fit: float
    text: str


def readings(query: Query, sentences: Sequence[Sentence]) -> list[dict[str, float]]:
    """Return what the model reads of each sentence of an article."""
    wanted, kind = sought(query), expected(query.resolved)
    typed, numeric, asking = (
        kind not in ("", "person"),
        asks_for_number(query.resolved),
        asks_for_question(query.resolved),
    )
    best = max((one.fit for one in sentences), default=0.0)
    rows = []
    for one in sentences:
        length = len(one.text.split())
        rows.append(
            {
                "behind": max(_DEEP, one.fit - best),
                "covered": len(wanted.intersection(terms(one.text))) / max(1, len(wanted)),
                "length": math.log1p(min(_LONG, length)),
                "stray": float(length < _SHORT),
                "typed": _sign(holds(kind, one.text)) if typed else 0.0,
                "amount": _sign(has_amount(one.text)) if numeric else 0.0,
                "asks": float(is_question(one.text) and not asking),
            }
        )
    return rows


def telling(query: Query, sentences: Sequence[Sentence], most: int) -> list[Span]:
    """Return the sentences to quote, in the article's order: the likeliest one, and others in `most` words in all."""
    odds = [BIAS + sum(weight * row[name] for name, weight in WEIGHTS.items()) for row in readings(query, sentences)]
    return likeliest(sentences, [1 / (1 + math.exp(-one)) for one in odds], most)


def likeliest(sentences: Sequence[Sentence], likely: Sequence[float], most: int) -> list[Span]:
    """Return the likeliest sentence and those likely enough, in their order, `most` words in all, in few stretches."""
    chosen: list[int] = []
    budget = most
    while True:
        left = [at for at in range(len(sentences)) if at not in chosen]
        if chosen:
            spans = sorted(sentences[at].span for at in chosen)
            beside = {at for at in left if _beside(sentences[at].span, spans)}
            full = 1 + sum(not follow(*pair) for pair in pairwise(spans)) >= RUNS
            left = [at for at in left if len(sentences[at].text.split()) <= budget and not (full and at not in beside)]
            left = [at for at in left if likely[at] + _NEXT * (at in beside) >= _LIKELY]
        if not left:
            return [sentences[at].span for at in sorted(chosen)]
        chosen.append(max(left, key=lambda at: likely[at] + _NEXT * bool(chosen and at in beside)))
        budget -= len(sentences[chosen[-1]].text.split())


def _sign(held: bool) -> float:
    return 1.0 if held else -1.0


def _beside(span: Span, chosen: Sequence[Span]) -> bool:
    return any(follow(one, span) or follow(span, one) for one in chosen)


def follow(first: Span, second: Span) -> bool:
    """Tell whether one sentence or stretch stands right behind another."""
    return 0 <= second[0] - first[1] <= _GAP
