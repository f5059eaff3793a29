"""Hacker News: Algolia items and search hits, Firebase items in any container, a saved page."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ingest.clean import html_text, iso_time, typed_quotes
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource
from ingest.formats.hackernews_page import GONE, ITEM, read_page
from ingest.formats.jsondata import counted, document, ident, items, link, looks_json, name, obj, peek, text, whole
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Status, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]

_STORIES = frozenset({"story", "job", "poll"})


def _sniff(source: Source) -> float:
    if b"athing" in source.data or b"comtr" in source.data:
        return 0.95 if re.search(rb"""class=["'][^"'>]*\bcomtr\b""", source.data) else 0.0
    data = peek(source)
    if isinstance(data, dict) and "hits" in data:
        hit = next((obj(hit) for hit in items(data["hits"])), {})
        return 0.95 if "objectID" in hit and ("story_id" in hit or "comment_text" in hit or "points" in hit) else 0.0
    if _is_algolia(data) or any(_is_algolia(item) for item in items(data)[:1]):
        return 0.95
    found = list(_firebase_items(data).values())[:20]
    return 0.9 if found and all("by" in item or "deleted" in item or "dead" in item for item in found) else 0.0


def _is_algolia(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("children"), list) and "created_at_i" in data and "id" in data


def _load(source: Source) -> tuple[Thread, ...]:
    if not looks_json(source):
        return (assemble(read_page(source), source),)
    data = document(source)
    if isinstance(data, dict) and isinstance(data.get("hits"), list):
        drafts = _search(data)
    elif _is_algolia(data) or any(_is_algolia(item) for item in items(data)[:1]):
        drafts = [_algolia(obj(item)) for item in (data if isinstance(data, list) else [data])]
    else:
        drafts = _firebase(_firebase_items(data))
    if not drafts:
        raise MalformedSource(
            f"{source.name} holds no item of Hacker News.", remedy="Save https://hn.algolia.com/api/v1/items/ID."
        )
    return tuple(assemble(draft, source) for draft in drafts)


def _body(html: str) -> Text:
    return typed_quotes(html_text(html))


def _status(item: Mapping[str, Any], author: str | None, body: str) -> Status:
    if item.get("deleted") is True or body.strip().lower() == "[deleted]":
        return "deleted"
    if item.get("dead") is True or GONE.match(body):
        return "removed"
    return "deleted" if not body and author is None else "visible"


def _draft(key: str, parent: str | None, author: str | None, html: str, item: Mapping[str, Any], time: Any) -> Draft:
    return Draft(
        key=key,
        parent_key=parent,
        author=author,
        text=_body(html),
        created_at=iso_time(time),
        permalink=ITEM + key,
        status=_status(item, author, html),
    )


def _article(item: Mapping[str, Any], key: str, author: str | None, html: str, options: Iterable[str] = ()) -> Article:
    words = [_body(html).body, *(f"- {option}" for option in options)]
    return Article(
        title=_body(text(item.get("title"))).body,
        author=author,
        published=iso_time(item.get("created_at_i") or item.get("time") or item.get("created_at")),
        url=link(item.get("url")) or ITEM + key,
        text="\n\n".join(word for word in words if word),
    )


def _algolia(root: Mapping[str, Any]) -> ThreadDraft:
    key = ident(root.get("id")) or ""
    branch = ident(root.get("story_id")) if root.get("type") == "comment" else None
    comments: list[Draft] = []
    stack: list[tuple[Any, str | None]] = [(root, None)] if branch else _push(root, None)
    while stack:
        item, parent = stack.pop()
        item = obj(item)
        own = ident(item.get("id"))
        if own is None:
            continue
        time = item.get("created_at_i") or item.get("created_at")
        comments.append(_draft(own, parent, name(item.get("author")), text(item.get("text")), item, time))
        stack += _push(item, own)
    if branch and branch != key:
        note = f"The file holds one branch of a discussion: the comment {ITEM}{key} and what answers it."
        article = Article(title=_body(text(root.get("title"))).body, url=ITEM + branch)
        return ThreadDraft("hn", branch, article, tuple(comments), (note,), missing=None)
    options = [_body(text(obj(option).get("text"))).body for option in items(root.get("options"))]
    article = _article(root, key, name(root.get("author")), text(root.get("text")), filter(None, options))
    return ThreadDraft("hn", key or None, article, tuple(comments))


def _push(item: Mapping[str, Any], parent: str | None) -> list[tuple[Any, str | None]]:
    return [(child, parent) for child in reversed(items(item.get("children")))]


def _firebase_items(data: Any) -> dict[str, dict[str, Any]]:
    """Find the items in a list, a map, a bundle or JSON Lines; items that are null are left out."""
    found: dict[str, dict[str, Any]] = {}
    stack = [data]
    seen = 0
    while stack and seen < 500_000:
        seen += 1
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, dict):
            key = ident(value.get("id"))
            kind = text(value.get("type"))
            if key and (kind in ("comment", "pollopt") or kind in _STORIES) and "created_at_i" not in value:
                found.setdefault(key, value)
            elif key is None:
                stack.extend(reversed([inner for inner in value.values() if isinstance(inner, dict | list)]))
    return found


