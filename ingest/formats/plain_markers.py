"""Lines of plain text that name who wrote a comment, in the styles that blogs and forums print.

A marker is a whole line. Which kind of marker a file uses is decided for the file, never for a line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.formats.when import EDGE, is_when, starts_time

__all__ = ["BUTTONS", "Marker", "find_markers", "separators", "uniform"]

_SAYS = (
    r"(?:says?|said|sagte?|schrieb|schreibt|wrote|writes|meinte?|dit|a dit|a écrit|écrit|dice|dijo|ha scritto"
    r"|scrive|zegt|schreef|skrev|säger|disse|diz|napisał|commented|replied)"
)
_LEAD_NUMBER = re.compile(r"^(?:comment\s*)?#?(\d{1,5})[.):]?\s+[-–—|:]?\s*(?=\S)", re.IGNORECASE)
_BY = re.compile(
    r"^by\s*(?P<name>\S.{0,60}?)(?:\s*\((?P<uid>\d+)\))?(?:\s*\*)?(?:\s*<[^>]{0,80}>)?"
    r"(?:\s+on\s+(?P<when>.{4,60}?))?(?:\s+\(#(?P<key>\d+)\))?(?:\s+(?:Homepage|Journal|Alter Relationship|Friend))*$"
)
_LABELLED = re.compile(
    r"^(?:comment\s*#?\s*(?P<number>\d+)\s*[-–—:.]?\s*)?"
    r"(?:(?:comment(?:ed)?|posted|written|submitted|left|kommentar|geschrieben|gepostet|commentaire|publié|escrito)\s+)?"
    r"(?P<by>by|von|par|por)\s*(?P<colon>:?)\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_SAID = re.compile(rf"^(?P<name>\S.{{0,80}}?)\s+{_SAYS}(?P<rest>\b.{{0,60}})$", re.IGNORECASE)
_ON_SAID = re.compile(rf"^(?:on|am|le)\s+(?P<when>.{{6,60}}),\s+(?P<name>[^,]{{1,60}}?)\s+{_SAYS}\s*:$", re.IGNORECASE)
_LINKS = re.compile(
    r"\s*\|\s*(?P<links>(?:root|parent|prev|next|favorite|context|hide|flag)\b.*)$|\s*\[[-–—+]\d*\]\s*$"
)
_TRAILING = re.compile(
    r"\s*[|·•–—-]\s*(?:permalink|permanent link|link|reply|report(?: this)?(?: comment)?|flag|quote|#)\W*$",
    re.IGNORECASE,
)
_SENTENCE_END = tuple(".!?…。！？")
_COWARD = "Anonymous Coward"
BUTTONS = re.compile(
    r"^(?:reply(?: to this.*)?|antworten|répondre|responder|rispondi|report(?: abuse)?|permalink|link|share|flag|quote"
    r"|like|\d+ likes?|recommend.*|responses?(?: \(\d+\))?|clip(?: this)?"
    r"|log in to reply|reply to .{1,40}|parent|#|melden|zitieren)\W*$",
    re.IGNORECASE,
)
_LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker line: its place, how many lines it takes, its indent, and what it says."""

    line: int
    span: int
    indent: int
    kind: str
    author: str | None
    when: str | None = None
    key: str | None = None
    number: int | None = None
    links: frozenset[str] = frozenset()


def find_markers(lines: Sequence[str]) -> list[Marker]:
    """Return every line that may be a marker, of all kinds, in order."""
    found: list[Marker] = []
    for place, line in enumerate(lines):
        text = line.strip()
        if not text or len(text) > _LONGEST_LINE:
            continue
        indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
        marker = _read(text, place, indent, lines)
        if marker is not None:
            found.append(marker)
    return found


def separators(lines: Sequence[str]) -> list[Marker]:
    """Return the runs of button lines (`Reply`, `Report`, `1 Like`) that separate comments without names."""
    found: list[Marker] = []
    for place, line in enumerate(lines):
        if not BUTTONS.match(line.strip()):
            continue
        if found and not any(between.strip() for between in lines[found[-1].line + found[-1].span : place]):
            last = found.pop()
            found.append(replace(last, span=place + 1 - last.line))
        else:
            found.append(Marker(place, 1, 0, "separator", None))
    return found


def uniform(markers: Sequence[Marker]) -> list[Marker]:
    """Drop the lines that only look like the file's markers: without the clock that nearly all the others have."""
    clocked = [marker for marker in markers if ":" in (marker.when or "")]
    return list(clocked) if len(markers) >= 10 and len(clocked) >= 0.95 * len(markers) else list(markers)


