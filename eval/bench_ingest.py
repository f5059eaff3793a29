"""How fast comments are taken in, against the naive pipeline, and that this costs no quality of retrieval."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
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
from rag.adapters.onnx_encoder import EIGHT_BITS
from rag.adapters.weights import BUNDLED
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


def compare(
    naive: Naive, encoders: Sequence[Encoder], threads: Sequence[Thread], rounds: int, settings: Settings
) -> list[Row]:
    """Take the same comments in by both ways, in turns, with and without sentences' vectors, with each encoder."""
    count = sum(len(thread.visible) for thread in threads)
    words = sum(len(comment.body.split()) for thread in threads for comment in thread.visible)
    ways: list[tuple[str, Encoder]] = []
    for encoder in encoders:
        ways.append((f"{encoder.name}, passages", PassagesOnly(encoder, threads)))
        ways.append((f"{encoder.name}, passages and sentences", encoder))
    ours: list[list[Taken]] = [[] for _ in ways]
    other: list[Taken] = []
    for _ in range(rounds):
        other.append(_theirs(naive, threads))
        for times, (_, encoder) in zip(ours, ways, strict=True):
            times.append(_ours(encoder, threads, settings))
    what = f"{count:,} comments of {words / max(count, 1):.0f} words"
    return [
        faster("ingest", f"{what}: {name}", taken, other, count=count, unit="comments", goal=_GOAL)
        for taken, (name, _) in zip(ours, ways, strict=True)
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


def quality(naive: Naive, encoders: Sequence[Encoder], data: RetrievalSet, settings: Settings) -> list[Row]:
    """Ask a set's questions of both, after both took it in: nDCG@10 of the naive index, our vectors, our retriever."""
    threads = comments_alone(data.threads)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        naive.ingest(threads, Path(folder))
        other = _ndcg(data, lambda asked: naive.ranked(asked.question, asked.scope.thread_ids, _DEPTH))
    found = []
    for encoder in encoders:
        with _library(encoder, settings) as library:
            for thread in threads:
                library.add(thread)
            vectors = _ndcg(data, partial(_by_vectors, library, encoder))
            retriever = Retriever(library.catalogue, library.index, library.sentence_index, encoder)
            shipped = _ndcg(data, partial(_by_retriever, retriever))
        what = f"nDCG@10 on {data.name}, {len(data.asked)} questions: {encoder.name}"
        found.append(beside("quality", f"{what}, vectors alone", vectors, other, slack=_SLACK))
        found.append(beside("quality", f"{what}, as the product ranks", shipped, other, slack=_SLACK))
    return found


def _ndcg(data: RetrievalSet, ranked: Callable[[Asked], Sequence[str]]) -> float:
    """Return the mean in percent; each comment counts where it is ranked first."""
    return 100 * (mean([ndcg(list(dict.fromkeys(ranked(asked))), asked.gold) for asked in data.asked]) or 0.0)


def _by_retriever(retriever: Retriever, asked: Asked) -> list[str]:
    return [hit.passage.comment_id for hit in retriever.retrieve(query_for(asked), k=_DEPTH)]


def _by_vectors(library: Library, encoder: Encoder, asked: Asked) -> list[str]:
    """Rank comments by their nearest passage alone."""
    (vector,) = encoder.encode([asked.question])
    found = library.index.query(vector, 3 * _DEPTH, asked.scope.thread_ids)
    known = library.catalogue.passages_by_id([passage_id for passage_id, _ in found])
    return [known[passage_id].comment_id for passage_id, _ in found if passage_id in known]


def _opened(settings: Settings) -> tuple[Naive, list[Encoder]]:
    from eval.peers.naive_ingest import NaiveIngest

    encoders: list[Encoder] = [
        open_encoder(name, cache=settings.cache, threads=0) for name in dict.fromkeys((settings.encoder, BUNDLED))
    ]
    for encoder in encoders:
        encoder.encode(["warm"])
    return NaiveIngest(settings.encoder.removesuffix(EIGHT_BITS)), encoders


def rows(rounds: int, threads: int) -> list[Row]:
    """Compare on the threads of the gold, and on longer comments of a third-party set where it is at hand."""
    settings = Settings.from_environment()
    naive, encoders = _opened(settings)
    corpora = [[thread for gold in GOLD for thread in read_threads(gold)]]
    if root().is_dir():
        corpora.append(list(part_of(read_set("arct", root()), threads).threads))
    compare(naive, encoders[:1], comments_alone(corpora[0])[:1], 1, settings)  # loads what is not what is measured
    return [row for corpus in corpora for row in compare(naive, encoders, comments_alone(corpus), rounds, settings)]


def quality_rows(threads: int) -> list[Row]:
    """Compare the quality of retrieval on parts of third-party sets, where they are at hand."""
    if not root().is_dir():
        return [Row("quality", "third-party sets", "not at hand", note=f"they belong in {root()}")]
    settings = Settings.from_environment()
    naive, encoders = _opened(settings)
    found = []
    for name in QUALITY_SETS:
        data = part_of(read_set(name, root()), max(1, threads // 6) if name == "qmsum" else threads)
        found += quality(naive, encoders, data, settings)
    return found
