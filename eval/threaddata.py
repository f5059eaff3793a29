"""Real nested threads of `slashdot_threads`, and questions about them whose answers are counted from the raw rows.

Nothing here uses the product's tree: replies, authors, depths and times are read off the rows themselves, so that the
product's answers are held to somebody else's count.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.draft import Draft, Text, ThreadDraft
from ingest.source import Source
from ingest.thread import Article, Thread
from ingest.tree import assemble

__all__ = ["Counted", "RawThread", "counted_questions", "joined", "key_of", "read_lines", "read_threads", "thread_of"]

Row = Mapping[str, Any]
_PLATFORM = "raw"
_FORMATS = ("%B %dth, %Y, %I:%M %p", "%B %dth, %Y at %I:%M %p", "%B %d, %Y", "%d %B %Y %I:%M%p")
_SEED = 7


@dataclass(frozen=True, slots=True)
class RawThread:
    """A page as the set holds it: an article and comments with `id`, `parent_id`, `author`, `time` and `text`."""

    id: str
    title: str
    article: str
    rows: Sequence[Row]

    @property
    def times(self) -> tuple[datetime, ...]:
        """Return the time of every row; nothing unless every one has a time that can be read."""
        found = [_time(row["time"]) for row in self.rows]
        return tuple(time for time in found if time) if all(found) else ()


@dataclass(frozen=True, slots=True)
class Counted:
    """A question with its counted answer: a number, names, and the raw ids of the comments behind them.

    `cites` holds the evidence lists that are right, any one of them; none means that the list is not judged.
    `absent`: somebody is asked about who is not there, which must be said.
    """

    thread: str
    kind: str
    question: str
    number: int | None = None
    names: tuple[str, ...] = ()
    cites: tuple[frozenset[str], ...] = ()
    absent: bool = False


def read_lines(path: Path) -> list[Any]:
    """Read a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def read_threads(folder: Path) -> tuple[RawThread, ...]:
    """Read the threads of the half that is here."""
    rows = read_lines(sorted(folder.glob("threads.[AB].jsonl"))[0])
    return tuple(RawThread(row["thread_id"], row["title"], row["article"], row["comments"]) for row in rows)


def thread_of(raw: RawThread) -> Thread:
    """Put a raw thread together as a loader does."""
    times = raw.times or (None,) * len(raw.rows)
    drafts = tuple(
        Draft(
            key=f"{raw.id}/{row['id']}",
            parent_key=f"{raw.id}/{row['parent_id']}" if row["parent_id"] else None,
            author=row["author"],
            text=Text(row["text"]),
            created_at=time.isoformat(timespec="seconds") if time else None,
        )
        for row, time in zip(raw.rows, times, strict=True)
    )
    draft = ThreadDraft(_PLATFORM, raw.id, Article(title=raw.title, text=raw.article), drafts, missing=None)
    return assemble(draft, Source(name=raw.id, data=raw.id.encode()))


def joined(raws: Sequence[RawThread], size: int) -> RawThread:
    """Put threads one after the other, over and over, until there are so many comments: for timings alone."""
    rows: list[Row] = []
    while len(rows) < size and raws:
        for raw in raws:
            lead = f"{len(rows)}-"
            rows += [
                {**row, "id": lead + row["id"], "parent_id": row["parent_id"] and lead + row["parent_id"]}
                for row in raw.rows
            ]
    return RawThread("joined", raws[0].title if raws else "", raws[0].article if raws else "", rows[:size])


