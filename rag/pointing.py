"""Words of a follow-up that point at something said before: "that claim", "it", "there", "the Bronx size". Pure."""

import re

from rag.ellipsis import ASKING
from rag.languages import LEANING
from rag.names import fold
from rag.pronouns import PLURAL
from rag.recall import Memory
from rag.words import SPEAKING

__all__ = ["pointed", "unresolved"]

_CLAIM = (
    r"(?:claim|comment|point|argument|statement|post|reply|remark|message|view|opinion|position|assertion|idea"
    r"|suggestion"
    r"|accusation|criticism|objection|question|assessment|theory|prediction|quote|answer|response|story|example)"
)


_THAT = re.compile(
    rf"\b(?:that|this|the same|the latter|said)\s+(?:\w+\s+)?{_CLAIM}\b|\b(?:those|these)\s+{_CLAIM}s\b"
    r"|\b(?:to|with|about|of|on|after|for|by|against|from|before|mention\w*|say|said|think|thought|write|wrote"
    r"|post\w*|claim\w*|mean\w*|believe\w*|support\w*|dispute\w*|deny|answer\w*|do|did|like)\s+(?P<bare>that|this|it"
    r"|those|these)\b(?=\s*(?:[?.!,]|$|too\b|as well\b|exactly\b|in (?:the|their)\b|and\b|or\b|by\b))"
    r"|^(?:and |but |so )?(?:is|was|are|were|does|did|has|why is|why was|how is|when is|when was)\s+(?P<lead>that"
    r"|this|it|those|these)\b(?!\s+(?:article|thread|discussion|story|page|true that|possible|clear|known))"
    r"|^(?:and |but |so )?(?:what|why|how|who|when|where|whom) (?:does|did|is|was) (?P<asked>it|this|that)\b"
    r"(?!\s+(?:article|thread|discussion|story|page|true|possible|clear))"
    r"|\b(?P<object>it)\b(?=\s*(?:[?.!]|$))"
    r"|\b(?:did|does|do|has|have|was|were|is|are) (?P<acting>it|that|this|those|these)\b(?= (?:ever )?(?:get|got"
    r"|have|had|receive\w*|draw|attract\w*|been|be|written|posted|answer\w*|repl\w*|say|mention\w*|contain\w*)\b)",
    re.IGNORECASE,
)


_OBJECTLESS = re.compile(
    r"(?<!['’]s )\b(?:repl(?:y|ied|ies)|respond(?:ed|s)?|answer(?:ed|s)?|react(?:ed|s)?|object(?:ed|s)?"
    r"|disagree[sd]?|agree[sd]?|counter(?:ed|s)?|protest(?:ed|s)?|contradict(?:ed|s)?|geantwortet|antwortet|reagiert"
    r"|répondu|répond)(?: (?:back|too|then|instead|at all|with (?:that|this|it)))?\s*[?.!]*$"
    r"|^(?:and |but |so )?(?:what|which|how) (?:was|is|were|are) (?:the |his |her |their )?(?:only |first )?"
    r"(?:answers?|repl(?:y|ies)|responses?|reactions?)\s*[?.!]*$",
    re.IGNORECASE,
)
"""A verb of reacting without its object, or a reaction without what it is to: both are to what was just told."""
_REPLY_VERB = re.compile(
    r"\b(?:repl(?:y|ied|ies)|respond(?:ed|s)?|answer(?:ed|s)?)(?= *(?:back|then|at all)?[?.! ]*$)", re.I
)


_BRIEF = re.compile(r"(?:which|what|whose|how|where|when|who) \w+\s*\?*", re.IGNORECASE)


_POINTING = re.compile(
    r"\b(?:about|from|of|in|on|to|with|for|by|at|is|was)\s+(?:that|this|these|those)\s+(?P<noun>[a-z]+)"
    r"|^(?:which|what) (?:one|ones)\b|\bof (?:these|those|them|the (?:two|three))\b|\b(?:the )?(?:former|latter)\b",
    re.IGNORECASE,
)


_OF_THE_PAGE = frozenset(
    ("article", "thread", "discussion", "story", "page", "site", "file", "topic", "post", "forum", "debate", "comment")
)


_LOOSE = re.compile(r"\b(?:it|its|they|them|their|he|she|him|his|her)\b", re.IGNORECASE)


