"""Counts over a comment tree, written apart from the product's own, to check the gold of structure questions."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.thread import Thread

__all__ = ["CHECKS", "Recount", "Row", "recount", "rows_of"]


@dataclass(frozen=True, slots=True)
class Row:
    """One visible comment: its number, whom it answers (None at the top, or under a comment that is not visible)."""

    number: int
    author: str | None
    parent: int | None
    level: int
    words: int
    score: int | None


@dataclass(frozen=True, slots=True)
class Recount:
    """A counted answer: a number, the names it gives, and the comments it rests on."""

    count: int
    names: tuple[str, ...]
    cites: tuple[str, ...]


def rows_of(thread: Thread) -> tuple[Row, ...]:
    """Return the visible comments of a thread as rows."""
    numbers = {comment.id: comment.number for comment in thread.visible}
    rows: list[Row] = []
    levels: dict[str, int] = {}
    for comment in thread.comments:
        levels[comment.id] = levels[comment.parent_id] + 1 if comment.parent_id else 0
        if comment.number is not None and comment.visible:
            parent = numbers.get(comment.parent_id) if comment.parent_id else None
            words = len(comment.body.split())
            rows.append(Row(comment.number, comment.author, parent, levels[comment.id], words, comment.score))
    return tuple(rows)


def recount(check: str, rows: Sequence[Row]) -> Recount:
    """Count what a case's `check` asks for, such as `by:Ada`. Raises ValueError for a check that does not exist."""
    name, _, argument = check.partition(":")
    if name not in CHECKS:
        raise ValueError(f"there is no check {name!r}")
    found = CHECKS[name](rows, argument)
    names = dict.fromkeys(row.author for row in found if row.author)
    if name in ("answered_by", "most"):
        parents = {row.number: row for row in rows}
        authors = [parents[row.parent].author for row in found if row.parent] if name == "answered_by" else []
        names = dict.fromkeys(author for author in authors if author) or names
    count = len(names) if name in ("named", "repliers_to") else len(found)
    if name == "deepest":
        count = max((row.level for row in found), default=-1) + 1
    return Recount(count, tuple(names), tuple(f"c{row.number}" for row in found))


Found = list[Row]


def _by(rows: Sequence[Row], author: str) -> Found:
    return [row for row in rows if row.author == author]


def _most(rows: Sequence[Row], _: str) -> Found:
    counts = Counter(row.author for row in rows if row.author)
    most = max(counts.values(), default=0)
    return [row for row in rows if row.author and counts[row.author] == most]


def _repliers_to(rows: Sequence[Row], author: str) -> Found:
    theirs = {row.number for row in rows if row.author == author}
    return [row for row in rows if row.parent in theirs]


def _between(rows: Sequence[Row], pair: str) -> Found:
    first, second = pair.split(">")
    return [row for row in _repliers_to(rows, second) if row.author == first]


def _leaves(rows: Sequence[Row], _: str) -> Found:
    parents = {row.parent for row in rows}
    return [row for row in rows if row.number not in parents]


def _subtree(rows: Sequence[Row], number: str) -> Found:
    inside, found = {int(number.removeprefix("c"))}, []
    for row in rows:
        if row.parent in inside:
            inside.add(row.number)
            found.append(row)
    return found


def _extreme(key: Callable[[Row], int]) -> Callable[[Sequence[Row], str], Found]:
    def pick(rows: Sequence[Row], _: str) -> Found:
        best = max((key(row) for row in rows), default=0)
        return [row for row in rows if key(row) == best]

    return pick


CHECKS: dict[str, Callable[[Sequence[Row], str], Found]] = {
    "comments": lambda rows, _: list(rows),
    "named": lambda rows, _: [row for row in rows if row.author],
    "unnamed": lambda rows, _: [row for row in rows if row.author is None],
    "by": _by,
    "most": _most,
    "repliers_to": _repliers_to,
    "replies": lambda rows, number: [row for row in rows if row.parent == int(number.removeprefix("c"))],
    "answered_by": lambda rows, author: [row for row in _by(rows, author) if row.parent is not None],
    "between": _between,
    "subtree": _subtree,
    "top": lambda rows, _: [row for row in rows if row.level == 0],
    "leaves": _leaves,
    "longest": _extreme(lambda row: row.words),
    "deepest": _extreme(lambda row: row.level),
    "votes": _extreme(lambda row: row.score if row.score is not None else -(10**9)),
    "first": lambda rows, _: [row for row in rows if row.number == min(r.number for r in rows)],
    "last": lambda rows, _: [row for row in rows if row.number == max(r.number for r in rows)],
}
"""`name` or `name:argument`: an author, a comment's number, or `Ada>Ben` for Ada's replies to Ben."""
