"""The catalogue on SQLite beside PostgreSQL: `python -m eval.bench_catalogue postgresql://user@host/an_empty_database`.

Both store the same made-up threads with the same vectors, and are asked the same words; encoding is left out. The
tables made in the database are dropped at the end.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from eval.bench_table import machine
from eval.corpus import Corpus
from eval.drawn import DrawnEncoder
from ingest.thread import Thread
from rag.lexical import words
from rag.library import Library
from rag.ports import Encoder
from rag.settings import Settings
from rag.storage import open_catalogue

__all__ = ["main"]

_TABLES = "answers_of answers authors name_parts passages vectors threads pending staged gone meta commentariat_schema"
_ANCHORS = 400


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both and print a table of times and ratios."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench_catalogue", description=__doc__)
    parser.add_argument("url", help="an empty PostgreSQL database")
    parser.add_argument("--comments", type=int, default=5_000, help="comments of the library [5000]")
    parser.add_argument("--rounds", type=int, default=3, help="times that the library is added to each [3]")
    parser.add_argument("--questions", type=int, default=200, help="questions [200]")
    options = parser.parse_args(arguments)
    corpus = Corpus(options.comments)
    threads = list(corpus.threads())
    anchors = np.random.default_rng(0).standard_normal((_ANCHORS, 384)).astype(np.float32)
    encoder = _Once(DrawnEncoder(corpus.vocabulary.words, len(corpus.vocabulary.common), anchors))
    asked = _questions(threads, options.questions)
    with tempfile.TemporaryDirectory() as folder:
        places = [Settings(home=Path(folder) / "file"), Settings(home=Path(folder) / "server")]
        places[1] = Settings(home=places[1].home, catalogue_url=options.url)
        found = _measure(places, encoder, threads, asked, options.rounds)
    rows = [f"| {what} | {_shown(file)} | {_shown(server)} | {server / file:.1f} |" for what, file, server in found]
    sys.stdout.write("\n".join(["| | SQLite | PostgreSQL | ratio |", "|---|---:|---:|---:|", *rows]))
    sys.stdout.write(f"\n\n{options.comments:,} comments in {len(threads)} threads. On {machine()}.\n")
    return 0


class _Once:
    """An encoder that encodes a text once, so that rounds differ by what is stored alone."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._known: dict[str, np.ndarray] = {}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts]) if texts else self._encoder.encode([])


def _questions(threads: Sequence[Thread], count: int) -> list[tuple[list[str], str]]:
    """Draw the words of questions from comments, each with the thread that they are from."""
    rng = np.random.default_rng(3)
    drawn: list[tuple[list[str], str]] = []
    while len(drawn) < count:
        thread = threads[int(rng.integers(len(threads)))]
        said = list(dict.fromkeys(words(thread.visible[int(rng.integers(len(thread.visible)))].body)))
        drawn.append(([str(word) for word in rng.permutation(said)[: rng.integers(3, 9)]], thread.id))
    return drawn


def _measure(
    places: Sequence[Settings],
    encoder: Encoder,
    threads: Sequence[Thread],
    asked: Sequence[tuple[list[str], str]],
    rounds: int,
) -> list[tuple[str, float, float]]:
    """Return what was measured, in seconds on each place."""
    taken: list[dict[str, list[float]]] = [{}, {}]
    agreed = 0.0
    for turn in range(rounds + 1):  # the first is not counted: it encodes
        libraries = [_open(place, encoder) for place in places]
        for times, library in zip(taken, libraries, strict=True):
            spent = _clock(partial(_add, library, threads))
            if turn:
                times.setdefault("add all", []).append(spent)
            if turn == rounds:
                _ask(times, library, asked)
        if turn == rounds:
            tops = [
                [{hit for hit, _ in library.catalogue.search(terms, 10)} for terms, _ in asked] for library in libraries
            ]
            agreed = float(np.mean([len(a & b) / max(1, len(a)) for a, b in zip(*tops, strict=True)]))
        for place, library in zip(places, libraries, strict=True):
            _drop(place, library)
    sys.stderr.write(f"the ten best passages agree to {100 * agreed:.1f}%\n")
    return [(what, median(taken[0][what]), median(taken[1][what])) for what in taken[0]]


def _ask(times: dict[str, list[float]], library: Library, asked: Sequence[tuple[list[str], str]]) -> None:
    stored = library.catalogue
    for terms, thread_id in asked:
        hits = [hit for hit, _ in stored.search(terms, 200)]
        for what, work in (
            ("words, the whole library", partial(stored.search, terms, 200)),
            ("words, one thread", partial(stored.search, terms, 200, [thread_id])),
            ("200 passages by id", partial(stored.passages_by_id, hits)),
            ("vectors of a thread", partial(library.index.fetch_thread, thread_id)),
            ("revision", stored.revision),
        ):
            times.setdefault(what, []).append(_clock(work))


def _add(library: Library, threads: Sequence[Thread]) -> None:
    for thread in threads:
        library.add(thread)


def _clock(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _open(place: Settings, encoder: Encoder) -> Library:
    return Library(place.home, encoder, catalogue=open_catalogue(place))


def _drop(place: Settings, library: Library) -> None:
    """Take away what was made."""
    if place.catalogue_url:
        with library.catalogue.store.writing() as connection:
            for table in _TABLES.split():
                connection.execute(f"DROP TABLE {table}")
            for kind in ("thread", "library"):
                connection.execute(f"DROP FUNCTION forget_answers_of_{kind}")
    library.close()
    for path in place.home.glob("*"):
        path.unlink()


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.2f} ms"


if __name__ == "__main__":
    sys.exit(main())
