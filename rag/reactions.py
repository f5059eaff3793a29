"""Which comments answer the ones that a question points back at: "what did Ben reply to that?". Pure."""

import re
from collections.abc import Sequence

from ingest.thread import Comment, Thread
from rag.addressing import Addressing
from rag.query import UNNAMED

__all__ = ["answering", "authors_of", "wants_reactions"]

_FEW = 4  # comments up to which "that" can mean them
_WANTED = re.compile(
    r"\b(?:what|which|how) (?:was|is|were|are) (?:\w+ ){0,3}?(?:answers?|repl(?:y|ies)|responses?|reactions?)\b"
    r"|\bhow (?:do|did|does) (?:\w+ ){1,2}?(?:react|respond|reply|answer)\b"
    r"|\bwhat (?:do|did|does) (?:people|others|the others|commenters|they|anyone|anybody) (?:else )?"
    r"(?:say|reply|answer|respond|think)\b.*\b(?:to|about) (?:that|this|it|c\d+)\b",
    re.IGNORECASE,
)


def wants_reactions(question: str) -> bool:
    """Tell whether a question that names nobody asks what was answered: "what was the reply?"."""
    return _WANTED.search(question) is not None


def authors_of(ids: Sequence[str], threads: Sequence[Thread]) -> tuple[str, ...]:
    """Return who wrote some comments, each once."""
    return tuple(dict.fromkeys(one.author or UNNAMED for thread in threads for one in _these(ids, thread)))


def answering(ids: Sequence[str], speakers: Sequence[str], threads: Sequence[Thread]) -> tuple[str, ...]:
    """Return the comments of the speakers (of everybody, without any) that answer the given ones, the nearest first.

    Nearest are direct replies, then what stands further below, then what answers the same people elsewhere.
    """
    if not ids or len(ids) > _FEW:
        return ()
    for find in (_direct, _below, _to_the_same):
        found = [
            one.id
            for thread in threads
            for one in find(ids, thread)
            if one.visible and one.id not in ids and (not speakers or (one.author or UNNAMED) in speakers)
        ]
        if found or not speakers:
            return tuple(dict.fromkeys(found))
    return ()


def _these(ids: Sequence[str], thread: Thread) -> list[Comment]:
    return [comment for comment_id in ids if (comment := thread.get(comment_id)) is not None]


def _direct(ids: Sequence[str], thread: Thread) -> list[Comment]:
    return [reply for one in _these(ids, thread) for reply in thread.children(one.id)]


def _below(ids: Sequence[str], thread: Thread) -> list[Comment]:
    return [below for one in _these(ids, thread) for _, below in thread.walk(one.id)]


def _to_the_same(ids: Sequence[str], thread: Thread) -> list[Comment]:
    authors = {one.author for one in _these(ids, thread)}
    if not authors:
        return []
    addressing = Addressing(thread)
    return [one for one in thread.visible if addressing.answered(one) & authors]
