"""Measure the product on real nested threads that nobody here wrote: `python -m eval.sets_threads [--wrong]`.

The threads of `slashdot_threads` go into a library of their own, and questions go through the engine in quotes mode:
questions of structure with answers counted from the raw rows, verbatim quotations to be traced to whoever wrote them,
and questions of content whose every sentence must be put under the right name. The retriever is asked for the comment
that a reply answers. Vectors are kept under `.eval/`.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.measures import mean, percentile
from eval.ranking import recall, reciprocal_rank
from eval.sets import root
from eval.systems import EngineSystem
from eval.threaddata import Counted, RawThread, counted_questions, joined, key_of, read_lines, read_threads, thread_of
from eval.vectors import CachedEncoder
from ingest.thread import ARTICLE, Thread
from rag import structure
from rag.adapters.encoders import open_encoder
from rag.build import Workspace
from rag.evidence import Scope
from rag.models import ModelSlot
from rag.query import Query
from rag.question import understand
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.storage import open_library

__all__ = ["SETS", "Wrong", "counted_right", "figures", "main", "measure", "traced_right"]

SETS = ("slashdot_threads",)
_CACHE = Path(__file__).resolve().parents[1] / ".eval"
_LARGE = 1000  # comments of the thread that is timed
_ABOUT = 12  # comments of each thread that questions of content are made from
_QUOTING = ("Who wrote “{}”?", "Where is it said that “{}”?", 'which comment says "{}"')

Answered = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A question that was answered wrongly: of what kind, and what was said."""

    kind: str
    question: str
    said: str


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures in percent, how many cases each rests on, what was wrong, and milliseconds a structure answer takes."""

    figures: Mapping[str, float]
    cases: Mapping[str, int]
    wrong: Sequence[Wrong]
    p50: float
    p95: float
    large: float

    def lines(self) -> Iterator[str]:
        """Yield the figures as a person reads them."""
        for name, value in self.figures.items():
            yield f"  {name:34s} {value:5.1f}   of {self.cases[name]}"
        yield f"  a structure answer takes {self.p50:.0f} ms, 95% of them at most {self.p95:.0f} ms"
        yield f"  over {_LARGE:,} comments 95% of them take at most {self.large:.0f} ms"


class _Tally:
    """Counts what is right by measure, and keeps what is not."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.of: Counter[str] = Counter()
        self.wrong: list[Wrong] = []

    def add(self, measure: str, kind: str, question: str, said: str, right: bool) -> None:
        """Count one case."""
        self.of[measure] += 1
        self.right[measure] += right
        if not right:
            self.wrong.append(Wrong(kind, question, said))

    def share(self, measure: str) -> float:
        """Return the share of a measure that is right, in percent."""
        return 100 * self.right[measure] / max(1, self.of[measure])


def counted_right(asked: Counted, answer: Answered) -> bool:
    """Tell whether an answer gives the counted number and names, and rests on exactly the comments counted."""
    if asked.absent:
        return bool(answer["reason"] == "person_absent")
    if answer["route"] != "structure" or answer["abstained"] or not answer["claims"]:
        return False
    text = str(answer["claims"][0]["text"])
    if asked.number is not None and not asked.names and _number(text) != asked.number:
        return False
    if asked.number is not None and asked.names and not re.search(rf"(?<!\w){asked.number:,}(?!\w)", text):
        return False
    if any(name not in text for name in asked.names):
        return False
    cited = frozenset(key_of(one["comment"]) for one in answer["claims"][0]["citations"])
    return not asked.cites or cited in asked.cites


_NONE = re.compile(r"(?:None|Nobody|No)\b")
_ONE = re.compile(r"The only\b")


def _number(text: str) -> int | None:
    """Return the number that a counted answer tells first."""
    if _NONE.match(text):
        return 0
    if _ONE.match(text):
        return 1
    found = re.search(r"(?<![\w(])\d[\d,]*(?![\w)])", text)
    return int(found[0].replace(",", "")) if found else None


