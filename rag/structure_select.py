"""What the tree says: the comments that pass a structure question's filters, and people, depths and times of them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ingest.thread import Comment, Thread
from rag.focus import contains
from rag.query import UNNAMED, Rank, StructureAsk, Window

__all__ = [
    "Placed",
    "chain",
    "depth",
    "everything",
    "limit",
    "ordered",
    "people_of",
    "ranked",
    "replies_to",
    "select",
    "timed",
    "word_count",
]


@dataclass(frozen=True, slots=True)
class Placed:
    """A comment and the thread it stands in."""

    thread: Thread
    comment: Comment

    @property
    def name(self) -> str:
        """Return the author, `UNNAMED` where the source names none."""
        return self.comment.author or UNNAMED

    @property
    def parent(self) -> Comment | None:
        """Return the visible comment that this one most likely answers."""
        above = self.thread.parent(self.comment)
        return above if above is not None and above.visible else None

    @property
    def moved(self) -> bool:
        """Tell whether the likely parent is another than the source displays."""
        return self.comment.parent_id != self.comment.parent_shown


def everything(threads: Sequence[Thread]) -> list[Placed]:
    """Return every visible comment of the threads, in document order."""
    return [Placed(thread, comment) for thread in threads for comment in thread.visible]


def select(ask: StructureAsk, threads: Sequence[Thread]) -> list[Placed]:
    """Return the visible comments that pass every filter of a question, in document order."""
    found = [placed for placed in everything(threads) if _passes(ask, placed)]
    for window in ask.windows:
        limits = {thread.id: limit(window, thread) for thread in threads}
        found = [placed for placed in found if _within(placed, window, limits[placed.thread.id])]
    return found


def ordered(threads: Sequence[Thread]) -> bool:
    """Tell whether it is known which comment came before which: by their times, or by the page where nobody replies."""
    return all(
        all(one.created_at for one in thread.visible) or all(one.parent_id is None for one in thread.visible)
        for thread in threads
    )


def _moment(comment: Comment, thread: Thread) -> str:
    """Return what orders a comment: its time, or its number on a page without times."""
    if all(one.created_at for one in thread.visible):
        return comment.created_at or ""
    return f"{comment.number or 0:09d}"


def limit(window: Window, thread: Thread) -> str | None:
    """Return the moment that bounds a window in a thread; None where nothing in the thread does."""
    if window.day:
        return window.day
    bounds = [
        _moment(comment, thread)
        for comment in thread.visible
        if comment.id in window.ids or (window.by and (comment.author or UNNAMED) in window.by)
    ]
    return (min if window.by or window.side in ("before", "until") else max)(bounds) if bounds else None


def _within(placed: Placed, window: Window, bound: str | None) -> bool:
    if bound is None:
        return False
    if window.day:
        written = placed.comment.created_at or ""
        at = written[5 : 5 + len(bound) - 1] if bound.startswith("-") else written[: len(bound)]
        bound = bound.removeprefix("-")
    else:
        at = _moment(placed.comment, placed.thread)
    if not at:
        return False
    return {"before": at < bound, "until": at <= bound, "since": at >= bound, "after": at > bound}[window.side]


def _passes(ask: StructureAsk, placed: Placed) -> bool:
    comment = placed.comment
    if ask.by and placed.name not in ask.by:
        return False
    if placed.name in ask.without or (ask.measure and not _measures(ask, placed)):
        return False
    if any(meant and comment.id not in meant for meant in (ask.ids, ask.among)):
        return False
    if not _answers(placed, ask):
        return False
    if (ask.level == "top" and comment.parent_id is not None) or (ask.level == "reply" and comment.parent_id is None):
        return False
    if ask.answered is not None and ask.answered != bool(replies_to(placed)):
        return False
    if ask.named is not None and ask.named != (comment.author is not None):
        return False
    if ask.on and not _on(comment.created_at, ask.on):
        return False
    return not ask.mention or contains(comment, ask.mention)


def _measures(ask: StructureAsk, placed: Placed) -> bool:
    if ask.measure == "score":
        size = placed.comment.score
        if size is None:
            return False
    else:
        size = word_count(placed.comment) if ask.measure == "words" else len(replies_to(placed))
    return (ask.low is None or size >= ask.low) and (ask.high is None or size <= ask.high)


def _answers(placed: Placed, ask: StructureAsk) -> bool:
    """Tell whether a comment answers whom and what is asked about; any does where nobody is."""
    comment, parent = placed.comment, placed.parent
    if ask.own and not (parent is not None and parent.author == comment.author is not None):
        return False
    if ask.to and not (parent is not None and (parent.author or UNNAMED) in ask.to):
        return False
    if ask.branch and ask.to_comments:
        return any(above.id in ask.to_comments for above in placed.thread.ancestors(comment))
    return not ask.to_comments or comment.parent_id in ask.to_comments


def _on(created_at: str | None, day: str) -> bool:
    if created_at is None:
        return False
    return created_at.startswith(day) if not day.startswith("-") else re.match(rf"\d{{4}}{day}", created_at) is not None


def replies_to(placed: Placed) -> list[Comment]:
    """Return the visible direct replies to a comment."""
    return [child for child in placed.thread.children(placed.comment.id) if child.visible]


def people_of(found: Iterable[Placed]) -> Counter[str]:
    """Count comments by author in order of first appearance; those without a name under `UNNAMED`."""
    return Counter(placed.name for placed in found)


def word_count(comment: Comment) -> int:
    """Count the words of a comment, between white space, quotes included."""
    return len(comment.body.split())


def depth(placed: Placed) -> int:
    """Return how many comments stand above this one."""
    return len(placed.thread.ancestors(placed.comment))


def chain(placed: Placed) -> list[Placed]:
    """Return the chain from the top-level comment down to this one."""
    above = [Placed(placed.thread, comment) for comment in reversed(placed.thread.ancestors(placed.comment))]
    return [*above, placed]


def timed(found: Iterable[Placed]) -> list[Placed]:
    """Return those that have a time, the earliest first."""
    return sorted((one for one in found if one.comment.created_at), key=lambda one: one.comment.created_at or "")


def score(placed: Placed) -> int:
    """Return a comment's votes, 0 where it has none."""
    return placed.comment.score or 0


KEYS: dict[str, Callable[[Placed], int]] = {
    "longest": lambda one: word_count(one.comment),
    "shortest": lambda one: -word_count(one.comment),
    "most_replied": lambda one: len(replies_to(one)),
    "most": lambda one: len(replies_to(one)),
    "least": lambda one: -len(replies_to(one)),
    "highest": score,
    "lowest": lambda one: -score(one),
    "deepest": depth,
}
"""What each rank maximises over comments; `first` and `last` go by time instead."""


def in_time_order(found: Sequence[Placed]) -> list[Placed]:
    """Return comments by time where every one has a time, else as they stand."""
    return timed(found) if all(one.comment.created_at for one in found) else list(found)


def ranked(rank: Rank, found: Sequence[Placed]) -> list[Placed]:
    """Return the comments that share the first place under a rank; for votes only those that have a score."""
    if rank in ("first", "last"):
        ordered = in_time_order(found)
        return ordered[:1] if rank == "first" else ordered[-1:]
    if rank in ("highest", "lowest"):
        found = [one for one in found if one.comment.score is not None]
    keys = list(map(KEYS[rank], found))
    best = max(keys, default=0)
    return [one for one, key in zip(found, keys, strict=True) if key == best]