_EXPLETIVE = re.compile(
    r"\b(?:is|was|does|would|did|will) it (?:true|clear|possible|likely|mean|matter|worth|really|take)\b"
    r"|\bit (?:is|was|seems)\b",
    re.IGNORECASE,
)


def unresolved(text: str) -> bool:
    """Tell whether a question points back without naming anybody: "where do they take place?", "that number"."""
    pointing = _POINTING.search(text)
    if pointing and (pointing["noun"] or "").lower() not in _OF_THE_PAGE:
        return True
    if LEANING.search(text) or _BRIEF.fullmatch(text):
        return True
    sentence = re.split(r"(?<=[.?!])\s+", text.strip())[-1]
    if _fragment(sentence) or _AT_THE_END.search(sentence):
        return True
    loose = _LOOSE.search(sentence)
    if loose is None or _EXPLETIVE.search(sentence) or PLURAL.search(sentence[: loose.start()]):
        return False
    return _ANTECEDENT.search(sentence[: loose.start()]) is None


_ANTECEDENT = re.compile(
    r"\b(?:[Tt]he|[Aa]n?|[Tt]his|[Tt]hat|[Mm]y|[Yy]our|of|in|on|about|for|with|any|some|many|most|all|no)\s+"
    r"(?!part\b|one\b|reason\b|side\b|kind\b|way\b)[a-z]{3,}"
    r"|(?<=\s)[A-Z]\w+|\b[a-z]{3,}[^s\W]s\b(?<!does)(?<!was)(?<!has)(?<!this)(?<!its)"
)


_AT_THE_END = re.compile(r"\b(?:one|ones|it|them|those|these|too|as well|instead)\s*[?.!]*$", re.IGNORECASE)


def _fragment(sentence: str) -> bool:
    """Tell whether a sentence is a few words without a verb: "fees?", "the Bronx size"."""
    found = fold(sentence).rstrip("?.! ").split()
    return 0 < len(found) < 6 and not any(word in _VERBAL or word in SPEAKING for word in found)


_VERBAL = ASKING | frozenset((
    "am", "be", "been", "get", "got", "give", "explain", "describe", "compare", "outline", "recap", "overview", "gist",
    "summary", "tl;dr", "tldr", "count", "find", "will", "shall", "may", "must", "go", "went", "mean", "let",
    "commented", "replies", "comments", "commenters",
))  # fmt: skip


_THERE = re.compile(r"(?<!are )(?<!is )\bthere\b(?=\s*[?.!]?$)", re.IGNORECASE)


_FEW = 3  # comments up to which they are named by number


def _numbers(memory: Memory) -> str:
    return " and ".join(number for _, number in memory.comments)


def pointed(text: str, memory: Memory) -> tuple[str, bool]:
    """Find "that claim", "it", "this" pointing back; a question of structure gets the comment's number instead."""
    match = _THAT.search(text)
    if match is None and LEANING.search(text):
        return text, True
    place = _THERE.search(text)
    if place and memory.comments and re.search(r"\b(?:repl\w+|respond\w*|answer\w*)\b", text):
        return f"{text[: place.start()]}in {memory.comments[0][1]}{text[place.end() :]}", True
    if match is None and memory.comments and _OBJECTLESS.search(text):
        verb = _REPLY_VERB.search(text)
        rest = text[verb.end() :] if verb else ""
        if verb is None or len(memory.comments) > _FEW or re.search(r"\bthe \w+$", text[: verb.end()]):
            return text, True
        to = "" if verb.group().lower().startswith("answer") else " to"
        text = re.sub(r"\belse ", "", text[: verb.end()], flags=re.IGNORECASE) + text[verb.end() :]
        at = len(text) - len(rest)
        return f"{text[:at]}{to} {_numbers(memory)}{rest}", True
    if match is None or not memory.comments:
        return text, match is not None
    structural = re.search(
        r"\b(?:repl\w+|respon\w+|answer\w*|who (?:wrote|posted|said|made)|when|how long|score|votes|points|react\w*)\b",
        text[: match.start()] + " " + text[match.end() :] + " " + text,
        re.I,
    )
    if not structural or len(memory.comments) > _FEW:
        return text, True
    numbers = _numbers(memory)
    start, end = match.start(), match.end()
    for group in ("bare", "lead", "asked", "object", "acting"):
        if match[group]:
            start, end = match.span(group)
    return text[:start] + numbers + text[end:], True
