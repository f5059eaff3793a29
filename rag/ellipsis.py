"""Follow-ups that leave words out, completed by the question before: "why?", "how many times?", "and Don?". Pure."""

import re
from collections.abc import Sequence

from ingest.thread import Thread
from rag.names import Roster, find_people
from rag.recall import Memory

__all__ = ["ASKING", "BARE", "WHAT_ABOUT", "completed", "swapped", "verbal"]


WHAT_ABOUT = re.compile(
    r"^(?:(?:and|but|so|ok|okay|now|then)[, ]+)*(?:what about|how about|and|what of|same for|und|und was ist mit|et"
    r"|y)\s+(?P<what>.+?)\s*\??$",
    re.IGNORECASE,
)


BARE = re.compile(
    r"^(?:(?:and|but|so|ok|okay)[, ]+)*(?P<what>why(?: not| so| is that)?|how so|how many(?: times)?|how often|when"
    r"|where|who|who else|anyone else|anybody else|what else"
    r"|(?:and )?(?:the )?others|who exactly|which ones?|what for|since when|how|really|are you sure|more"
    r"|tell me more|go on|elaborate|in what way|how come|says who|such as|for example|like what|what do you mean"
    r"|anything else|warum|wieso|pourquoi|por qué)\s*\??$",
    re.IGNORECASE,
)


def verbal(rest: str) -> bool:
    """Tell whether what follows "and" is a whole question of its own."""
    head = rest.split()[0].lower() if rest.split() else ""
    return head in ASKING


ASKING = frozenset((
    "who", "what", "when", "where", "why", "how", "which", "whom", "whose", "did", "does", "do", "is", "are", "was",
    "were", "has", "have", "can", "could", "list", "show", "summarise", "summarize", "name", "tell", "should", "would",
))  # fmt: skip


def completed(what: str, last: str, memory: Memory) -> str:
    """Complete a bare "why?", "how many times?", "when?" by the question before it."""
    lead = last.rstrip("?. ")
    if what.startswith("how many times") or what == "how often":
        if re.match(r"(?:did|does|do|has|have)\b", lead, re.IGNORECASE):
            return f"How many times {lead[0].lower()}{lead[1:]}?"
        return f"{lead}? How many times?"
    if what == "how many":
        match = re.match(r"(?:who|which (?:people|commenters|persons))\s+(?P<rest>.+)", lead, re.IGNORECASE)
        if match:
            plural = re.sub(r"^([a-z]+[^s])s ", r"\1 ", match["rest"])
            return f"How many people {plural}?"
        match = re.match(r"(?:did|does|has|have) (?:anyone|anybody|someone)\s+(?P<rest>.+)", lead, re.IGNORECASE)
        if match:
            return f"How many people {match['rest']}?"
        match = re.match(
            r"(?:which|what|list|show)(?: all)?(?: the)? (?P<rest>(?:comments|replies|posts)\b.*)", lead, re.IGNORECASE
        )
        return f"How many {match['rest']}?" if match else f"{lead}? How many?"
    if what == "when" and len(memory.comments) == 1:
        return f"When was {memory.comments[0][1]} written?"
    return f"{lead}? {what[0].upper()}{what[1:]}?"


def swapped(previous: str, topic: str, people: Roster, threads: Sequence[Thread]) -> str:
    """Ask the previous question again with another person or topic: "and Don?", "what about Turkey?"."""
    found = find_people(topic, people, threads)
    before = find_people(previous, people, threads)
    number = re.fullmatch(r"(?:comment\s*#?\s*|c|#)(\d+)\??", topic, re.IGNORECASE)
    if number and re.search(r"\bc\d+\b", previous):
        return re.sub(r"\bc\d+\b", f"c{number[1]}", previous, count=1)
    whole = found and found[0].start == 0 and found[0].end >= len(topic) - 1
    if whole and before:
        one = before[0]
        ending = "'s" if re.search(r"['’]s?$", previous[one.start : one.end]) else ""
        return previous[: one.start] + topic.rstrip("? ") + ending + previous[one.end :]
    if whole:
        generic = re.search(
            r"\b(?:anyone|anybody|someone|commenters|people|(?<=by )whom)\b|^who\b", previous, re.IGNORECASE
        )
        if generic:
            return previous[: generic.start()] + topic.rstrip("? ") + previous[generic.end() :]
    if re.fullmatch(
        r"(?:in |according to )?the (?:article|story|comments|discussion|replies)(?: itself)?", topic, re.IGNORECASE
    ):
        place = topic if topic.lower().startswith(("in ", "according")) else f"in {topic}"
        return f"{previous.rstrip('?. ')} {place}?"
    best = _SUPERLATIVE.search(topic)
    if best and len(topic.split()) < 4 and _SUPERLATIVE.search(previous):
        return _SUPERLATIVE.sub(best.group(), previous, count=1)
    tail = re.search(
        r"^(?P<head>.+\b(?:about|regarding|concerning|mention|mentions|mentioned|of|on|with|to"
        r"|for))\s+(?P<old>(?:the |an? )?[\w'’\-]+(?: [\w'’\-]+){0,4})\s*\??$",
        previous,
    )
    if tail and not find_people(tail["old"], people, threads):
        preposition = tail["head"].split()[-1]
        return f"{tail['head']} {topic.removeprefix(f'{preposition} ').rstrip('? ')}?"
    return f"{previous.rstrip('?. ')}? What about {topic.rstrip('? ')}?"


_SUPERLATIVE = re.compile(
    r"\b(?:longest|shortest|highest|lowest|first|last|most|least|fewest|earliest|latest|newest|oldest|deepest|best|worst)\b",
    re.IGNORECASE,
)