def key_of(comment_id: str) -> str:
    """Return the raw id behind a comment's id; the article's stays."""
    return comment_id.rpartition("/")[2]


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    for ending in ("st,", "nd,", "rd,"):
        text = text.replace(ending, "th,")
    for form in _FORMATS:
        try:
            return datetime.strptime(text.strip(), form)
        except ValueError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class _Count:
    """What the rows of a thread come to."""

    rows: Sequence[Row]
    author: Mapping[str, str] = field(default_factory=dict)
    parent: Mapping[str, str | None] = field(default_factory=dict)

    def by(self, name: str) -> frozenset[str]:
        return frozenset(row["id"] for row in self.rows if row["author"] == name)

    def to(self, name: str) -> frozenset[str]:
        return frozenset(row["id"] for row in self.rows if row["parent_id"] and self.author[row["parent_id"]] == name)

    def depth(self, key: str | None) -> int:
        return 0 if key is None else 1 + self.depth(self.parent[key])

    def chain(self, key: str | None) -> frozenset[str]:
        return frozenset() if key is None else self.chain(self.parent[key]) | {key}


def counted_questions(raw: RawThread, people: int = 6) -> Iterator[Counted]:
    """Yield questions of every kind about a thread, each in several wordings, with what the rows say."""
    count = _Count(
        raw.rows, {row["id"]: row["author"] for row in raw.rows}, {row["id"]: row["parent_id"] for row in raw.rows}
    )
    for kind, words, gold in (*_whole(raw, count), *_people(count, people), *_pairs(count, people)):
        for question in _WORDINGS[kind]:
            yield Counted(raw.id, kind, question.format(**words), **gold)


_Asked = tuple[str, dict[str, str], dict[str, Any]]


def _whole(raw: RawThread, count: _Count) -> Iterator[_Asked]:
    rows = raw.rows
    every = frozenset(row["id"] for row in rows)
    parents = {row["parent_id"] for row in rows}
    top = frozenset(row["id"] for row in rows if not row["parent_id"])
    wrote = Counter(row["author"] for row in rows)
    most = tuple(name for name, n in wrote.items() if n == max(wrote.values()))
    unanswered = every - parents
    yield "comments", {}, {"number": len(rows), "cites": (every,)}
    yield "commenters", {}, {"number": len(wrote), "cites": (every,)}
    yield "top level", {}, {"number": len(top), "cites": (top,)}
    yield "replies", {}, {"number": len(rows) - len(top), "cites": (every - top,)}
    yield "unanswered", {}, {"number": len(unanswered), "cites": (unanswered,)}
    cites = frozenset(row["id"] for row in rows if row["author"] in most)
    yield "most", {}, {"names": most, "cites": (cites,)}
    if len(top) < len(rows):
        deepest = max(count.depth(row["id"]) for row in rows)
        chains = tuple(count.chain(row["id"]) for row in rows if count.depth(row["id"]) == deepest)
        ends = frozenset(row["id"] for row in rows if count.depth(row["id"]) == deepest)
        # One chain in full; the ends of those as deep may stand beside it.
        cited = tuple(dict.fromkeys(chain | more for chain in chains for more in (ends, frozenset[str]())))
        yield "deepest", {}, {"number": deepest, "cites": cited}
    if raw.times or all(row["time"] is None for row in rows):
        order = sorted(range(len(rows)), key=lambda at: raw.times[at]) if raw.times else list(range(len(rows)))
        first, last = rows[order[0]], rows[order[-1]]
        yield "first", {}, {"names": (first["author"],), "cites": (frozenset({first["id"]}),)}
        yield "last", {}, {"names": (last["author"],), "cites": (frozenset({last["id"]}),)}
    longest = max(len(row["text"].split()) for row in rows)
    long = tuple(row for row in rows if len(row["text"].split()) == longest)
    cites = frozenset(row["id"] for row in long)
    yield "longest", {}, {"names": tuple(row["author"] for row in long), "number": longest, "cites": (cites,)}


