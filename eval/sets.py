"""Measure the shipped retriever on labelled sets that nobody here wrote: `python -m eval.sets [--only NAME]`.

The sets lie in `../shared/evalsets` beside the repository and are never copied into it. A first run embeds some 1.6
million words, which takes a quarter of an hour on two cores; the vectors are kept under `.eval/`.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.measures import Interval, bootstrap, mean, percentile
from eval.memory import MemoryCatalogue, MemoryIndex, fill
from eval.ranking import average_precision, ndcg, reciprocal_rank
from eval.setdata import SETS, Asked, RetrievalSet, read_set
from eval.vectors import CachedEncoder
from ingest.thread import Thread
from rag.adapters.encoders import open_encoder
from rag.evidence import Hit
from rag.ports import Encoder
from rag.query import Query
from rag.question import understand
from rag.retrieve import Retriever
from rag.settings import Settings

__all__ = ["Outcome", "figures", "main", "measure", "query_for", "root"]

MEASURES = ("R@1", "MRR@10", "nDCG@10", "MAP")
_DEPTH = 60  # hits asked for where many texts are ranked
_CACHE = Path(__file__).resolve().parents[1] / ".eval"


def root() -> Path:
    """Return where the sets lie, whether they do or not."""
    return Path(__file__).resolve().parents[2] / "shared" / "evalsets"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a set measured to: every measure in percent with its interval, and warm latency in milliseconds."""

    name: str
    measures: Mapping[str, Interval]
    aims: Mapping[str, float]
    unscored: int
    p50: float
    p95: float

    @property
    def missed(self) -> tuple[str, ...]:
        """Return the measures that fall short of their aim."""
        return tuple(name for name, aim in self.aims.items() if round(self.measures[name].value, 1) < aim)


def query_for(asked: Asked, threads: Sequence[Thread] = ()) -> Query:
    """Understand a question after its history, as the engine does, but within the scope that the set states."""
    found = understand(asked.question, asked.history, threads, asked.scope)
    return Query(asked.question, found.resolved, found.searches, scope=asked.scope, before=found.before)


def measure(data: RetrievalSet, encoder: Encoder) -> Outcome:
    """Put every question of a set to the retriever and score its ranking."""
    catalogue, index, sentence_index = MemoryCatalogue(data.threads), MemoryIndex(), MemoryIndex()
    fill(catalogue, index, sentence_index, encoder)
    retriever = Retriever(catalogue, index, sentence_index, encoder)
    queries = [query_for(asked) for asked in data.asked]
    encoder.encode([form for query in queries for form in (*query.searches, query.before) if form])
    for thread_ids in dict.fromkeys(asked.scope.thread_ids for asked in data.asked):
        retriever.warm(thread_ids)
    scored: dict[str, list[dict[str, float]]] = {}
    times: list[float] = []
    for asked, query in zip(data.asked, queries, strict=True):
        start = time.perf_counter()
        hits = retriever.retrieve(query, k=_depth(data, asked, catalogue))
        times.append(1000 * (time.perf_counter() - start))
        scored.setdefault(asked.group, []).append(_scores(_ranked(hits, data.by_thread), asked))
    intervals = {}
    for name in MEASURES:
        shares = {group: [100 * row[name] for row in rows] for group, rows in scored.items()}
        intervals[name] = bootstrap(shares, mean) or Interval(0.0, 0.0, 0.0, 0)
    return Outcome(
        data.name, intervals, data.aims, data.unscored, percentile(times, 0.5) or 0.0, percentile(times, 0.95) or 0.0
    )


def _depth(data: RetrievalSet, asked: Asked, catalogue: MemoryCatalogue) -> int:
    if data.by_thread or "MAP" not in data.aims:
        return _DEPTH
    return sum(len(catalogue.passages(thread_id)) for thread_id in asked.scope.thread_ids)


def _ranked(hits: Sequence[Hit], by_thread: bool) -> list[str]:
    return list(dict.fromkeys(hit.passage.thread_id if by_thread else hit.passage.comment_id for hit in hits))


def _scores(ranked: Sequence[str], asked: Asked) -> dict[str, float]:
    return {
        "R@1": float(ranked[:1] != [] and ranked[0] in asked.gold),
        "MRR@10": reciprocal_rank(ranked, asked.gold),
        "nDCG@10": ndcg(ranked, asked.gold),
        "MAP": average_precision(ranked, asked.gold),
    }


def _table(outcomes: Sequence[Outcome]) -> str:
    lines = [f"{'set':<12}{'n':>6}" + "".join(f"{name:>22}" for name in MEASURES) + f"{'p50 ms':>9}{'p95 ms':>9}"]
    for one in outcomes:
        cells = "".join(f"{_cell(one, name):>22}" for name in MEASURES)
        count = one.measures["R@1"].n
        lines.append(f"{one.name:<12}{count:>6}{cells}{one.p50:>9.1f}{one.p95:>9.1f}")
        if one.unscored:
            lines.append(f"{'':<12}{one.unscored:>6} unscored: nothing right to be found")
    return "\n".join(lines)


def _cell(outcome: Outcome, name: str) -> str:
    found = outcome.measures[name]
    aim = outcome.aims.get(name)
    mark = "" if aim is None else f" {'<' if name in outcome.missed else '≥'}{aim:g}"
    return f"{found.value:.1f} [{found.low:.0f}–{found.high:.0f}]{mark}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sets and print one line each; 0 also where the sets are absent or an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m eval.sets", description=__doc__)
    parser.add_argument("--only", action="append", choices=SETS, help="run this set alone; may be repeated")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    if not root().is_dir():
        print(f"Skipped: the third-party sets are not at {root()}.")
        return 0
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(cache=Path(folder))
        for name in options.only or SETS:
            print(f"{name} …", file=sys.stderr, flush=True)
            outcomes.append(_measured(name, settings))
            print(_table(outcomes[-1:]), file=sys.stderr, flush=True)
    print(_table(outcomes))
    if options.json:
        options.json.write_text(json.dumps([_plain(one) for one in outcomes], indent=1) + "\n", encoding="utf-8")
    return 0


def figures(name: str) -> dict[str, dict[str, float]]:
    """Measure one set; return its values in percent under its name."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = _measured(name, Settings.from_environment(cache=Path(folder)))
    return {outcome.name: {measure: round(one.value, 2) for measure, one in outcome.measures.items()}}


def _measured(name: str, settings: Settings) -> Outcome:
    base = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
    encoder = CachedEncoder(base, _CACHE / "vectors", name.split("_")[0])
    outcome = measure(read_set(name, root()), encoder)
    encoder.save()
    return outcome


def _plain(outcome: Outcome) -> dict[str, object]:
    return {
        "set": outcome.name,
        "measures": {
            name: {"value": round(one.value, 2), "low": round(one.low, 2), "high": round(one.high, 2), "n": one.n}
            for name, one in outcome.measures.items()
        },
        "aims": dict(outcome.aims),
        "unscored": outcome.unscored,
        "p50_ms": round(outcome.p50, 1),
        "p95_ms": round(outcome.p95, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
