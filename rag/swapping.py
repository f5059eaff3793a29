"""The last question asked again of another person or thing: "and Don?", "what about Turkey?", "I meant Ada". Pure."""

import re
from collections.abc import Sequence

from ingest.thread import Thread
from rag.absent import absent_names, with_strangers
from rag.names import Person, Roster, find_people
from rag.references import mark

__all__ = ["swapped"]


def swapped(previous: str, topic: str, people: Roster, threads: Sequence[Thread]) -> str:
    """Ask the previous question again with another person or topic: "and Don?", "what about Turkey?"."""
    found = find_people(topic, people, threads)
    number = re.fullmatch(r"(?:comment\s*#?\s*|c|#)(\d+)\??", topic, re.IGNORECASE)
    if number and re.search(r"\bc\d+\b", previous):
        return re.sub(r"\bc\d+\b", f"c{number[1]}", previous, count=1)
    whole = bool(found) and found[0].start == 0 and found[0].end >= len(topic) - 1
    again = _of_another(previous, topic.rstrip("? "), found[0], people, threads) if whole else None
    again = again or _about_another(previous, topic, people, threads, person=whole)
    return again or f"{previous.rstrip('?. ')}? What about {topic.rstrip('? ')}?"


def _of_another(previous: str, topic: str, found: Person, people: Roster, threads: Sequence[Thread]) -> str | None:
    """Put another person in the place of the one asked about, of a stranger, or of "anyone"."""
    before = find_people(previous, people, threads)
    if len(found.names) > 1:
        topic = _the_other(topic, found.names, before)
    one = before[0] if before else _stranger(previous, people, threads)
    if one is not None:
        ending = "'s" if re.search(r"['’]s?$", previous[one.start : one.end]) else ""
        return previous[: one.start] + topic + ending + previous[one.end :]
    generic = _ANYBODY.search(previous)
    return previous[: generic.start()] + topic + previous[generic.end() :] if generic else None


_ANYBODY = re.compile(r"\b(?:anyone|anybody|someone|commenters|people|(?<=by )whom)\b|^who\b", re.IGNORECASE)
_PLACE = re.compile(
    r"(?:in |according to )?the (?:article|story|comments|discussion|replies)(?: itself)?", re.IGNORECASE
)
_TAIL = re.compile(
    r"^(?P<head>.+\b(?:about|regarding|concerning|mention|mentions|mentioned|of|on|with|to"
    r"|for))\s+(?P<old>(?:the |an? )?[\w'’\-]+(?: [\w'’\-]+){0,4})\s*\??$"
)


def _about_another(previous: str, topic: str, people: Roster, threads: Sequence[Thread], *, person: bool) -> str | None:
    """Put another place, superlative or subject in the question."""
    if _PLACE.fullmatch(topic):
        place = topic if topic.lower().startswith(("in ", "according")) else f"in {topic}"
        return f"{previous.rstrip('?. ')} {place}?"
    best = _SUPERLATIVE.search(topic)
    if best and len(topic.split()) < _FEW and _SUPERLATIVE.search(previous):
        return _SUPERLATIVE.sub(best.group(), previous, count=1)
    tail = _TAIL.search(previous)
    if tail and not find_people(tail["old"], people, threads):
        preposition = tail["head"].split()[-1]
        return f"{tail['head']} {topic.removeprefix(f'{preposition} ').rstrip('? ')}?"
    thing = _OBJECT.match(previous)
    if thing and not person and not find_people(thing["old"], people, threads) and len(topic.split()) <= _SHORT:
        return f"{thing['head']} {topic.rstrip('? ')}?"
    return None


_FEW = 4
_SHORT = 5  # words up to which what follows "and" stands for the object of the question before
_OBJECT = re.compile(
    r"(?P<head>(?:who|(?:which|what|how many) (?:people|commenters|users|comments|posts)|(?:did|does|do|has|have)"
    r" (?:anyone|anybody|someone|somebody|people)) (?!(?:is|are|was|were|has|have|did|does|do)\b)[a-z]+)"
    r" (?P<old>(?:the |an? )?[\w'’\-]+(?: [\w'’\-]+){0,3})\s*\??",
    re.IGNORECASE,
)


def _the_other(topic: str, names: Sequence[str], before: Sequence[Person]) -> str:
    """Return the one other person whom a shared name can mean, once one of them has been asked about, else the name."""
    asked = {name for one in before if len(one.names) == 1 for name in one.names}
    left = [name for name in names if name not in asked]
    return left[0] if len(left) == 1 else topic


def _stranger(previous: str, people: Roster, threads: Sequence[Thread]) -> Person | None:
    """Return where a question names somebody who is not there."""
    marked = mark(previous, people, threads)
    known, strangers = with_strangers(marked, threads)
    spans = [one for one in known.people if one.names[0] in strangers]
    if not spans:
        absent = absent_names(marked, threads)
        at = previous.find(absent[0]) if absent else -1
        return Person(at, at + len(absent[0]), (absent[0],)) if at >= 0 else None
    return spans[0]


_SUPERLATIVE = re.compile(
    r"\b(?:longest|shortest|highest|lowest|first|last|most|least|fewest|earliest|latest|newest|oldest|deepest|best|worst)\b",
    re.IGNORECASE,
)