def _read(text: str, place: int, indent: int, lines: Sequence[str]) -> Marker | None:
    number = None
    text = _TRAILING.sub("", text)
    lead = _LEAD_NUMBER.match(text)
    if lead and not is_when(text):
        number, text = int(lead.group(1)), text[lead.end() :]
    if (match := _ON_SAID.match(text)) and is_when(match.group("when")):
        return Marker(place, 1, indent, "said", _name(match.group("name")), match.group("when"), number=number)
    if (match := _BY.match(text)) and (match.group("uid") or match.group("key") or match.group("name") == _COWARD):
        return Marker(place, 1, indent, "by", match.group("name"), match.group("when"), match.group("key"), number)
    if match := _LABELLED.match(text):
        return _labelled(match, place, indent, number)
    if match := _SAID.match(text):
        return _said(match, place, indent, number, lines)
    return _dated(text, place, indent, number, lines)


def _labelled(match: re.Match[str], place: int, indent: int, number: int | None) -> Marker | None:
    name, when = _split(match.group("rest"))
    number = int(match.group("number")) if match.group("number") else number
    plain = match.group(0)[:3].lower() in ("by ", "von", "par", "por") and not match.group("colon")
    if name is None or (when is None and (plain or not match.group("colon"))):
        return None
    return Marker(place, 1, indent, "labelled", name, when, number=number)


def _said(match: re.Match[str], place: int, indent: int, number: int | None, lines: Sequence[str]) -> Marker | None:
    rest = match.group("rest").strip()
    name, dated = _split(match.group("name"))
    below = lines[place + 1].strip() if place + 1 < len(lines) else ""
    when = rest.strip(EDGE + ".…")
    if name is None or (when and not is_when(when)):
        return None
    if dated is not None:
        return Marker(place, 1, indent, "said", name, dated, number=number)
    if not when and is_when(below.strip(EDGE)):
        return Marker(place, 2, indent, "said", name, below.strip(EDGE), number=number)
    if not when and not rest.endswith((":", "…", "...")):
        return None
    return Marker(place, 1, indent, "said", name, when or None, number=number)


def _dated(text: str, place: int, indent: int, number: int | None, lines: Sequence[str]) -> Marker | None:
    links: frozenset[str] = frozenset()
    tail = text
    while match := _LINKS.search(tail):
        links |= frozenset(re.findall(r"root|parent|prev|next", match.group("links") or ""))
        links |= frozenset({"bar"})
        tail = tail[: match.start()]
    name, when = _split(tail)
    if name is not None and when is not None:
        kind = "linked" if links else "name date" if tail.strip().startswith(name[:1]) else "date name"
        return Marker(place, 1, indent, kind, name, when, number=number, links=links)
    above = lines[place - 1].strip() if place else ""
    step = next((step for step in (1, 2) if place + step < len(lines) and lines[place + step].strip()), 0)
    below = lines[place + step].strip(EDGE) if step else ""
    if not above and below and is_when(below) and not is_when(text) and _name(text) is not None:
        return Marker(place, step + 1, indent, "name over date", _name(text), below, number=number)
    return None


def _split(text: str) -> tuple[str | None, str | None]:
    """Split a line into name and time, whichever comes first; (name, None) where no time is in it."""
    words = text.split()
    cuts = [
        at
        for at in range(1, min(len(words), 10))
        if starts_time(words[at:]) and is_when(" ".join(words[at:])) and words[at - 1].strip(EDGE)
    ]
    if cuts:
        at = next((at for at in cuts if not words[at].strip(EDGE) or words[at - 1][-1] in EDGE), cuts[0])
        return _name(" ".join(words[:at])), " ".join(words[at:]).strip(EDGE)
    for at in range(len(words) - 1, max(0, len(words) - 7), -1):
        if is_when(" ".join(words[:at])) and not is_when(words[at]):
            name = re.sub(r"^\d+\s+", "", " ".join(words[at:]).strip(EDGE))
            return _name(name), " ".join(words[:at]).strip(EDGE)
    return _name(text), None


def _name(text: str) -> str | None:
    """Return a text that can be a name, without the separators around it; None for sentences and times."""
    name = text.strip(EDGE)
    words = name.split()
    if not 1 <= len(words) <= 8 or len(name) > 60 or is_when(name) or not re.search(r"\w", name):
        return None
    if name.endswith(_SENTENCE_END) and not re.search(r"(?:^|\s)\w{1,3}\.$", name):
        return None
    return name
