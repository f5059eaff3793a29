"""Names in place of the pronouns of a follow-up: "why does she think that?". Pure.

People come from the turns before, the most recent first; a gender only rules somebody out where the threads give
evidence of it.
"""

import re
from collections.abc import Sequence

from ingest.thread import Thread
from rag.names import Person, Roster, find_people, fold
from rag.recall import Memory
from rag.words import FUNCTION

__all__ = ["PLURAL", "with_names"]

_HE, _SHE, _THEY = {"he", "him", "his", "himself"}, {"she", "her", "hers", "herself"}, {
    "they", "them", "their", "theirs", "themselves",
}  # fmt: skip


_PRONOUN = re.compile(r"\b(?:s?he|him|his|her|hers|they|them|theirs?)\b(?!['’])|\b(?:s?he|they)(?=['’])", re.IGNORECASE)


_ABROAD = {
    "er": "he", "ihm": "he", "ihn": "he", "il": "he", "lui": "he", "él": "he", "elle": "she", "ella": "she",
    "ihr": "she", "sie": "she",
}  # fmt: skip
_PRONOUN_ABROAD = re.compile(
    rf"\b(?:{'|'.join(_ABROAD)})\b(?!\s+(?:y\b|\w+(?:heit|keit|ung|schaft)\b))"
    r"(?<!\bsagen sie)(?<!\bhaben sie)(?<!\bsind sie)",
    re.IGNORECASE,
)
"""Pronouns for one person; `sie` after the plural of a verb means several or the one spoken to."""
_SPOKEN_ABROAD = re.compile(
    r"^\W*(?:und |et |y )?(?:was|wer|wem|wen|wie|wo|wann|warum|wieso|welche[rs]?|hat|ist|kann|stimmt|findet|qui|que"
    r"|quoi|quel\w*|qu['’]|pourquoi|comment|est|a-t|qué|quién|cómo|cuánt\w*|dónde|por qué)\b"
    r"(?!.*\b(?:the|does|did|he|she|of)\b)",
    re.IGNORECASE,
)
"""A question in German, French or Spanish."""


_THINGS = re.compile(
    r"\b(?:how many|which|what|list|show)(?: \w+){0,3}? (?:comments|posts|replies|points|arguments|claims|reasons"
    r"|words)\b",
    re.IGNORECASE,
)


_NOT_OWNED = (FUNCTION - {"most", "last", "first", "own", "more", "other", "few"}) | {
    "about", "mention", "say", "think", "reply", "respond", "answer", "get", "and", "exactly",
}  # fmt: skip


def with_names(text: str, memory: Memory, people: Roster, threads: Sequence[Thread]) -> tuple[str, tuple[str, ...]]:
    """Put names in place of pronouns that have no antecedent in the question itself."""
    named = find_people(text, people, threads)
    chosen: dict[str, tuple[str, ...]] = {}
    out: list[str] = []
    at = 0
    for match in (_PRONOUN_ABROAD if _SPOKEN_ABROAD.match(text) else _PRONOUN).finditer(text):
        word = match.group().lower()
        family = _ABROAD.get(word) or ("he" if word in _HE else "she" if word in _SHE else "they")
        if any(one.end <= match.start() for one in named) and not _addressed(text, match):
            continue
        if family == "they" and PLURAL.search(text[: match.start()]):
            continue
        names = chosen.get(family) or _candidates(family, text, memory, chosen, named, threads)
        if not names:
            continue
        chosen[family] = names
        shown = " and ".join(name or "the unnamed commenter" for name in names)
        after = text[match.end() :]
        if word in ("his", "their", "hers", "theirs") or (word == "her" and _possessive(after)):
            shown += "'s"
        out.append(text[at : match.start()] + shown)
        at = match.end()
    out.append(text[at:])
    return "".join(out), tuple(dict.fromkeys(name for names in chosen.values() for name in names))


PLURAL = re.compile(
    r"\b(?:commenters|people|users|readers|participants|they|those|everyone|anyone|others|(?:the|these|most) \w+s)\b",
    re.I,
)


_TOLD = re.compile(
    r"\b(?:repl(?:y|ied|ies)|respond(?:s|ed)?|answer(?:s|ed)?|tell|tells|told|say|said|agree[sd]?|disagree[sd]?"
    r"|asks?|asked"
    r"|write|wrote)(?:\s+(?:to|with))?\s*$",
    re.IGNORECASE,
)


def _addressed(text: str, match: re.Match[str]) -> bool:
    """Tell whether a pronoun after a name means somebody else all the same: "what did Don reply to her?"."""
    told = match.group().lower() in ("him", "her", "them") and _TOLD.search(text[: match.start()])
    return bool(told) and not _possessive(text[match.end() :])


def _possessive(after: str) -> bool:
    word = re.match(r"\s+([\w\-]+)", after)
    return word is not None and word.group(1).lower() not in _NOT_OWNED


def _candidates(
    family: str,
    text: str,
    memory: Memory,
    chosen: dict[str, tuple[str, ...]],
    named: Sequence[Person],
    threads: Sequence[Thread],
) -> tuple[str, ...]:
    taken = {name for names in chosen.values() for name in names}
    taken |= {name for one in named for name in one.names}
    free = [name for name in memory.people if name not in taken]
    if family == "they" and _THINGS.search(memory.asked):
        return ()
    if family == "they":
        group = tuple(name for name in memory.group if name not in taken)
        return group if len(group) > 1 else tuple(name for name in free[:1] if name in memory.named)
    if _REACTING.search(text) and memory.named:
        first = _reacting(memory, threads)
        free = [*(name for name in first if name not in taken), *(name for name in free if name not in first)]
    for name in free:
        if _gender(name, threads) != ("she" if family == "he" else "he"):
            return (name,)
    return ()


def _gender(name: str, threads: Sequence[Thread]) -> str:
    """Return `he` or `she` where the threads use that pronoun after the name and not the other, else ``."""
    if not name:
        return ""
    he = she = 0
    pattern = re.compile(rf"(?<!\w){re.escape(name.split()[0])}(?!\w)[^.!?\n]{{0,80}}", re.IGNORECASE)
    for thread in threads:
        for body in (thread.article.text, *(comment.body for comment in thread.comments)):
            if name.split()[0] not in body:
                continue
            for match in pattern.finditer(body):
                found = {fold(part) for part in re.findall(r"\w+", match.group())}
                he += bool(found & _HE)
                she += bool(found & _SHE)
    return "he" if he > she * 2 and he else "she" if she > he * 2 and she else ""


_REACTING = re.compile(
    r"\b(?:react|reply|respond|answer|accept|agree|concede|object)\s*(?:that|this|it)?"
    r"\s*(?:[?.!]|$|to (?:that|this|it|him|her|them)\b)",
    re.IGNORECASE,
)


def _reacting(memory: Memory, threads: Sequence[Thread]) -> list[str]:
    """Return who is likely meant to have reacted: the one spoken to, else the only one who answered what was cited."""
    if len(memory.named) > 1:
        return [memory.named[1]]
    if _WHO_ANSWERED.match(memory.asked):
        return [memory.named[0]]
    ids = {comment_id for comment_id, _ in memory.comments}
    repliers = {
        reply.author
        for thread in threads
        for comment_id in ids
        if thread.get(comment_id) is not None
        for reply in thread.children(comment_id)
        if reply.visible and reply.author not in memory.named
    }
    return [name for name in repliers if name is not None] if len(repliers) == 1 else []


_WHO_ANSWERED = re.compile(r"\s*(?:and |so )?who\b.*\b(?:repl|respon|answer|react)", re.IGNORECASE)
