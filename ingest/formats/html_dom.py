"""Comments in a page's tree: which element is one, what it stands under, its name, time and words.

A site's markup is a `Markup` (a row of a table, see `html_markups`); `gather` reads any of them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.clean import element_text, tidy
from ingest.draft import Text
from ingest.formats.dates import read_dates
from ingest.formats.textual import web_address
from ingest.thread import Quote, Status, normalise

__all__ = ["Found", "Markup", "classes", "clean_name", "cut", "gather", "has", "text_of"]

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
_DIGITS = re.compile(r"\d+")
_DEPTH = re.compile(r"(?:^|\s)(?:depth|level|indent)[-_]?(\d{1,3})(?:\s|$)")
_PARENT_ATTRIBUTES = ("data-parent-id", "data-parent", "data-parent-comment-id", "data-reply-to", "data-parentid")
_EDGE = 200
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Markup:
    """How a kind of site writes comments.

    `key` returns a comment's id for its element ("" where it has none), None for other elements. The XPaths are
    tried in order, relative to the comment. `nest` matches the class of a list of replies that stands *after* the
    comment answered instead of inside it. `opens` says that the first one is the article itself (forums).
    """

    name: str
    key: Callable[[Any], str | None]
    author: Sequence[str]
    time: Sequence[str]
    body: Sequence[str]
    nest: re.Pattern[str] | None = None
    opens: bool = False
    loose: bool = False
    score: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A comment found in a page; `parent` is a position in the list it stands in, `when` its time as written."""

    element: Any
    key: str
    parent: int | None
    author: str | None
    created: str | None
    when: str | None
    text: Text
    permalink: str | None = None
    status: Status = "visible"
    score: int | None = None


def classes(element: Any) -> list[str]:
    """Return the class words of an element."""
    return (element.get("class") or "").split()


def has(*names: str, tag: str = "*", axis: str = ".//") -> str:
    """Return an XPath for descendants with all of these classes.

    >>> has("fn", tag="b")
    ".//b[contains(concat(' ',normalize-space(@class),' '),' fn ')]"
    """
    tests = "".join(f"[contains(concat(' ',normalize-space(@class),' '),' {name} ')]" for name in names)
    return f"{axis}{tag}{tests}"


def text_of(element: Any) -> str:
    """Return the words of an element on one line."""
    return normalise(tidy(" ".join(element.itertext())))


def gather(root: Any, markup: Markup, among: Sequence[Any] | None = None) -> list[Found]:
    """Return the comments of a page in document order, each after its parent; `among` spares a walk of the tree."""
    members = _members(root.iter("*") if among is None else among, markup)
    places: dict[Any, int] = {}
    found: list[Found] = []
    for element, key in members.items():
        parent = _parent(element, places, markup)
        item = _read(element, key, parent, members, markup)
        places[element] = len(found)
        found.append(item)
    times = read_dates([item.when for item in found])
    found = [replace(item, created=time) for item, time in zip(found, times, strict=True)]
    return found if any(item.parent is not None for item in found) else _stated_parents(found)


def _stated_parents(found: list[Found]) -> list[Found]:
    """Read the parents of a flat list from what its elements state: a parent's id, else a depth in the class."""
    keys = {item.key: place for place, item in enumerate(found) if item.key}
    above: dict[int, int] = {}
    placed: list[Found] = []
    for place, item in enumerate(found):
        stated = next((item.element.get(name) for name in _PARENT_ATTRIBUTES if item.element.get(name)), "")
        parent = keys.get(stated) if stated in keys else keys.get("".join(_DIGITS.findall(stated)[-1:]))
        depth = _DEPTH.search(f"{item.element.get('class') or ''} depth-{item.element.get('data-depth') or ''}")
        if parent is None and depth is not None:
            level = int(depth.group(1))
            parent = next((above[at] for at in range(level - 1, -1, -1) if at in above), None)
            above = {at: where for at, where in above.items() if at < level} | {level: place}
        placed.append(replace(item, parent=parent if parent is not None and parent < place else None))
    return placed


def _members(elements: Iterable[Any], markup: Markup) -> dict[Any, str]:
    """Map comment elements to keys; a second element of the same comment inside or after the first is left out."""
    members: dict[Any, str] = {}
    seen: set[str] = set()
    for element in elements:
        key = markup.key(element)
        if key is None or (key and key in seen):
            continue
        seen.add(key)
        members[element] = key
    return members


