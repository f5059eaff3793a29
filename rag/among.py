"""Questions about what the last answer listed: "how many of them got a reply?", "which one is the longest?". Pure.

Such a question is read as one about all comments or people, and then narrowed to the ones meant.
"""

import re
from dataclasses import dataclass

from rag.query import THOSE
from rag.recall import Memory

__all__ = ["Among", "chosen", "narrowed", "those"]

_SET = (
    r"(?:them|those|these|(?:the|these|those) (?:two|three|four|five|six|\d+)?\s*"
    r"(?:comments|posts|replies|messages|answers|people|commenters|persons|users|ones)?)"
)
_PART = re.compile(
    rf"\b(?P<which>how many|how much|which(?: ones?)?|what|who|who all|any(?: one)?|some|one|none|most|list|show)"
    rf"(?: all)? of {_SET}(?=\W|$)",
    re.IGNORECASE,
)
_ONE = re.compile(r"^(?:and |so |but )?(?P<which>which)(?: ones?)\b", re.IGNORECASE)
_SINGULAR = re.compile(r"\s+(?:is|was|has|got|gets|did|does)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Among:
    """A question read without "of them", and what it is to be narrowed to: comments or people."""

    text: str
    ids: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


def narrowed(text: str, memory: Memory) -> Among | None:
    """Read "how many of them …" as "how many comments …" about those alone; None where it is no such question."""
    match = _PART.search(text) or _ONE.match(text)
    if match is None or not memory.listed:
        return None
    comments = _of_comments(match.group(), memory)
    if not (memory.ids if comments else memory.group):
        return None
    which = match["which"].lower().removesuffix(" ones").removesuffix(" one")
    one = _SINGULAR.match(text, match.end()) is not None
    noun = ("comment" if one and which == "which" else "comments") if comments else "people"
    if which in ("which", "what", "who", "any", "some", "one", "none", "most") and not comments:
        phrase = {"any": "anyone", "some": "anyone", "one": "anyone", "none": "nobody", "most": "most people"}.get(
            which, "who"
        )
    else:
        phrase = f"{'which' if which == 'who' else which} {noun}"
    whole = f"{text[: match.start()]}{phrase}{text[match.end() :]}"
    whole = re.sub(r"^(?:and|so|but) ", "", whole, flags=re.IGNORECASE)
    whole = whole[:1].upper() + whole[1:]
    return Among(whole, memory.ids) if comments else Among(whole, (), memory.group)


def _of_comments(phrase: str, memory: Memory) -> bool:
    """Tell whether comments are meant, not people: by the noun if there is one, else by what the last answer lists."""
    if re.search(r"\b(?:comments|posts|replies|messages|answers)$", phrase, re.IGNORECASE):
        return True
    if re.search(r"\b(?:people|commenters|persons|users)$", phrase, re.IGNORECASE):
        return False
    return memory.listed == "comments"


_NOUN = r"(?:comments|posts|replies|messages|answers)"
_DEMONSTRATIVE = re.compile(rf"\b(?:those|these|the same) (?:(?:two|three|four|five|\d+) )?{_NOUN}\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:they|them|those|these)\b(?! (?:who|that|which)\b)(?!\s+\w+s\b)", re.IGNORECASE)


def those(text: str, memory: Memory) -> str | None:
    """Write "they", "them" and "these" as the comments that the last answer listed; None where they are not meant."""
    if not memory.comments:
        return None
    match = _DEMONSTRATIVE.search(text)
    if match is None and memory.listed == "comments":
        match = _PRONOUN.search(text)
    if match is None:
        return None
    return f"{text[: match.start()]}{THOSE}{text[match.end() :]}"


_PAIR = 2
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")
_PLACE = rf"(?P<place>{'|'.join(_PLACES)}|last|other)"
_SAYING = (
    r"(?:says?|said|is|was|has|have|did|does|do|got|gets?|thinks?|thought|means?|repl(?:y|ied)|about|claims?|claimed|writes?"
    r"|wrote|argues?|argued|makes?|made|mentions?|mentioned)"
)
_CHOSEN = re.compile(
    rf"\b(?:the|that) (?:{_PLACE} (?:one|of (?:(?:the|these|those) (?:two|three)"
    rf"|them|those|these))\b|(?P<pair>former|latter)\b"
    rf"|(?P<bare>{'|'.join(_PLACES)}|last|other)(?=['’]s\b|\s+{_SAYING}\b))",
    re.IGNORECASE,
)


def chosen(text: str, memory: Memory) -> str | None:
    """Write "the second one", "the latter", "the other" as the comment or person of the last answer; None without."""
    match = _CHOSEN.search(text)
    if match is None:
        return None
    comments = memory.listed == "comments"
    listed = [number for _, number in memory.comments] if comments else list(memory.group)
    if not comments and len(listed) < _PAIR:
        listed = list(memory.each[-_PAIR:])
    place = (match["place"] or match["pair"] or match["bare"]).lower()
    if place == "other":
        listed = [one for one in listed if one not in memory.named] if len(listed) == 2 else []
        at = 0
    else:
        at = {"former": 0, "latter": 1, "last": len(listed) - 1}.get(place, -1)
        at = _PLACES.index(place) if at < 0 and place in _PLACES else at
    if not 0 <= at < len(listed) or not listed[at]:
        return None
    return f"{text[: match.start()]}{listed[at]}{text[match.end() :]}"
