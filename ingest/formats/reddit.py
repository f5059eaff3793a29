"""Reddit: `.json` answers, `morechildren`, dumps with one object a line, a saved page of old Reddit."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.clean import iso_time, markdown_text
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource
from ingest.formats.jsondata import (
    Lines,
    counted,
    document,
    ident,
    items,
    link,
    looks_json,
    name,
    obj,
    peek,
    text,
    whole,
)
from ingest.formats.reddit_page import DELETED, SITE, bare, read_page, status_of
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]

_SLACK = 10  # the site's own count differs from what it sends by a few deleted comments
_THING = re.compile(rb"""data-fullname=["']t1_""")
_ESCAPED = re.compile(r"&(gt|lt|amp|#39|quot|nbsp|#x200B);")
_SPOILER = re.compile(r">!(.+?)!<", re.DOTALL)
_QUOTE_WITHOUT_SPACE = re.compile(r"^(>+)(?=[^\s>])", re.MULTILINE)
_MARKS = {"gt": ">", "lt": "<", "amp": "&", "#39": "'", "quot": '"', "nbsp": " ", "#x200B": ""}


def _sniff(source: Source) -> float:
    if _THING.search(source.data):
        return 0.95 if b"thing" in source.data and not looks_json(source) else 0.0
    data = peek(source)
    if isinstance(data, dict):
        if data.get("kind") in ("Listing", "t1", "t3", "more"):
            return 0.95
        if isinstance(obj(obj(data.get("json")).get("data")).get("things"), list):
            return 0.95
        return 0.9 if _is_comment(data) or _is_post(data) else 0.0
    head = [obj(item) for item in items(data)[:5]]
    if head and all(item.get("kind") in ("Listing", "t1", "t3", "more") for item in head):
        return 0.95
    return 0.9 if head and all(_is_comment(item) or _is_post(item) for item in head) else 0.0


def _is_comment(item: Mapping[str, Any]) -> bool:
    parent = text(item.get("parent_id")) or text(item.get("link_id"))
    return parent.startswith(("t1_", "t3_")) and "body" in item


def _is_post(item: Mapping[str, Any]) -> bool:
    return "selftext" in item and "title" in item and "id" in item


@dataclass(slots=True)
class _Post:
    """One submission with what was found of its comments; `stubs` maps a hidden comment's id to how many it hides."""

    data: Mapping[str, Any] = field(default_factory=dict)
    comments: list[Draft] = field(default_factory=list)
    stubs: list[Mapping[str, Any]] = field(default_factory=list)


def _load(source: Source) -> tuple[Thread, ...]:
    if not looks_json(source):
        return (assemble(read_page(source), source),)
    data = document(source)
    posts: dict[str, _Post] = {}
    for kind, thing in _things(data):
        if kind == "t3":
            posts.setdefault(bare(thing.get("name") or thing.get("id")) or "", _Post()).data = thing
        elif kind == "t1":
            posts.setdefault(bare(thing.get("link_id")) or "", _Post()).comments.append(_comment(thing))
        elif kind == "more":
            posts.setdefault(_link_of(thing, posts), _Post()).stubs.append(thing)
    if not posts:
        raise MalformedSource(
            f"{source.name} holds no comments of Reddit.", remedy="Save the discussion's address with `.json` added."
        )
    bad = data.bad if isinstance(data, Lines) else 0
    notes = (f"Left out: {counted(bad, 'line')} that could not be read.",) if bad else ()
    dumped = isinstance(data, Lines)
    return tuple(assemble(_thread(key, post, notes, dumped), source) for key, post in posts.items())