def _people(count: _Count, most: int) -> Iterator[_Asked]:
    chance = random.Random(_SEED)  # noqa: S311 - a drawn sample, no secret
    wrote = Counter(row["author"] for row in count.rows)
    named = [name for name, _ in wrote.most_common(2)]
    named += chance.sample(sorted(set(wrote) - set(named)), most - 2)
    answered = sorted({count.author[row["parent_id"]] for row in count.rows if row["parent_id"]})
    named += chance.sample(answered, min(2, len(answered)))
    for name in dict.fromkeys(named):
        own, replies = count.by(name), count.to(name)
        yield "by", {"x": name}, {"number": len(own), "cites": (own,)}
        answers = frozenset(key for key in own if count.parent[key])
        targets = tuple(sorted({count.author[str(count.parent[key])] for key in answers} - {name}))
        if not replies & own:
            yield "replies to", {"x": name}, {"number": len(replies), "cites": (replies,)}
            repliers = tuple(sorted({count.author[key] for key in replies}))
            yield "who replied", {"x": name}, {"names": repliers, "cites": (replies,)}
        if targets or not answers:
            yield "whom", {"x": name}, {"names": targets, "cites": (answers,)}
    for kind in ("by", "replies to", "who replied"):
        yield kind, {"x": "Zebulon Quarrie"}, {"absent": True}


def _pairs(count: _Count, most: int) -> Iterator[_Asked]:
    chance = random.Random(_SEED)  # noqa: S311 - a drawn sample, no secret
    pairs = sorted(
        {(row["author"], count.author[row["parent_id"]]) for row in count.rows if row["parent_id"]}
        - {(row["author"], row["author"]) for row in count.rows}
    )
    drawn = chance.sample(pairs, min(most, len(pairs)))
    names = sorted({row["author"] for row in count.rows})
    drawn += [pair for pair in (tuple(chance.sample(names, 2)) for _ in range(most)) if pair not in pairs][: most // 2]
    for x, y in drawn:
        found = count.by(x) & count.to(y)
        back = count.by(y) & count.to(x)
        gold: dict[str, Any] = {"names": ("Yes" if found else "No",), "cites": (found or back,)}
        yield "did reply", {"x": x, "y": y}, gold


_WORDINGS: Mapping[str, tuple[str, ...]] = {
    "comments": (
        "How many comments are there?", "what's the total number of comments", "How many posts does this thread have?",
        "How busy is this thread?", "Wie viele Kommentare gibt es?",
    ),
    "commenters": (
        "How many people commented?", "number of distinct posters", "How many different users took part?",
        "How many individual commenters are there in this discussion?",
    ),
    "top level": (
        "How many top-level comments are there?", "How many of the comments are not replies to anybody?",
        "How many comments start a new thread?",
    ),
    "replies": (
        "How many of the comments are replies?", "how many replies are there in total",
        "How many comments reply to another comment?",
    ),
    "unanswered": (
        "How many comments got no reply?", "Which comments did nobody reply to?", "comments without replies",
        "How many comments were left unanswered?",
    ),
    "most": (
        "Who commented most?", "who chimed in most", "Who posted the most comments?", "Most active commenter?",
        "Wer hat am meisten kommentiert?",
    ),
    "first": ("Who commented first?", "who posted the first comment", "Whose comment came first?"),
    "last": ("Who had the last word?", "who wrote the latest comment", "Who was the last person to comment?"),
    "longest": ("Which comment is the longest?", "who wrote the longest comment", "What's the longest post?"),
    "deepest": (
        "How long is the longest chain of replies?", "how deep does the discussion go", "What is the deepest chain?",
        "How long is the longest back-and-forth?",
    ),
    "by": (
        "How many comments did {x} write?", "how often did {x} post", "Number of comments by {x}?",
        "How many of the comments are {x}'s?", "Wie viele Kommentare hat {x} geschrieben?",
    ),
    "replies to": (
        "How many replies did {x} get?", "how many direct replies are there to {x}",
        "How many times was {x} replied to?",
    ),
    "who replied": (
        "Who replied to {x}?", "anyone answer {x}? who?", "Which people responded to {x}?",
        "Wer hat auf {x} geantwortet?",
    ),
    "whom": ("Whom did {x} reply to?", "who did {x} answer", "To whom did {x} respond?"),
    "did reply": (
        "Did {x} reply to {y}?", "did {x} ever respond to {y}", "Has {x} answered {y}?",
        "Was {y} answered by {x}?",
    ),
}  # fmt: skip