def traced_right(answer: Answered, source: str, quoting: str) -> bool:
    """Tell whether an answer cites the source of a quotation alone, and not the comment that quotes it."""
    cited = [key_of(one["comment"]) for claim in answer["claims"] for one in claim["citations"]]
    return not answer["abstained"] and bool(cited) and set(cited) == {source} and quoting not in cited


def _spoken_right(claim: Mapping[str, Any], authors: Mapping[str, str]) -> bool:
    """Tell whether each citation of a claim is by somebody whom the claim names, by the raw rows."""
    text = str(claim["text"])
    return bool(claim["citations"]) and all(
        (authors[key_of(one["comment"])] if one["comment"] != ARTICLE else "The article") in text
        for one in claim["citations"]
    )


def about(raw: RawThread, most: int = _ABOUT) -> Iterator[str]:
    """Yield questions of content about a thread: what somebody says, and who speaks, of a comment's rarest word."""
    held = [set(re.findall(r"[a-z]{5,}", row["text"].lower())) for row in raw.rows]
    spread = Counter(word for words in held for word in words)
    step = max(1, len(raw.rows) // most)
    for row, words in list(zip(raw.rows, held, strict=True))[::step][:most]:
        if words:
            rarest = min(sorted(words), key=lambda word: (spread[word], -len(word)))
            yield f"What does {row['author']} say about {rarest}?"
            yield f"Who talks about {rarest}?"


@contextmanager
def _opened(threads: Sequence[Thread], settings: Settings) -> Iterator[Workspace]:
    base = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
    encoder = CachedEncoder(base, _CACHE / "vectors", "slashdot")
    with tempfile.TemporaryDirectory(prefix="commentariat-eval-") as home:
        settings = replace(settings, home=Path(home), answer_cache=False, answerer="quotes")
        with Workspace(settings, open_library(settings, encoder=encoder), ModelSlot(settings)) as workspace:
            for thread in threads:
                workspace.library.add(thread)
            yield workspace
        encoder.save()


def measure(folder: Path, settings: Settings) -> Measured:
    """Ask everything about every thread of the set."""
    raws = read_threads(folder)
    threads = {raw.id: thread_of(raw) for raw in raws}
    tally, times = _Tally(), list[float]()
    with _opened(tuple(threads.values()), settings) as workspace:
        systems = {
            key: EngineSystem(workspace.engine, "quotes", Scope(thread_ids=(one.id,)), "quotes")
            for key, one in threads.items()
        }
        for raw in raws:
            for asked in counted_questions(raw):
                reply = systems[raw.id].reply(_case(asked.question))
                right = counted_right(asked, reply.answer)
                tally.add("structure", asked.kind, asked.question, reply.answer["answer"], right)
                times.append(reply.ms["total_ms"])
        _trace(folder, raws, systems, tally)
        _attribute(raws, systems, tally)
        ranks = _parents(folder, raws, threads, workspace)
    values = {name: round(tally.share(name), 2) for name in tally.of}
    values |= {name: 100 * (mean(found) or 0.0) for name, found in ranks.items()}
    cases = {**tally.of, **{name: len(found) for name, found in ranks.items()}}
    p50, p95 = percentile(times, 0.5) or 0.0, percentile(times, 0.95) or 0.0
    return Measured(values, cases, tally.wrong, p50, p95, _large(raws))


def _large(raws: Sequence[RawThread]) -> float:
    """Return the milliseconds that 95% of the structure answers over a large thread take at most."""
    raw = joined(raws, _LARGE)
    thread, times = thread_of(raw), list[float]()
    for asked in counted_questions(raw):
        start = time.perf_counter()
        structure.answer(understand(asked.question, (), (thread,)), (thread,))
        times.append(1000 * (time.perf_counter() - start))
    return percentile(times, 0.95) or 0.0


def _trace(folder: Path, raws: Sequence[RawThread], systems: Mapping[str, EngineSystem], tally: _Tally) -> None:
    for number, row in enumerate(read_lines(sorted(folder.glob("quote_source.[AB].jsonl"))[0])):
        question = _QUOTING[number % len(_QUOTING)].format(row["quote"])
        answer = systems[row["thread_id"]].reply(_case(question)).answer
        right = traced_right(answer, row["gold_source"], row["in_comment"])
        tally.add("quotation, source", "quotation", question, f"{row['gold_source']}: {answer['answer']}", right)
        _spoken(raws, row["thread_id"], answer, question, tally)


def _attribute(raws: Sequence[RawThread], systems: Mapping[str, EngineSystem], tally: _Tally) -> None:
    for raw in raws:
        for question in about(raw):
            answer = systems[raw.id].reply(_case(question)).answer
            if answer["route"] != "structure" and not answer["abstained"]:
                _spoken(raws, raw.id, answer, question, tally)


def _spoken(raws: Sequence[RawThread], thread: str, answer: Answered, question: str, tally: _Tally) -> None:
    authors = next({row["id"]: row["author"] for row in raw.rows} for raw in raws if raw.id == thread)
    for claim in answer["claims"]:
        tally.add("attribution", "attribution", question, claim["text"], _spoken_right(claim, authors))


def _parents(
    folder: Path, raws: Sequence[RawThread], threads: Mapping[str, Thread], workspace: Workspace
) -> dict[str, list[float]]:
    """Rank the other comments of a thread for each reply by its text alone; what is right is what it answers."""
    library = workspace.library
    retriever = Retriever(library.catalogue, library.index, library.sentence_index, library.encoder)
    texts = {(raw.id, row["id"]): row["text"] for raw in raws for row in raw.rows}
    found: dict[str, list[float]] = {"reply, parent MRR@10": [], "reply, parent R@1": [], "reply, parent R@5": []}
    for row in read_lines(sorted(folder.glob("reply_parent.[AB].jsonl"))[0]):
        text = texts[row["thread_id"], row["query_comment"]]
        scope = Scope(thread_ids=(threads[row["thread_id"]].id,), part="comments")
        hits = retriever.retrieve(Query(text, text, (text,), scope=scope), k=40)
        ranked = [
            key for key in dict.fromkeys(key_of(hit.passage.comment_id) for hit in hits) if key != row["query_comment"]
        ]
        gold = {row["gold_parent"]}
        found["reply, parent MRR@10"].append(reciprocal_rank(ranked, gold))
        found["reply, parent R@1"].append(recall(ranked, gold, 1))
        found["reply, parent R@5"].append(recall(ranked, gold, 5))
    return found


def _case(question: str) -> Any:
    from eval.cases import Case

    return Case(id="", kind="structure", q=question, raw={})


def figures(name: str) -> dict[str, dict[str, float]]:
    """Measure the set; return its figures in percent under its name."""
    with tempfile.TemporaryDirectory() as cache:
        found = measure(root() / name, Settings.from_environment(cache=Path(cache)))
    return {name: {key: round(value, 2) for key, value in found.figures.items()}}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 also where the set is absent."""
    parser = argparse.ArgumentParser(prog="python -m eval.sets_threads", description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="also print what was answered wrongly")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    folder = root() / SETS[0]
    if not folder.is_dir():
        sys.stdout.write(f"Skipped: the set is not at {folder}.\n")
        return 0
    with tempfile.TemporaryDirectory() as cache:
        found = measure(folder, Settings.from_environment(cache=Path(cache)))
    sys.stdout.write("\n".join([SETS[0], *found.lines()]) + "\n")
    for one in found.wrong if options.wrong else ():
        sys.stdout.write(f"  {one.kind}: {one.question}\n      {one.said[:300]}\n")
    if options.json:
        options.json.write_text(json.dumps(dict(found.figures), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
