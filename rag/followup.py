"""How a question reads on its own after the turns before it: pronouns, ellipsis, "that claim". Pure, no model.

A question that stands alone is left alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.thread import Thread
from rag.ellipsis import BARE, WHAT_ABOUT, completed, swapped, verbal
from rag.evidence import Turn
from rag.names import Roster
from rag.pointing import pointed, unresolved
from rag.pronouns import with_names
from rag.recall import Memory, remember

__all__ = ["Resolution", "resolve"]

_TURNS = 6  # how far back a conversation is read
_ELSE = re.compile(
    r"\b(?:who|what|anyone|anybody|anything|someone|somebody|nobody|where) else\b|\bthe others?\b|\bany(?:one"
    r"|body)? other\b",
    re.IGNORECASE,
)


_OPENING = re.compile(
    r"^(?:and|but|so|also|then|or|besides|other than|instead|otherwise|i see|got it|in that case|if so"
    r"|you (?:said|mentioned))\b"
    r"(?!\s+(?:far|called))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """A question as it reads on its own. `leans` tells it needed the history; `focus` are the comments it points at."""

    text: str
    leans: bool = False
    focus: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


def resolve(question: str, history: Sequence[Turn], people: Roster, threads: Sequence[Thread]) -> Resolution:
    """Resolve a question against the turns before it."""
    if not history:
        return Resolution(question)
    history = history[-_TURNS:]
    text = question.strip()
    memory = remember(history, people, threads)
    last = history[-1].question.strip()
    bare = BARE.match(text)
    if bare:
        return Resolution(completed(bare["what"].lower(), last, memory), True, _ids(memory), memory.people[:1])
    about = WHAT_ABOUT.match(text)
    if about and not verbal(about["what"]):
        previous = resolve(last, history[:-1], people, threads).text
        return Resolution(swapped(previous, about["what"].strip(), people, threads), True, (), memory.people[:1])
    resolved, used = with_names(text, memory, people, threads)
    resolved, points = pointed(resolved, memory)
    leans = bool(used or points or unresolved(text) or _ELSE.search(text) or _OPENING.match(text))
    if _ELSE.search(text):
        resolved = f"{last.rstrip('?. ')}? {resolved}" if len(text.split()) < 5 else resolved
    if leans:
        resolved = re.sub(r"^(?:and|but|so|also|then)[, ]+", "", resolved, flags=re.IGNORECASE)
        resolved = resolved[:1].upper() + resolved[1:]
    return Resolution(resolved, leans, _ids(memory) if points else (), used)


def _ids(memory: Memory) -> tuple[str, ...]:
    return tuple(comment_id for comment_id, _ in memory.comments)
