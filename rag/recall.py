"""What the turns so far spoke of: whom, and which comments. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.thread import ARTICLE, Thread
from rag.evidence import Turn
from rag.focus import comments_about
from rag.names import Roster, find_people
from rag.query import UNNAMED

__all__ = ["Memory", "remember"]

_MOST_READ = 1200  # characters of an earlier answer that are searched for names


@dataclass(frozen=True, slots=True)
class Memory:
    """Whom and what the turns so far spoke of: people most likely meant first, comments of the last answer."""

    people: tuple[str, ...]
    group: tuple[str, ...]
    comments: tuple[tuple[str, str], ...]
    asked: str = ""
    named: tuple[str, ...] = ()


def remember(history: Sequence[Turn], people: Roster, threads: Sequence[Thread]) -> Memory:
    """Gather from the last turns who is likely meant by a pronoun, and what the last answer rests on."""
    ordered: list[str] = []
    group: tuple[str, ...] = ()
    comments: list[tuple[str, str]] = []
    named: tuple[str, ...] = ()
    for back, turn in enumerate(reversed(history[-4:])):
        asked = [name for one in find_people(turn.question, people, threads) for name in one.names[:1]]
        told = [name for one in find_people(turn.answer[:_MOST_READ], people, threads) for name in one.names[:1]]
        cited = _cited(turn, threads)
        writers = [
            comment.author or UNNAMED
            for thread in threads
            for comment_id, _ in cited
            if (comment := thread.get(comment_id)) is not None
        ]
        answered = list(dict.fromkeys([*told, *writers]))
        new = [name for name in answered if name not in asked]
        asks_who = re.match(
            r"\s*(?:and |so )?(?:who|whom|which|whose|by whom|list|name|did any|does any|has any)\b",
            turn.question,
            re.I,
        )
        turn_people = [*new, *asked, *answered] if asks_who and new else [*asked, *answered]
        if back == 0:
            comments = cited
            named = tuple(dict.fromkeys(asked))
            group = tuple(dict.fromkeys(new if asks_who and new else asked if len(asked) > 1 else answered))
        ordered.extend(turn_people)
    if not comments:
        comments = _recalled(history[-1], named or group, threads)
    return Memory(tuple(dict.fromkeys(ordered)), group, tuple(comments), history[-1].question, named)


def _recalled(turn: Turn, people: Sequence[str], threads: Sequence[Thread]) -> list[tuple[str, str]]:
    """Return the comment that an answer without citations or markers most likely spoke of, by its words."""
    by = people[:1] if people else ()
    best = comments_about(f"{turn.question} {turn.answer[:_MOST_READ]}", threads, by)[:1]
    return [(one.id, one.tag) for thread in threads for one in thread.comments if one.id in best]


def _cited(turn: Turn, threads: Sequence[Thread]) -> list[tuple[str, str]]:
    """Return (id, `c10`) of the comments that a turn's answer rests on, from its citations or its markers."""
    found = [(one.comment, one.number) for one in turn.citations if one.comment != ARTICLE]
    if not found:
        numbers = [int(number) for number in re.findall(r"\bc(\d{1,5})\b", turn.answer)]
        found = [
            (comment.id, comment.tag)
            for number in numbers
            for thread in threads
            for comment in thread.comments
            if comment.number == number
        ]
    return list(dict.fromkeys(found))
