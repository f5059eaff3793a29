"""How fast comments are taken in, against the naive pipeline, and that this costs no quality of retrieval."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from eval.bench_table import Row, Taken, beside, clocked, faster
from eval.gold import GOLD, read_threads
from eval.measures import mean
from eval.ranking import ndcg
from eval.setdata import Asked, RetrievalSet, read_set
from eval.sets import query_for, root
from ingest.thread import Thread
from rag.adapters.encoders import open_encoder
from rag.library import Library
from rag.passages import passages
from rag.ports import Encoder, Vectors
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.storage import open_library

__all__ = ["Naive", "PassagesOnly", "comments_alone", "compare", "part_of", "quality", "quality_rows", "rows"]

QUALITY_SETS = ("arct", "qmsum", "skeptics")
_DEPTH = 60
_GOAL = 2.0
_SLACK = 0.5


class Naive(Protocol):
    """The other pipeline."""

    def ingest(self, threads: Sequence[Thread], folder: Path) -> int:
        """Take every comment of some threads in, to a new folder."""
        ...

    def ranked(self, question: str, thread_ids: Sequence[str], k: int) -> list[str]:
        """Return ids of comments, best first."""
        ...


class PassagesOnly:
    """An encoder that leaves sentences out: what is no passage gets a vector without being computed.

    All else that `add` does with a sentence's vector is still done, so the time without sentences is not flattered.
    """

    def __init__(self, encoder: Encoder, threads: Sequence[Thread]) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._known = {passage.embedded for thread in threads for passage in passages(thread)}

    @property
    def dimension(self) -> int:
        """Return the width of the vectors."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text; the same unit vector for every text that is no passage."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        rows[:, 0] = 1.0
        wanted = [row for row, text in enumerate(texts) if text in self._known]
        rows[wanted] = self._encoder.encode([texts[row] for row in wanted])
        return rows


def comments_alone(threads: Sequence[Thread]) -> list[Thread]:
    """Return the threads without their articles, which the naive pipeline is not given either."""
    return [replace(one, article=replace(one.article, text="")) for one in threads]


@contextmanager
def _library(encoder: Encoder, settings: Settings) -> Iterator[Library]:
    with tempfile.TemporaryDirectory() as folder:
        library = open_library(Settings(home=Path(folder), cache=settings.cache), encoder=encoder)
        try:
            yield library
        finally:
            library.close()


def compare(naive: Naive, encoder: Encoder, threads: Sequence[Thread], rounds: int, settings: Settings) -> list[Row]:
    """Take the same comments in by both ways, in turns, with and without sentences' vectors."""
    count = sum(len(thread.visible) for thread in threads)
    words = sum(len(comment.body.split()) for thread in threads for comment in thread.visible)
    ours: dict[str, list[Taken]] = {"passages": [], "passages and sentences": []}
    other: list[Taken] = []
    for _ in range(rounds):
        ours["passages"].append(_ours(PassagesOnly(encoder, threads), threads, settings))
        other.append(_theirs(naive, threads))
        ours["passages and sentences"].append(_ours(encoder, threads, settings))
    return [
        faster(
            "ingest",
            f"{count:,} comments of {words / max(count, 1):.0f} words, vectors of {name}",
            taken,
            other,
            count=count,
            unit="comments",
            goal=_GOAL,
        )
        for name, taken in ours.items()
    ]


def _ours(encoder: Encoder, threads: Sequence[Thread], settings: Settings) -> Taken:
    with _library(encoder, settings) as library:
        return clocked(lambda: [library.add(thread) for thread in threads])


def _theirs(naive: Naive, threads: Sequence[Thread]) -> Taken:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return clocked(lambda: naive.ingest(threads, Path(folder)))


def part_of(data: RetrievalSet, threads: int) -> RetrievalSet:
    """Return the first threads of a set with the questions about them; of a set of single texts, 25 times as many."""
    kept = data.threads[: threads * 25 if data.by_thread else threads]
    ids = {thread.id for thread in kept}
    asked = tuple(
        one for one in data.asked if (one.gold <= ids if data.by_thread else set(one.scope.thread_ids) <= ids)
    )
    return RetrievalSet(data.name, kept, asked, data.by_thread)


def quality(naive: Naive, encoder: Encoder, data: RetrievalSet, settings: Settings) -> list[Row]:
    """Ask a set's questions of both, after both took it in: nDCG@10 of the naive index, our vectors, our retriever."""
    threads = comments_alone(data.threads)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, _library(encoder, settings) as library:
        naive.ingest(threads, Path(folder))
        for thread in threads:
            library.add(thread)
        retriever = Retriever(library.catalogue, library.index, library.sentence_index, encoder)
        scores: dict[str, list[float]] = {"naive": [], "vectors": [], "retriever": []}
        for asked in data.asked:
            ids = asked.scope.thread_ids
            rankings = {
                "naive": naive.ranked(asked.question, ids, _DEPTH),
                "vectors": _by_vectors(library, encoder, asked),
                "retriever": [hit.passage.comment_id for hit in retriever.retrieve(query_for(asked), k=_DEPTH)],
            }
            for name, ranked in rankings.items():
                scores[name].append(100 * ndcg(list(dict.fromkeys(ranked)), asked.gold))
    figures = {name: mean(values) or 0.0 for name, values in scores.items()}
    what = f"nDCG@10 on {data.name}, {len(data.asked)} questions"
    return [
        beside("quality", f"{what}: vectors alone", figures["vectors"], figures["naive"], slack=_SLACK),
        beside("quality", f"{what}: as the product ranks", figures["retriever"], figures["naive"], slack=_SLACK),
    ]


def _by_vectors(library: Library, encoder: Encoder, asked: Asked) -> list[str]:
    """Rank comments by their nearest passage alone."""
    (vector,) = encoder.encode([asked.question])
    found = library.index.query(vector, 3 * _DEPTH, asked.scope.thread_ids)
    known = library.catalogue.passages_by_id([passage_id for passage_id, _ in found])
    return [known[passage_id].comment_id for passage_id, _ in found if passage_id in known]


def _opened(settings: Settings) -> tuple[Naive, Encoder]:
    from eval.peers.naive_ingest import NaiveIngest

    encoder = open_encoder(settings.encoder, cache=settings.cache, threads=0)
    encoder.encode(["warm"])
    return NaiveIngest(settings.encoder), encoder


def rows(rounds: int, threads: int) -> list[Row]:
    """Compare on the threads of the gold, and on longer comments of a third-party set where it is at hand."""
    settings = Settings.from_environment()
    naive, encoder = _opened(settings)
    corpora = [[thread for gold in GOLD for thread in read_threads(gold)]]
    if root().is_dir():
        corpora.append(list(part_of(read_set("arct", root()), threads).threads))
    compare(naive, encoder, comments_alone(corpora[0])[:1], 1, settings)  # loads what is not what is measured
    return [row for corpus in corpora for row in compare(naive, encoder, comments_alone(corpus), rounds, settings)]


def quality_rows(threads: int) -> list[Row]:
    """Compare the quality of retrieval on parts of third-party sets, where they are at hand."""
    if not root().is_dir():
        return [Row("quality", "third-party sets", "not at hand", note=f"they belong in {root()}")]
    settings = Settings.from_environment()
    naive, encoder = _opened(settings)
    found = []
    for name in QUALITY_SETS:
        data = part_of(read_set(name, root()), max(1, threads // 6) if name == "qmsum" else threads)
        found += quality(naive, encoder, data, settings)
    return found
