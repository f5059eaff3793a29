"""Questions about the conversation itself: an earlier answer, who said that, the whole comment, a correction. Pure."""

import re
from collections.abc import Sequence
from typing import Literal

from rag.evidence import Turn

__all__ = ["About", "about_the_answer", "amended", "asked_before"]

About = Literal["whole", "who", ""]

_PLACES = {"first": 0, "initial": 0, "original": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}
_EARLIER = re.compile(
    r"\bmy (?:very )?(?P<which>first|initial|original|second|third|fourth|fifth|last|previous|earlier) question\b"
    r"|\bwhat (?:did i|have i|i)(?: \w+)? asked? (?:you )?(?:at )?(?P<when>first|before|earlier|last|the beginning)\b"
    r"|\b(?:your|the) (?P<answer>first|second|third|fourth|fifth|last|previous|earlier) answer\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"(?:please |can you |could you )*(?:repeat(?: (?:that|it|yourself|your (?:last )?answer|the (?:last )?answer))?"
    r"|say (?:that|it) again|(?:come )?again|what did you (?:just )?say|noch ?mal|répète|encore)(?: please)?\s*[?.!]*",
    re.IGNORECASE,
)


def asked_before(question: str, history: Sequence[Turn]) -> tuple[str, Sequence[Turn]]:
    """Return the earlier question that is to be answered once more, and what went before it.

    "What was the answer to my first question?", "repeat that". Any other question comes back with its history.
    """
    at = _earlier(question, history)
    return (question, history) if at is None else (history[at].question, history[:at])


def _earlier(question: str, history: Sequence[Turn]) -> int | None:
    text = question.strip()
    if not history:
        return None
    if _AGAIN.fullmatch(text):
        return len(history) - 1
    match = _EARLIER.search(text)
    if match is None:
        return None
    which = next(group for group in match.groups() if group).lower()
    at = 0 if which == "the beginning" else _PLACES.get(which, len(history) - 1)
    return at if at < len(history) else None


_OBJECT = (
    r"(?:(?:the |that |this |it|those |these |them|his |her |their )"
    r"(?: ?(?:whole|full|entire|complete|original|exact))*)"
)
_WHOLE = re.compile(
    r"(?:and |so |ok |please |can you |could you |can i |may i |i want to |let me )*"
    r"(?:(?:quote|show|give|read|see|print|display|cite|have|what is|what does)\b(?: me| us)?)? ?"
    rf"{_OBJECT}? ?(?:comments?|posts?|repl(?:y|ies)|messages?|text|quotes?|words|one|version|thing)?s?"
    r"(?: say)?(?:,? ?(?:in full|in its entirety|entirely|completely|verbatim|word for word|literally|as a whole))?"
    r"(?: please)?\s*[?.!]*",
    re.IGNORECASE,
)
_FULLY = re.compile(
    r"\b(?:in full|in its entirety|entire|whole|full|complete|verbatim|word for word|exact words|original text)\b",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"(?:and |so |but |ok )*(?:who (?:said|says|claims?|claimed|wrote|writes|posted|made|told you|thinks|argues) "
    r"(?:so|that|this|it|those|these)|(?:says|said) who|who says"
    r"|who (?:is|was) (?:that|this|it)(?: by| from)?"
    r"|(?:by|from|according to) who(?:m)?|whose (?:words|comment|opinion|view|claim) (?:is|was|are|were) (?:that|this"
    r"|it|those)|sources?|references?|citations?|evidence|proof|link"
    r"|where (?:does|did) (?:it|that|this) (?:say|come from|stand)(?: (?:so|that))?"
    r"|where (?:is|was) (?:that|this|it) (?:said|from|written)"
    r"|where do you (?:get|have|take) "
    r"(?:that|this|it) from|how do you know(?: that| this)?|wer (?:sagt|schreibt|behauptet|meint) das|quelle"
    r"|qui (?:dit|a dit) (?:ça|cela))(?: exactly| please)?\s*[?.!]*",
    re.IGNORECASE,
)


def about_the_answer(question: str) -> About:
    """Tell whether a question wants the comments of the last answer in `whole`, or `who` wrote them."""
    text = question.strip()
    if _WHO.fullmatch(text):
        return "who"
    return "whole" if _FULLY.search(text) and _WHOLE.fullmatch(text) else ""


_AMENDED = re.compile(
    r"^(?:(?:no|nope|nein|sorry|oops|wait|actually|well|ok|oh|ah|hm+)\b[,.:! –—-]*)*"
    r"(?P<meant>(?:i|we) (?:mean|meant|was asking (?:about|for)|am asking (?:about|for)|was talking about)"
    r"|i(?:'m|’m) asking about|rather|instead|make (?:that|it)|ich meinte"
    r"|je voulais dire)\b[,: ]*(?P<what>.+?)[.?! ]*$",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^(?:(?:no|nope|nein|sorry|oops|wait|actually|non)\b[,.:! –—-]*)+(?:not \S+(?: \S+)?[,;:]? (?:but )?)?"
    r"(?P<what>\S+(?: \S+){0,3}?)[.?! ]*$",
    re.IGNORECASE,
)


def amended(question: str) -> tuple[str, bool] | None:
    """Return what a correction puts in ("I meant Don" → `Don`), and whether it says so outright; None without one."""
    match = _AMENDED.match(question.strip())
    if match is not None:
        return re.sub(r"^not .+?,? but (?:rather )?", "", match["what"], flags=re.IGNORECASE), True
    match = _NO.match(question.strip())
    return (match["what"], False) if match is not None else None