def _firebase(found: Mapping[str, dict[str, Any]]) -> list[ThreadDraft]:
    parents: dict[str, str | None] = {key: ident(item.get("parent")) for key, item in found.items()}
    for key, item in found.items():
        for kid in items(item.get("kids")):
            kid_key = ident(kid)
            if kid_key is not None and kid_key in found and parents[kid_key] is None:
                parents[kid_key] = key
    roots: dict[str, list[str]] = {}
    for key in found:
        roots.setdefault(_root(key, parents), []).append(key)
    return [_firebase_thread(root, keys, found, parents) for root, keys in roots.items()]


def _root(key: str, parents: Mapping[str, str | None]) -> str:
    seen = set[str]()
    at = key
    while (above := parents.get(at)) is not None and at not in seen:
        seen.add(at)
        at = above
    return min(seen) if at in seen else at


def _firebase_thread(
    root: str, keys: list[str], found: Mapping[str, dict[str, Any]], parents: Mapping[str, str | None]
) -> ThreadDraft:
    story = found.get(root, {})
    comments = {key: found[key] for key in keys if found[key].get("type") == "comment"}
    if story.get("type") == "comment":
        story = {}
    ranks: dict[str, int] = {}
    absent = set[str]()
    for item in (story, *comments.values()):
        for rank, kid in enumerate(items(item.get("kids"))):
            kid_key = ident(kid)
            if kid_key in comments:
                ranks[kid_key] = rank
            elif kid_key is not None:
                absent.add(kid_key)
    missing = len(absent)
    if missing:
        missing = max(missing, (whole(story.get("descendants")) or 0) - len(comments))
    drafts = [
        _draft(
            key,
            None if parents[key] == root and root not in comments else parents[key],
            name(item.get("by")),
            text(item.get("text")),
            item,
            item.get("time"),
        )
        for key, item in sorted(comments.items(), key=lambda pair: ranks.get(pair[0], len(ranks)))
    ]
    options = [found[key] for key in keys if found[key].get("type") == "pollopt"]
    article = _article(
        story, root, name(story.get("by")), text(story.get("text")), [_body(text(o.get("text"))).body for o in options]
    )
    notes = (f"Not in the file: {counted(missing, 'comment')} that it refers to.",) if missing else ()
    return ThreadDraft("hn", root, article, tuple(drafts), notes, missing=missing)


def _search(data: Mapping[str, Any]) -> list[ThreadDraft]:
    stories: dict[str, dict[str, Any]] = {}
    comments: dict[str, list[Draft]] = {}
    for hit in map(obj, items(data.get("hits"))):
        key = ident(hit.get("objectID"))
        if key is None:
            continue
        story = ident(hit.get("story_id"))
        html = text(hit.get("comment_text"))
        if not html or story in (None, key):
            stories[key] = hit
            comments.setdefault(key, [])
            continue
        parent = ident(hit.get("parent_id"))
        stories.setdefault(story, {"title": hit.get("story_title"), "url": hit.get("story_url")})
        comments.setdefault(story, []).append(
            _draft(
                key,
                None if parent == story else parent,
                name(hit.get("author")),
                html,
                hit,
                hit.get("created_at_i") or hit.get("created_at"),
            )
        )
    return [_search_thread(key, stories[key], found) for key, found in comments.items()]


def _search_thread(key: str, story: Mapping[str, Any], found: list[Draft]) -> ThreadDraft:
    article = _article(story, key, name(story.get("author")), text(story.get("story_text")))
    total = whole(story.get("num_comments"))
    missing = None if total is None else max(0, total - len(found))
    note = "These are the hits of a search, not the whole discussion."
    return ThreadDraft("hn", key, article, tuple(found), () if missing == 0 else (note,), missing=missing)


LOADER = Loader("hackernews", "Hacker News (API answer, search, saved page)", _sniff, _load)
