"""Comments in a page's tree: which element is one, what it stands under, its name, time and words.

A site's markup is a `Markup` (a row of a table, see `html_markups`); `gather` reads any of them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.clean import element_text
from ingest.draft import Text
from ingest.formats.dates import read_dates
from ingest.formats.html_words import (
    approved,
    clean_name,
    excerpted,
    permalink,
    rest_of,
    shown_name,
    shown_time,
    text_of,
    votes,
    waiting,
)
from ingest.thread import Status

__all__ = ["Found", "Markup", "classes", "gather", "has"]

_DIGITS = re.compile(r"\d+")
_DEPTH = re.compile(r"(?:^|\s)(?:depth|level|indent)[-_]?(\d{1,3})(?:\s|$)")
_PARENT_ATTRIBUTES = ("data-parent-id", "data-parent", "data-parent-comment-id", "data-reply-to", "data-parentid")


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
    when = shown_time(time_at)
    text = element_text(body) if body is not None else rest_of(own, [name_at, time_at])
    return Found(
        element=element,
        key=key,
        parent=parent,
        author=clean_name(element.get("data-author") or "") or shown_name(name_at),
        created=None,
        when=when,
        text=approved(text),
        permalink=permalink(time_at),
        status=_status(own, text.body),
        score=votes(_first(own, markup.score)),
    )


def _status(own: Any, body: str) -> Status:
    kinds = " ".join(classes(own)).lower()
    if "pingback" in kinds or "trackback" in kinds or excerpted(body):
        return "pingback"
    if own.xpath(has("deleted-comment")):
        return "deleted"
    if own.xpath(has("comment-awaiting-moderation")) or waiting(body):
        return "pending"
    return "visible"


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
