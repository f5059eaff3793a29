"""Replies in flat lists: whom a comment answers, guessed from what it quotes or whom it addresses."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.draft import Draft, Text
from ingest.thread import normalise

__all__ = ["guess_parents", "unquoted"]

_ADDRESSED = re.compile(r"\W{0,3}@([\w.\-]{1,60})")
_MARK = re.compile(r"^[ \t]*>+ ?", re.MULTILINE)
_LOOK_BACK = 300


def unquoted(words: str) -> str:
    """Return quoted words without the `>` typed before them, folded for comparison."""
    return normalise(_MARK.sub("", words)).casefold()


def guess_parents(drafts: Sequence[Draft], *, mentions: bool = True) -> tuple[Draft, ...]:
    """Give comments without a parent the one that they quote, or whose author they address first.

    A guess is flagged `parent_guessed`. Only the 300 comments before are looked at, the nearest first.
    """
    guessed: list[Draft] = []
    folded: list[str] = []
    for draft in drafts:
        parent = None
        if draft.parent_key is None and draft.status == "visible":
            parent = _quoted(draft.text, guessed, folded) or (_addressed(draft, guessed) if mentions else None)
        if parent is not None:
            draft = replace(draft, parent_key=parent, flags=(*draft.flags, "parent_guessed"))
        guessed.append(draft)
        folded.append(normalise(draft.text.body).casefold())
    return tuple(guessed)


def _quoted(text: Text, before: Sequence[Draft], folded: Sequence[str]) -> str | None:
    for quote in text.quotes:
        words = unquoted(text.body[quote.start : quote.end])
        if len(words) < 8:
            continue
        for at in range(len(before) - 1, max(-1, len(before) - 1 - _LOOK_BACK), -1):
            if words in folded[at]:
                return before[at].key
    return None


def _addressed(draft: Draft, before: Sequence[Draft]) -> str | None:
    start = max((quote.end for quote in draft.text.quotes if quote.start == 0), default=0)
    found = _ADDRESSED.match(draft.text.body, start)
    if not found:
        return None
    person = found.group(1).rstrip(".-").casefold()
    for other in reversed(before[-_LOOK_BACK:]):
        if other.author and _handle(other.author) == person and other.author != draft.author:
            return other.key
    return None


def _handle(author: str) -> str:
    return author.removeprefix("@").replace(" ", "").casefold()