def _parent(element: Any, places: Mapping[Any, int], markup: Markup) -> int | None:
    """Find the comment that this one stands in, or whose list of replies it stands in."""
    for above in element.iterancestors():
        if above in places:
            return places[above]
        if markup.nest is not None and markup.nest.search(f"{above.get('class') or ''} {above.get('id') or ''}"):
            for before in above.itersiblings(preceding=True):
                if before in places:
                    return places[before]
                inner = next((place for place in before.iter("*") if place in places), None)
                if inner is not None:
                    return places[inner]
    return None


def _read(element: Any, key: str, parent: int | None, members: Mapping[Any, str], markup: Markup) -> Found:
    own = _pruned(element, members)
    if markup.loose:
        name_at, time_at = _first(own, markup.author), _first(own, markup.time)
        body = _first(own, markup.body, without=(name_at, time_at))
    else:
        body = _first(own, markup.body)
        name_at, time_at = _first(own, markup.author, outside=body), _first(own, markup.time, outside=body)
    when = _when(time_at)
    text = element_text(body) if body is not None else _rest(own, [name_at, time_at])
    return Found(
        element=element,
        key=key,
        parent=parent,
        author=clean_name(element.get("data-author") or "") or _name(name_at),
        created=None,
        when=when,
        text=_approved(text),
        permalink=_permalink(time_at),
        status=_status(own, text.body),
        score=_score(_first(own, markup.score)),
    )


def _status(own: Any, body: str) -> Status:
    kinds = " ".join(classes(own)).lower()
    if "pingback" in kinds or "trackback" in kinds or _EXCERPT.match(body):
        return "pingback"
    if own.xpath(has("deleted-comment")):
        return "deleted"
    if own.xpath(has("comment-awaiting-moderation")) or _AWAITING.match(body):
        return "pending"
    return "visible"


def _approved(text: Text) -> Text:
    """Take the notice of moderation off a text."""
    notice = _AWAITING.match(text.body)
    return cut(text, notice.end(), len(text.body)) if notice else text


def _pruned(element: Any, members: Mapping[Any, str]) -> Any:
    """Copy an element without the comments nested in it."""
    twin = _alike(element, element)
    twin.text = element.text
    stack = [(element, twin)]
    while stack:
        source, target = stack.pop()
        for child in source:
            if child in members or not isinstance(child.tag, str):
                last = target[-1] if len(target) else None
                if last is not None:
                    last.tail = (last.tail or "") + (child.tail or "")
                else:
                    target.text = (target.text or "") + (child.tail or "")
                continue
            copied = _alike(target, child)
            copied.text, copied.tail = child.text, child.tail
            target.append(copied)
            stack.append((child, copied))
    return twin


def _alike(maker: Any, element: Any) -> Any:
    """Make an empty element like another; one with a name that may be parsed but not made becomes a `span`."""
    try:
        return maker.makeelement(element.tag, dict(element.attrib))
    except ValueError:
        return maker.makeelement("span")


def _first(own: Any, paths: Sequence[str], *, outside: Any = None, without: Sequence[Any] = ()) -> Any:
    """Return the first match of the paths that has words, not inside `outside` and holding none of `without`."""
    for path in paths:
        for place in own.xpath(path):
            if outside is not None and _inside(place, outside):
                continue
            if any(held is not None and (_inside(held, place) or _inside(place, held)) for held in without):
                continue
            if text_of(place) or place.get("datetime"):
                return place
    return None


def _inside(place: Any, outside: Any) -> bool:
    return place is outside or any(above is outside for above in place.iterancestors())


def _when(place: Any) -> str | None:
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


def _name(place: Any) -> str | None:
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


def _permalink(time_at: Any) -> str | None:
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


def _score(place: Any) -> int | None:
    match = _NUMBER.search(text_of(place)) if place is not None else None
    digits = re.sub(r"[.,]\d{0,2}$|[.,]", "", match.group()) if match else ""
    return int(digits) if digits.lstrip("+-").isdigit() and len(digits) < 10 else None


def _rest(own: Any, taken: Sequence[Any]) -> Text:
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
