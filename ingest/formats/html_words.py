"""What a comment's elements say: its name, time, votes and words, without the furniture around them."""

import re
from collections.abc import Sequence
from typing import Any

from ingest.clean import element_text, tidy
from ingest.draft import Text
from ingest.formats.textual import web_address
from ingest.thread import Quote, normalise

__all__ = [
    "approved",
    "clean_name",
    "cut",
    "excerpted",
    "permalink",
    "rest_of",
    "shown_name",
    "shown_time",
    "text_of",
    "votes",
    "waiting",
]

_LEAD = re.compile(
    r"^(?:(?:comment|posted|written|submitted|kommentar|geschrieben|commentaire|comentario|gepostet)\s+)?"
    r"(?:by|von|par|por|door)\s*:?\s+|^(?:name|author|autor|auteur)\s*:\s*",
    re.IGNORECASE,
)
_SAYS = (
    r"(?:says?|said|wrote|writes|sagte?|schrieb|schreibt|meinte?|dit|a dit|écrit|a écrit|dice|dijo|ha scritto"
    r"|scrive|zegt|schreef|mówi|pisze|skrev|säger|disse|diz|commented|replied|kommentierte|antwortete)"
)
_DATED_TAIL = re.compile(r"(?:\s+[-–—|·•@]+\s*|\s*,\s*|\s+(?:on|at|am|um|le|el)\s+)(?=[^\n]*\d).*$")
_SAYS_TAIL = re.compile(rf"\s+{_SAYS}\b[^\n]{{0,60}}$|\s*:\s*$", re.IGNORECASE)
_SAYS_HEAD = re.compile(rf"^\W*{_SAYS}?\s*(?:\.\.\.|…|:)?\s*\n+", re.IGNORECASE)
_TAIL_LINK = re.compile(
    r"(?:^|\n)\W*(?:reply(?: to this)?|antworten|répondre|responder|rispondi|permalink|report|link|quote|like|share"
    r"|flag|zitieren|melden)\W*$",
    re.IGNORECASE,
)
_FURNITURE = re.compile(
    r"(?:^|[-_ ])(?:meta(?:data)?|commentmetadata|avatar|vcard|gravatar|reply(?:link|box)?|respond|actions?|share"
    r"|social|votes?|voting|rating|likes?|tools?|toolbar|buttons?|controls?|byline|permalink|author|user(?:name|info)?"
    r"|date(?:time)?|time(?:stamp)?|header|footer|info|report|flag|signature|poster|says)(?:[-_ ]|$)",
    re.IGNORECASE,
)
_FURNITURE_TAGS = frozenset({"form", "button", "input", "textarea", "select", "script", "style", "footer", "time"})
_NUMBER = re.compile(r"[-+]?\d[\d.,]*")
_EXCERPT = re.compile(r"\[(?:\.\.\.|…)\].*\[(?:\.\.\.|…)\]$", re.DOTALL)
_AWAITING = re.compile(
    r"\W*(?:your comment is awaiting moderation|dein kommentar wartet auf (?:die )?(?:moderation|freischaltung)|votre "
    r"commentaire est en attente de modération)\.?\s*",
    re.IGNORECASE,
)
_EDGE = 200
_LONGEST_NAME = 120


def text_of(element: Any) -> str:
    """Return the words of an element on one line."""
    return normalise(tidy(" ".join(element.itertext())))


def approved(text: Text) -> Text:
    """Take the notice of moderation off a text."""
    notice = _AWAITING.match(text.body)
    return cut(text, notice.end(), len(text.body)) if notice else text


def shown_time(place: Any) -> str | None:
    """Return the time as written: the machine-readable attribute, a telling title, else the words."""
    if place is None:
        return None
    for name in ("datetime", "data-utime", "data-time", "data-timestamp", "content"):
        if place.get(name):
            return str(place.get(name))
    title = place.get("title") or ""
    shown = text_of(place)
    exact = re.match(r"\d{4}-\d\d-\d\d", title)
    raw = title if exact or (re.search(r"\d{4}", title) and not re.search(r"\d{4}", shown)) else shown
    return raw[:80] or None


def shown_name(place: Any) -> str | None:
    """Return the name that an element gives, without “says:”, “Comment by” and a date after it."""
    if place is None:
        return None
    return clean_name(place.get("content") or text_of(place))


def clean_name(shown: str) -> str | None:
    """Reduce a shown byline to the name.

    >>> clean_name("Comment by Ada Byron — 3 March 2012 @ 14:20")
    'Ada Byron'
    """
    name = _SAYS_TAIL.sub("", _DATED_TAIL.sub("", _LEAD.sub("", normalise(tidy(shown))))).strip(" \u200b|·•,")
    return name if name and len(name) <= _LONGEST_NAME else None


def permalink(time_at: Any) -> str | None:
    """Return the address that the comment's time links to, where it looks like a comment's and not a home page."""
    if time_at is None:
        return None
    links = [place for place in (time_at, *time_at.iterancestors()) if place.tag == "a"]
    links += list(time_at.iterdescendants("a"))
    for link in links:
        href = web_address(link.get("href"))
        if href is not None and re.search(r"#|comment|post|/p/", href):
            return href
    return None


def votes(place: Any) -> int | None:
    """Return the first whole number that an element shows, as votes."""
    match = _NUMBER.search(text_of(place)) if place is not None else None
    digits = re.sub(r"[.,]\d{0,2}$|[.,]", "", match.group()) if match else ""
    return int(digits) if digits.lstrip("+-").isdigit() and len(digits) < 10 else None


def rest_of(own: Any, taken: Sequence[Any]) -> Text:
    """Read the words of a comment whose body is not marked: all but its name, time, links and forms."""
    gone = [place for place in own.iterdescendants("*") if place in taken or _is_furniture(place)]
    for place in gone:
        parent = place.getparent()
        if parent is None or parent is own.getparent():
            continue
        before = place.getprevious()
        if place.tail and before is not None:
            before.tail = (before.tail or "") + place.tail
        elif place.tail:
            parent.text = (parent.text or "") + place.tail
        parent.remove(place)
    own.tag = "div"  # a list item would be read with its dash
    text = element_text(own)
    start = len(match.group()) if (match := _SAYS_HEAD.match(text.body[:_EDGE])) else 0
    edge = max(start, len(text.body) - _EDGE)
    end = edge + match.start() if (match := _TAIL_LINK.search(text.body[edge:])) else len(text.body)
    return cut(text, start, end)


def waiting(body: str) -> bool:
    """Tell whether a body begins with the notice that it awaits moderation."""
    return bool(_AWAITING.match(body))


def excerpted(body: str) -> bool:
    """Tell whether a body is another blog's excerpt, as pingbacks are shown: `[…] words […]`."""
    return bool(_EXCERPT.match(body))


def cut(text: Text, start: int, end: int) -> Text:
    """Return a part of a text with the quotes that lie in it."""
    body = text.body[start:end]
    lead = len(body) - len(body.lstrip())
    body = body.strip()
    quotes = (
        Quote(max(0, q.start - start - lead), min(len(body), q.end - start - lead), q.comment_id, q.author)
        for q in text.quotes
    )
    return Text(body, tuple(q for q in quotes if q.start < q.end and body[q.start : q.end].strip()))


def _is_furniture(place: Any) -> bool:
    if not isinstance(place.tag, str) or place.tag in _FURNITURE_TAGS:
        return True
    return bool(_FURNITURE.search(f"{place.get('class') or ''} {place.get('id') or ''}"))
