"""Times in a question of structure: "on 3 March", "before Ada joined in", "between May 2 and May 4". Pure."""

import re

from rag.query import Side, Window
from rag.references import Marked

__all__ = ["day_of", "windows_of"]

_MONTHS = (
    "jan|januar", "feb|februar", "mar|mär|maerz", "apr", "may|mai", "jun|juni", "jul|juli", "aug", "sep", "oct|okt",
    "nov", "dec|dez",
)  # fmt: skip
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-zä]*"
_DATE = (
    r"(?:(?P<iso>\d{4}-\d{2}(?:-\d{2})?)"
    rf"|(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<m>{_MONTH})(?:,?\s+(?P<y>\d{{4}}))?"
    rf"|(?P<m2>{_MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y2>\d{{4}}))?"
    rf"|(?P<m3>{_MONTH})\s+(?P<y3>\d{{4}})|(?P<y4>(?:19|20)\d{{2}}))"
)
_DAY = re.compile(rf"\b(?:(?:on|in|during|from|dated|am|im)\s+)?(?:the\s+)?{_DATE}(?![\w-])")
_LEAD = {"before": "before", "prior to": "before", "until": "until", "till": "until", "up to": "until",
         "after": "after", "following": "after", "since": "since"}  # fmt: skip
_SIDES = "|".join(sorted(_LEAD, key=len, reverse=True))
_DONE = (
    r"(?:\s+(?:had|has|have|even|ever|first|finally|actually))*\s+(?:join\w*|arriv\w*|comment\w*|post\w*|wrote|write"
    r"|writes|written|appear\w*|show\w* up|turn\w* up|spoke up|start\w*|began|came|c[ho]im\w*|enter\w*|weigh\w*"
    r"|stepp?\w*|got|took part|participat\w*|repl\w+|answer\w*|respond\w*)"
    r"(?:\s+(?:in|up|along|here|out|on|for the first time|commenting|posting|writing"
    r"|(?:to )?(?:the|this) (?:thread|discussion|conversation|comments|debate|fray|party)))*"
)
_WINDOW = re.compile(
    rf"\b(?P<side>{_SIDES})\s+(?:(?:the|user|commenter)\s+)*(?:{_DATE}|(?P<comment>C\d+)(?!\s*'s)(?P<told>{_DONE})?"
    rf"|(?P<person>[PA]\d+)(?P<event>\s*'s (?:first )?(?:comment|post|message|appearance|arrival|entry)|{_DONE}))"
)
_PLAIN = "(?:the )?" + re.sub(r"\?P<\w+>", "?:", _DATE)
_BETWEEN = re.compile(
    rf"\b(?:between|from)\s+(?P<first>{_PLAIN})\s+(?:and|to|until|till|through)\s+(?P<last>{_PLAIN})(?![\w-])"
)


def _stamp(match: re.Match[str]) -> str:
    """Return a date as the beginning of an ISO one; without a year it becomes `-MM-DD`."""
    if match["iso"] or match["y4"]:
        return str(match["iso"] or match["y4"])
    name = match["m"] or match["m2"] or match["m3"]
    month = next(at for at, forms in enumerate(_MONTHS, 1) if re.match(forms, name))
    day = match["d"] or match["d2"]
    year = match["y"] or match["y2"] or match["y3"] or ""
    return f"{year}-{month:02d}" + (f"-{int(day):02d}" if day else "")


def day_of(text: str) -> tuple[str, str]:
    """Take a date out of the text; without a year it becomes `-MM-DD`."""
    match = _DAY.search(text)
    return (text.replace(match.group(), " "), _stamp(match)) if match else (text, "")


def windows_of(text: str, marked: Marked) -> tuple[str, tuple[Window, ...]]:
    """Take bounds in time out of the text: by a date, by a comment, or by somebody's first comment."""
    found: list[Window] = []
    between = _BETWEEN.search(text)
    if between:
        sides: tuple[tuple[Side, str], ...] = (("since", between["first"]), ("until", between["last"]))
        found = [Window(side, day=day_of(date)[1], told=f"{side} {date}") for side, date in sides]
        return f"{text[: between.start()]} {text[between.end() :]}".strip(), tuple(found)
    while match := _WINDOW.search(text):
        found.append(_window(match, marked))
        text = f"{text[: match.start()]} {text[match.end() :]}".strip()
    return text, tuple(found)


def _window(match: re.Match[str], marked: Marked) -> Window:
    side: Side = _LEAD[match["side"]]  # type: ignore[assignment]
    if match["comment"] or match["person"]:
        side = "after" if side == "since" else "before" if side == "until" else side
    if match["comment"]:
        reference = marked.references[int(match["comment"][1:])]
        told = marked.original[reference.start : reference.end]
        return Window(side, ids=reference.ids, told=f"{side} {told}")
    if match["person"]:
        number = int(match["person"][1:])
        names = marked.people[number].names if match["person"][0] == "P" else marked.article_authors
        return Window(side, by=names, told=f"{side} {' or '.join(names)} first commented")
    day = _stamp(match)
    return Window(side, day=day, told=f"{side} {day.removeprefix('-')}")
