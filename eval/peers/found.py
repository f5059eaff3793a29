"""What a system finds before any model speaks: a product of retrieval alone, so the whole gold can be asked.

Peers find chunks of the laid-out text, the product finds passages of one comment each. What peers found is stored by
the offsets of the chunks, keyed like their answers. `words` are what a model would have to read; `in 300 words` cuts
every system off at the same reading.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.cases import Case
from eval.measures import mean
from eval.peers.layout import Layout
from eval.peers.stored import answer_key, answers_path
from eval.summary import Record
from ingest.thread import ARTICLE, Thread

__all__ = [
    "FINDERS",
    "KINDS",
    "Found",
    "Source",
    "figures",
    "found_by",
    "sources_of_records",
    "stored_sources",
    "write_sources",
]

FINDERS = ("naive", "haystack", "haiku")
"""Peers that find something of their own; condense finds what naive does, apart from rewritten follow-ups."""

KINDS = ("fact", "who_said", "several", "stance", "follow_up", "injection")
"""What is looked up; counted questions and overviews are answered in other ways."""

BUDGET = 300
TOP = 3


@dataclass(frozen=True, slots=True)
class Source:
    """One thing found: its words, and the comments (by number, with the author) whose words they are, in order."""

    words: int
    parts: tuple[tuple[str, str | None, int], ...]
    """(number, author, words of it)."""

    def first(self, words: int) -> "Source":
        """Return what is left when only the first words are read; headings between comments cost nothing."""
        parts, left = [], words
        for number, author, count in self.parts:
            if left > 0:
                parts.append((number, author, min(count, left)))
                left -= count
        return Source(min(self.words, words), tuple(parts))

    @property
    def speaker(self) -> str | None:
        """Return who wrote most of it; None for the article and for nobody."""
        totals: dict[str | None, int] = {}
        for _, author, count in self.parts:
            totals[author] = totals.get(author, 0) + count
        return max(totals, key=lambda name: totals[name], default=None)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for one case, best first."""

    case: Case
    sources: tuple[Source, ...]
    speakers: frozenset[str]
    """Who wrote the gold comments."""


def _speakers(case: Case, thread: Thread) -> frozenset[str]:
    return frozenset(comment.author for comment in thread.visible if comment.author and comment.tag in case.cites)


def _source(layout: Layout, start: int, end: int) -> Source:
    inside = [
        (region, max(start, region.start), min(end, region.end))
        for region in layout.regions
        if min(end, region.end) > max(start, region.start)
    ]
    parts = tuple((region.number, region.author, len(layout.text[a:b].split())) for region, a, b in inside)
    return Source(len(layout.text[start:end].split()), tuple(part for part in parts if part[2]))


def write_sources(
    path: Path, thread: Thread, cases: Sequence[Case], texts: Sequence[Sequence[str]], about: Mapping[str, Any]
) -> None:
    """Store where the chunks found for each case begin and end in the laid-out text."""
    layout = Layout(thread)
    lines = []
    for case, chunks in zip(cases, texts, strict=True):
        spans = [_span(layout, chunk) for chunk in chunks]
        line = {"key": answer_key(case, thread), "case": case.id, "spans": [span for span in spans if span]}
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    head = json.dumps({"about": dict(about)}, ensure_ascii=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + "".join(lines), encoding="utf-8")


def _span(layout: Layout, chunk: str) -> list[int]:
    begin = layout.text.find(chunk.strip())
    return [begin, begin + len(chunk.strip())] if begin >= 0 and chunk.strip() else []


def stored_sources(name: str, set_name: str, cases: Sequence[Case], thread: Thread) -> list[Found]:
    """Return what a peer found for the cases whose stored entry is not stale."""
    path = answers_path(f"{name}.sources", set_name)
    if not path.is_file():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    spans = {row["key"]: row["spans"] for row in rows if "key" in row}
    layout = Layout(thread)
    known = [(case, spans.get(answer_key(case, thread))) for case in cases]
    return [
        Found(case, tuple(_source(layout, *span) for span in found), _speakers(case, thread))
        for case, found in known
        if found is not None
    ]


def sources_of_records(records: Sequence[Record], thread: Thread) -> list[Found]:
    """Return what the product found, from the evidence of a run."""
    return [
        Found(
            record.case,
            tuple(
                Source(len(words), ((str(hit["number"]), hit.get("author"), len(words)),))
                for hit in record.answer.get("evidence") or ()
                for words in [str(hit["text"]).split()]
            ),
            _speakers(record.case, thread),
        )
        for record in records
    ]


def found_by(jobs: Iterable[tuple[str, Thread, Sequence[Case]]], records: Sequence[Record]) -> dict[str, list[Found]]:
    """Return what each system found over (set, thread, cases): the product from its records, peers as stored."""
    rows: dict[str, list[Found]] = {}
    for set_name, thread, cases in jobs:
        for name in dict.fromkeys(record.system for record in records):
            mine = [record for record in records if record.system == name and record.thread == set_name]
            rows.setdefault(name, []).extend(sources_of_records(mine, thread))
        for name in FINDERS:
            rows.setdefault(name, []).extend(stored_sources(name, set_name, cases, thread))
    return {name: found for name, found in rows.items() if found}


def figures(found: Sequence[Found]) -> dict[str, float]:
    """Return the figures of what was found, shares from 0 to 1; over questions that are looked up and have gold.

    `one comment` is the share of sources that are one comment's words, so that a link to it is the whole citation.
    `speaker` is the share of questions about comments whose first source is mostly a right person's words.
    """
    asked = [one for one in found if one.case.kind in KINDS and one.case.answerable and one.case.cites]
    people = [one for one in asked if ARTICLE not in one.case.cites and one.speakers]
    shown = [source for one in asked for source in one.sources[:TOP]]
    rows = {
        "found at 1": mean(_recall(one, one.sources[:1]) for one in asked),
        "found at 3": mean(_recall(one, one.sources[:TOP]) for one in asked),
        "words": mean(float(sum(source.words for source in one.sources[:TOP])) for one in asked),
        "in 300 words": mean(_recall(one, _within(one.sources, BUDGET)) for one in asked),
        "one comment": mean(float(len(source.parts) == 1) for source in shown),
        "speaker": mean(float(bool(one.sources) and one.sources[0].speaker in one.speakers) for one in people),
    }
    return {"n": float(len(asked)), **{name: value for name, value in rows.items() if value is not None}}


def _recall(one: Found, sources: Sequence[Source]) -> float:
    numbers = {number for source in sources for number, _, _ in source.parts}
    gold = set(one.case.cites)
    if not numbers & gold and numbers & set(one.case.also):
        return 1.0
    return len(gold & numbers) / len(gold)


def _within(sources: Sequence[Source], budget: int) -> list[Source]:
    kept, left = [], budget
    for source in sources:
        if left > 0:
            kept.append(source.first(left))
            left -= source.words
    return kept
