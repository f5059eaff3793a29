"""Lemmy: the answer that lists a post's comments, with or without the post."""

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.clean import iso_time, markdown_text
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource
from ingest.formats.jsondata import counted, document, ident, items, link, name, obj, peek, text, whole
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Status, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]


def _sniff(source: Source) -> float:
    data = peek(source)
    views = _views(data)
    head = [obj(obj(view).get("comment")) for view in views[:5]]
    if head and all("path" in comment and "content" in comment for comment in head):
        return 0.95
    return 0.9 if "post" in obj(obj(data).get("post_view")) else 0.0


def _views(data: Any) -> list[Any]:
    """Return the comment views of an answer: version 3 names them `comments`, version 4 `items`."""
    return items(obj(data).get("comments")) or items(obj(data).get("items")) or items(data)


def _load(source: Source) -> tuple[Thread, ...]:
    data = document(source)
    views = [obj(view) for view in _views(data)]
    posts: dict[str, Mapping[str, Any]] = {}
    whole_post = obj(obj(data).get("post_view"))
    if whole_post:
        posts[ident(obj(whole_post.get("post")).get("id")) or ""] = whole_post
    found: dict[str, list[Mapping[str, Any]]] = {key: [] for key in posts}
    for view in views:
        comment = obj(view.get("comment"))
        if ident(comment.get("id")) is None:
            continue
        key = ident(comment.get("post_id")) or ident(obj(view.get("post")).get("id")) or next(iter(posts), "")
        found.setdefault(key, []).append(view)
        posts.setdefault(key, {"post": view.get("post")})
    if not found:
        raise MalformedSource(
            f"{source.name} holds no comments of Lemmy.", remedy="Save /api/v3/comment/list?post_id=ID of the server."
        )
    return tuple(assemble(_thread(key, posts[key], list_), source) for key, list_ in found.items())


def _thread(key: str, view: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> ThreadDraft:
    post = obj(view.get("post"))
    keys = {ident(obj(item.get("comment")).get("id")) or "": _key(obj(item.get("comment"))) for item in found}
    announced = whole(obj(view.get("counts")).get("comments"))
    total = whole(post.get("comments")) if announced is None else announced
    missing = None if total is None else max(0, total - len(found))
    notes = (f"Not in the file: {counted(missing, 'comment')} of the post.",) if missing else ()
    hidden = post.get("removed") is True or post.get("deleted") is True
    article = Article(
        title="" if hidden else markdown_text(text(post.get("name"))).body,
        author=None if hidden else name(obj(view.get("creator")).get("name")),
        published=iso_time(post.get("published_at") or post.get("published")),
        url=link(post.get("url")) or link(post.get("ap_id")),
        text="" if hidden else markdown_text(text(post.get("body"))).body,
    )
    drafts = tuple(_comment(item, keys) for item in found)
    return ThreadDraft("lemmy", ident(post.get("ap_id")) or key or None, article, drafts, notes, missing)


def _key(comment: Mapping[str, Any]) -> str:
    """Name a comment by its address, which is the same on every server."""
    return ident(comment.get("ap_id")) or ident(comment.get("id")) or ""


def _comment(view: Mapping[str, Any], keys: Mapping[str, str]) -> Draft:
    comment = obj(view.get("comment"))
    path = text(comment.get("path")).split(".")
    parent = path[-2] if len(path) > 2 else None
    score = whole(comment.get("score"))
    status: Status = "visible"
    if comment.get("removed") is True or comment.get("deleted") is True:
        status = "removed" if comment.get("removed") is True else "deleted"
    return Draft(
        key=_key(comment),
        parent_key=keys.get(parent, parent) if parent else None,
        author=name(obj(view.get("creator")).get("name")),
        text=markdown_text(text(comment.get("content"))) if status == "visible" else Text(""),
        created_at=iso_time(comment.get("published_at") or comment.get("published")),
        score=whole(obj(view.get("counts")).get("score")) if score is None else score,
        permalink=link(comment.get("ap_id")),
        status=status,
        flags=("distinguished",) if comment.get("distinguished") is True else (),
    )


LOADER = Loader("lemmy", "Lemmy (comment list, post)", _sniff, _load)
