"""What the turns so far spoke of: whom, and which comments. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.thread import ARTICLE, Comment, Thread
from rag.evidence import Turn
from rag.focus import comments_about
from rag.names import Roster, find_people
from rag.query import UNNAMED
from rag.references import mark
from rag.structure_parse import parse
from rag.structure_select import select
from rag.structure_words import NOTE, PERSON, REPLY

__all__ = ["Listed", "Memory", "remember"]

Listed = Literal["", "people", "comments"]

_MOST_READ = 1200  # characters of an earlier answer that are searched for names
_FEW_WRITERS = 4  # more people than this behind an answer's evidence are a crowd: no "she" means one of them
_HEAD = 5  # words at the beginning of a question in which what it asks for is named


@dataclass(frozen=True, slots=True)
class Memory:
    """Whom and what the turns so far spoke of: people most likely meant first, comments of the last answer.

    `group` are the people that the last answer brought up, `listed` whether it counted or listed people or comments,
    `asked` is the last question as it reads on its own. `each` is whom each turn was about, the earliest first.
    """

    people: tuple[str, ...]
    group: tuple[str, ...]
    comments: tuple[tuple[str, str], ...]
    asked: str = ""
    named: tuple[str, ...] = ()
    listed: Listed = ""
    each: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the comments that the last answer rests on."""
        return tuple(comment_id for comment_id, _ in self.comments)

    def by(self, names: Sequence[str], threads: Sequence[Thread]) -> tuple[str, ...]:
        """Return the ids of those of them that some people wrote."""
        return tuple(one.id for one in _comments(self.comments, threads) if (one.author or UNNAMED) in names)


def remember(history: Sequence[Turn], people: Roster, threads: Sequence[Thread], asked: str = "") -> Memory:
    """Gather from the last turns who is likely meant by a pronoun, and what the last answer rests on.

    `asked` is the last question as it reads on its own, where it leaned on the turns before it.
    """
    ordered: list[str] = []
    group: tuple[str, ...] = ()
    comments: list[tuple[str, str]] = []
    named: tuple[str, ...] = ()
    asked = asked or history[-1].question
    listed = _listed(asked)
    each: list[str] = []
    for back, turn in enumerate(reversed(history[-4:])):
        question = asked if back == 0 else turn.question
        asked_of = _named(question, people, threads)
        told = _named(_NEAREST.sub("", turn.answer[:_MOST_READ]), people, threads)
        cited = _cited(turn, threads) if turn.citations else _told(turn, question, people, threads)
        writers = list(dict.fromkeys(comment.author or UNNAMED for comment in _comments(cited, threads)))
        crowd = len(writers) > _FEW_WRITERS
        answered = list(dict.fromkeys([*told, *writers] if not crowd or not told else told))
        spoken_of = {comment.author for comment in _numbered(question, threads)}
        each[:0] = (asked_of or answered)[:1]
        new = [name for name in answered if name not in asked_of and name not in spoken_of]
        asks_who = _ASKS_WHO.match(question)
        fresh = [] if crowd else answered
        if back == 0:
            comments = cited
            named = tuple(dict.fromkeys(asked_of))
            members = [name for name in writers if name not in asked_of] if listed == "people" else new
            listing = members if asks_who and members else new if asks_who else []
            group = tuple(dict.fromkeys(listing or (asked_of if len(asked_of) > 1 else answered)))
        ordered.extend([*new, *asked_of, *fresh] if asks_who and new and not crowd else [*asked_of, *fresh])
    if not comments and not _NEAREST.search(history[-1].answer):
        comments = _recalled(history[-1], named or group, threads)
    return Memory(
        tuple(dict.fromkeys(ordered)), group, tuple(comments), asked, named, listed, tuple(dict.fromkeys(each))
    )


_NEAREST = re.compile(r"\bThe nearest (?:comment|passage) is .*$", re.DOTALL)
"""What a refusal offers (`rag.refusal`): nothing that was talked of."""
_ASKS_WHO = re.compile(
    r"\s*(?:and |so )?(?:who|whom|which|whose|by whom|list|name|did any|does any|has any|how many (?:\w+ )?(?:people"
    r"|commenters|users|persons|participants|named)|wer|wen|wem|qui|quién)\b",
    re.IGNORECASE,
)
_PEOPLE_ASKED = re.compile(
    r"\s*(?:and |so )?(?:(?:to |by |from )?wh(?:o|om|ose)|(?:did|does|do|has|have|is|are) any(?:one|body)|we[rmn]|qui"
    r"|quién(?:es)?)\b",
    re.IGNORECASE,
)


def _listed(question: str) -> Listed:
    """Tell whether a question asks for people or for comments, by the first word that names either."""
    if _PEOPLE_ASKED.match(question):
        return "people"
    for word in re.findall(r"[\w\-]+", question.lower())[:_HEAD]:
        if word in PERSON:
            return "people"
        if word in NOTE | REPLY and word.endswith(("s", "e")):
            return "comments"
    return ""


def _named(text: str, people: Roster, threads: Sequence[Thread]) -> list[str]:
    return [name for one in find_people(text, people, threads) for name in one.names[:1]]


def _comments(cited: Sequence[tuple[str, str]], threads: Sequence[Thread]) -> list[Comment]:
    return [comment for thread in threads for comment_id, _ in cited if (comment := thread.get(comment_id)) is not None]


def _numbered(text: str, threads: Sequence[Thread]) -> list[Comment]:
    numbers = {int(number) for number in re.findall(r"\bc(\d{1,5})\b", text)}
    return [one for thread in threads for one in thread.comments if one.number in numbers] if numbers else []


def _counted(asked: str, people: Roster, threads: Sequence[Thread]) -> list[tuple[str, str]]:
    """Return the comments that a question of structure counted or listed, where the door keeps no citations."""
    ask = parse(mark(asked, people, threads))
    if ask is None or ask.want not in ("count", "list") or ask.unit not in ("comments", "people") or ask.negated:
        return []
    return [(placed.comment.id, placed.comment.tag) for placed in select(ask, threads)]


def _recalled(turn: Turn, people: Sequence[str], threads: Sequence[Thread]) -> list[tuple[str, str]]:
    """Return the comment that an answer without citations or markers most likely spoke of, by its words."""
    by = people[:1] if people else ()
    best = comments_about(f"{turn.question} {turn.answer[:_MOST_READ]}", threads, by)[:1]
    return [(one.id, one.tag) for thread in threads for one in thread.comments if one.id in best]


def _cited(turn: Turn, threads: Sequence[Thread]) -> list[tuple[str, str]]:
    """Return (id, `c10`) of the comments that a turn's answer rests on, from its citations."""
    found = dict.fromkeys((one.comment, one.number) for one in turn.citations if one.comment != ARTICLE)
    return [one for one in found if any(thread.get(one[0]) is not None for thread in threads)]


def _told(turn: Turn, question: str, people: Roster, threads: Sequence[Thread]) -> list[tuple[str, str]]:
    """Return what an answer without citations rests on: what its question counts, else the numbers in its words."""
    numbered = _numbered(_NEAREST.sub("", turn.answer), threads)
    counted = _counted(question, people, threads) if len(numbered) != 1 else []
    return counted or [(one.id, one.tag) for one in numbered]
