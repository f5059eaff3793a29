"""Comments that a page declares for machines: JSON-LD and microdata of schema.org."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ingest.clean import html_text, iso_time, tidy
from ingest.draft import Text
from ingest.formats.html_dom import Found, Markup, gather
from ingest.formats.textual import web_address
from ingest.thread import normalise

__all__ = ["declared", "microdata"]

_COMMENTS = frozenset({"Comment", "UserComments", "Answer", "DiscussionForumPosting", "Review", "CorrectionComment"})
_POSTS = frozenset({"DiscussionForumPosting", "SocialMediaPosting", "Question", "QAPage"})
_HOLDERS = ("comment", "suggestedAnswer", "acceptedAnswer")
_INSIDE = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "hasPart")


def declared(root: Any) -> list[Found]:
    """Return the comments of a page's JSON-LD, nested as declared; none where a block is not valid JSON."""
    found: list[Found] = []
    seen: set[tuple[str | None, str]] = set()
    for script in root.iter("script"):
        words = script.text or ""
        if "ld+json" not in (script.get("type") or "") or not any(f'"{name}"' in words for name in _HOLDERS):
            continue
        try:
            data = json.loads(words, strict=False)
        except (ValueError, RecursionError):
            continue
        for holder in _holders(data):
            _collect(holder, None, found, seen)
    return found


def _holders(data: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-LD document that may hold comments, outermost first."""
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict):
            if any(item.get(name) for name in _HOLDERS):
                yield item
                continue
            stack.extend(item[name] for name in _INSIDE if isinstance(item.get(name), dict | list))


def _collect(holder: dict[str, Any], parent: int | None, found: list[Found], seen: set[tuple[str | None, str]]) -> None:
    """Append the comments of an object, each before its own replies; no recursion."""
    stack = [(item, parent) for item in reversed(_items(holder))]
    while stack:
        item, above = stack.pop()
        text = _text(item)
        author = _author(item.get("author") or item.get("creator"))
        key = _key(item)
        if (key or author, text.body) in seen:
            continue
        seen.add((key or author, text.body))
        place = len(found)
        when = str(item.get("dateCreated") or item.get("datePublished") or item.get("commentTime") or "")
        votes = item.get("upvoteCount")
        link = item.get("url") if isinstance(item.get("url"), str) else None
        found.append(
            Found(
                element=None,
                key=key,
                parent=above,
                author=author,
                created=iso_time(when, utc=False),
                when=when or None,
                text=text,
                permalink=web_address(link),
                score=votes if isinstance(votes, int) and not isinstance(votes, bool) else None,
            )
        )
        stack.extend((reply, place) for reply in reversed(_items(item)))


def _items(holder: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for name in _HOLDERS:
        value = holder.get(name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and _kind(item) and _text(item).body:
                items.append(item)
    return items


def _kind(item: dict[str, Any]) -> bool:
    kind = item.get("@type") or "Comment"
    return bool(_COMMENTS & {str(name).rsplit("/", 1)[-1] for name in (kind if isinstance(kind, list) else [kind])})


def _text(item: dict[str, Any]) -> Text:
    for name in ("text", "commentText", "description", "articleBody"):
        if isinstance(item.get(name), str) and item[name].strip():
            return html_text(item[name])
    return Text("")


def _key(item: dict[str, Any]) -> str:
    """Return what names a comment: the last part of its id or address."""
    for name in ("@id", "identifier", "url"):
        match = re.search(r"([\w.-]{1,80})/?$", str(item.get(name) or ""))
        if match:
            return match.group(1)
    return ""


def _author(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name") or value.get("alternateName")
    return normalise(tidy(value)) or None if isinstance(value, str) else None


def _microdata_key(element: Any) -> str | None:
    kinds = {kind.rsplit("/", 1)[-1] for kind in (element.get("itemtype") or "").split()}
    if not kinds & _COMMENTS:
        return None
    if kinds & _POSTS and not (element.get("itemprop") or "").startswith("comment"):
        return None
    return element.get("itemid") or element.get("id") or ""


_MICRODATA = Markup(
    "microdata",
    _microdata_key,
    author=(
        ".//*[@itemprop='author' or @itemprop='creator']//*[@itemprop='name']",
        ".//*[@itemprop='author' or @itemprop='creator']",
    ),
    time=(".//*[@itemprop='dateCreated' or @itemprop='datePublished' or @itemprop='commentTime']",),
    body=(".//*[@itemprop='text' or @itemprop='commentText' or @itemprop='description']",),
    score=(".//*[@itemprop='upvoteCount']",),
)


def microdata(root: Any) -> list[Found]:
    """Return the comments that a page marks with microdata."""
    return gather(root, _MICRODATA)