def _things(data: Any) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield (kind, data) of every thing in reading order, replies after what they answer; no recursion."""
    stack: list[tuple[Any, str | None]] = [(data, None)]
    while stack:
        value, above = stack.pop()
        if isinstance(value, list):
            stack.extend((inner, above) for inner in reversed(value))
            continue
        if not isinstance(value, dict):
            continue
        kind, inner = value.get("kind"), obj(value.get("data"))
        if kind is None and "json" in value:
            stack.append((obj(obj(value["json"]).get("data")).get("things"), above))
        elif kind == "Listing":
            stack.append((inner.get("children"), above))
        elif kind in ("t1", "t3", "more"):
            post = _link_id(inner, kind) or above
            yield kind, {**inner, "link_id": inner.get("link_id") or post}
            stack.append((inner.get("replies"), post))
        elif _is_comment(value):
            yield "t1", value
        elif _is_post(value):
            yield "t3", value


def _link_id(thing: Mapping[str, Any], kind: str) -> str | None:
    if kind == "t3":
        key = bare(thing.get("name") or thing.get("id"))
        return f"t3_{key}" if key else None
    return ident(thing.get("link_id"))


def _link_of(stub: Mapping[str, Any], posts: dict[str, _Post]) -> str:
    parent = text(stub.get("parent_id"))
    key = bare(stub.get("link_id")) or (bare(parent) if parent.startswith("t3_") else None)
    return key or next(reversed(posts), "")


def _comment(thing: Mapping[str, Any]) -> Draft:
    key = bare(thing.get("id") or thing.get("name"))
    parent = text(thing.get("parent_id"))
    author = name(thing.get("author"))
    body = text(thing.get("body"))
    status = status_of(body, thing)
    post = bare(thing.get("link_id"))
    path = text(thing.get("permalink")) or (f"/comments/{post}/_/{key}/" if post else "")
    flags = ("account_deleted",) if author in DELETED and status == "visible" else ()
    return Draft(
        key=key or f"{parent}:{thing.get('created_utc')}:{body[:80]}",
        parent_key=bare(parent) if parent.startswith("t1_") else None,
        author=None if author in DELETED else author,
        text=_body(body) if status == "visible" else Text(""),
        created_at=iso_time(thing.get("created_utc")),
        score=None if thing.get("score_hidden") is True else whole(thing.get("score")),
        permalink=link(path if path.startswith("http") else SITE + path) if path else None,
        status=status,
        flags=flags,
        native=key is not None,
    )


def _body(markdown: str) -> Text:
    """Read a body: unescaped once where the answer was asked for without `raw_json`, spoiler marks removed."""
    markdown = _ESCAPED.sub(lambda found: _MARKS[found.group(1)], markdown)
    if ">" in markdown:
        markdown = _QUOTE_WITHOUT_SPACE.sub(r"\1 ", _SPOILER.sub(r"\1", markdown))
    return markdown_text(markdown)


def _thread(key: str, post: _Post, notes: tuple[str, ...], dumped: bool) -> ThreadDraft:
    data = post.data
    present = {draft.key for draft in post.comments}
    hidden, unknown = _hidden(post.stubs, present)
    notes += (f"Not in the file: {counted(hidden, 'comment')} behind “load more comments”.",) if hidden else ()
    notes += (f"Not in the file: what follows {counted(unknown, '“continue this thread” link')}.",) if unknown else ()
    author = name(data.get("author"))
    shown = text(data.get("selftext"))
    path = text(data.get("permalink"))
    home = SITE + path if path.startswith("/") else (f"{SITE}/comments/{key}" if key else "")
    article = Article(
        title=_body(text(data.get("title"))).body if data else "",
        subtitle=f"r/{data['subreddit']}" if name(data.get("subreddit")) else "",
        author=None if author in DELETED else author,
        published=iso_time(data.get("created_utc")),
        url=link(data.get("url")) or link(home),
        text="" if status_of(shown, data) != "visible" else _body(shown).body,
    )
    total = whole(data.get("num_comments")) or 0
    if total - len(present) - hidden > max(_SLACK, total // 5):
        notes += (f"The file holds only a part of the discussion: {len(present):,} of {total:,} comments.",)
        hidden = total - len(present)
    missing = None if dumped or not data or (unknown and not hidden) else hidden
    return ThreadDraft("reddit", key or None, article, tuple(post.comments), notes, missing=missing)


def _hidden(stubs: Iterable[Mapping[str, Any]], present: set[str]) -> tuple[int, int]:
    """Count the comments behind `more` stubs, those since loaded taken off; and the stubs that cannot tell."""
    hidden = unknown = 0
    for stub in stubs:
        count = whole(stub.get("count")) or 0
        children = [bare(child) for child in items(stub.get("children"))]
        if count <= 0 and not children:
            unknown += 1
            continue
        loaded = sum(child in present for child in children)
        hidden += 0 if children and loaded == len(children) else max(count, len(children)) - loaded
    return hidden, unknown


LOADER = Loader("reddit", "Reddit (.json answer, dump, saved old page)", _sniff, _load)
