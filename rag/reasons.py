"""What a question asks for by a noun ("the founder of …"), and whether it asks for a reason and a text gives one. Pure.

English, German and French.
"""

import re

from rag.words import SPEAKING

__all__ = ["asked_for", "asks_why", "gives_reason"]

_AUX = r"(?:do|does|did|has|have|had|is|are|was|were|will|would|can|could|should)"
_FOCUS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:what|who|which)(?:\s+(?:is|was|are|were)|['’]s)\s+(?:the\s+)?(?:[\w'’]+\s+){0,2}?(?P<thing>[^\W\d_]{3,})"
        r"\s+(?:of|for|behind|at)\b",
        r"\b(?:what|who)(?:\s+(?:is|was|are|were)|['’]s)\s+(?:[\w.'’-]+\s+){0,3}?[\w.-]+['’]s?\s+(?:[a-z]+\s+)?"
        r"(?P<thing>[^\W\d_]{3,})\s*\??$",
        rf"\b(?:what|which)\s+(?!{_AUX}\b|kind\b|sort\b|type\b)(?:(?:kinds?|sorts?|types?) of\s+|other\s+|new\s+)?"
        rf"(?:[a-z]+\s+)??(?P<thing>[^\W\d_]{{3,}})\s+{_AUX}\b",
        r"\b(?:welche[rsnm]?|was für eine?)\s+(?P<thing>[^\W\d_]{3,})",
        r"\bwie heißt (?:der|die|das|sein\w*|ihr\w*)\s+(?P<thing>[^\W\d_]{3,})",
        r"\bquel\w*\s+(?:est\s+(?:le|la|les)\s+)?(?P<thing>[^\W\d_]{3,})",
    )
)
_WHY = re.compile(r"^\W*(?:\w+\W+){0,2}?(?:why|warum|wieso|weshalb|pourquoi|por qué)\b", re.IGNORECASE)
_REASON = re.compile(
    r"\b(?:because|since|due to|so that|so|therefore|thus|hence|reasons?|cause[sd]?|as a result|in order to|that's why"
    r"|which is why|otherwise|why|too \w+|to \w+|weil|denn|deshalb|daher|darum|wegen|damit|sonst|grund|parce que|car"
    r"|puisque|à cause|pour que|donc|afin)\b|:",
    re.IGNORECASE,
)


def asked_for(question: str) -> str:
    """Return the noun that names what a question asks for, as written, or "".

    >>> asked_for("Who is the founder of the club?"), asked_for("What is Ada's salary?"), asked_for("Why not?")
    ('founder', 'salary', '')
    """
    match = next((found for pattern in _FOCUS if (found := pattern.search(question))), None)
    return match["thing"] if match and match["thing"].casefold() not in SPEAKING else ""


def asks_why(question: str) -> bool:
    """Tell whether a question asks for a reason."""
    return _WHY.search(question) is not None


def gives_reason(text: str) -> bool:
    """Tell whether a text may give a reason: a word of cause, a purpose, or a colon, after which one often follows."""
    return _REASON.search(text) is not None
