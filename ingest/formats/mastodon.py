"""Mastodon: the context of a status, with or without the status itself; an array of statuses."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.clean import html_text, iso_time
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource
from ingest.formats.jsondata import document, ident, items, link, name, obj, peek, text, whole
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]

_TITLE_CHARS = 80
_ANONYMOUS_DESCENDANTS = 60


def _sniff(source: Source) -> float:
    data = peek(source)
    if isinstance(data, dict) and (_is_context(data) or _is_context(data.get("context"))):
        return 0.95
    return 0.9 if any(_is_status(item) or _is_context(item) for item in items(data)[:2]) else 0.0


def _is_context(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("ancestors"), list) and "descendants" in data


def _is_status(data: Any) -> bool:
    return isinstance(data, dict) and "in_reply_to_id" in data and "account" in data and "content" in data


def _load(source: Source) -> tuple[Thread, ...]:
    above: list[Any] = []
    below: list[Any] = []
    middle: list[Any] = []
    data = document(source)
    parts = data if isinstance(data, list) else [data, *obj(data).values()]
    for part in parts:
        if _is_context(part):
            above += items(part.get("ancestors"))
            below += items(part.get("descendants"))
        elif _is_status(part):
            middle.append(part)
    statuses = [obj(status) for status in (*above, *middle, *below) if ident(obj(status).get("id"))]
    if not statuses:
        raise MalformedSource(
            f"{source.name} holds no statuses of Mastodon.", remedy="Save /api/v1/statuses/ID/context, and the status."
        )
    return (assemble(_thread(statuses, bool(middle), len(above), len(below)), source),)


def _thread(statuses: Sequence[Mapping[str, Any]], whole_thread: bool, above: int, below: int) -> ThreadDraft:
    keys = {ident(status.get("id")) or "": _key(status) for status in statuses}
    first = statuses[0]
    root = first if above or whole_thread else {}
    root_id = ident(root.get("id"))
    notes = []
    absent = {ident(status.get("in_reply_to_id")) for status in statuses} - {None, *keys}
    absent -= {ident(root.get("in_reply_to_id"))}
    if not whole_thread:
        notes.append("A context does not hold the status it was asked for: that one is not in the file.")
    if not root and len(absent) == 1:
        root_id = absent.pop()  # every branch answers the one absent status: the article itself
    comments = [_comment(status, keys, root_id) for status in statuses if status is not root]
    replies = _unseen_replies(statuses)
    if below >= _ANONYMOUS_DESCENDANTS and below % _ANONYMOUS_DESCENDANTS == 0:
        notes.append("The answer is as long as an anonymous one may be: more replies may exist.")
    missing = max(replies, len(absent))
    if missing:
        notes.append(f"Not in the file: at least {missing:,} more of the discussion.")
    words = _body(root).body if root else ""
    author = _author(root)
    lead = " ".join(words.split())
    short = lead if len(lead) <= _TITLE_CHARS else lead[: _TITLE_CHARS - 1].rsplit(" ", 1)[0] + "…"
    article = Article(
        title=f"{author}: {short}" if author and short else short or "A thread on Mastodon",
        author=author,
        published=iso_time(root.get("created_at")),
        url=link(root.get("url")) or link(root.get("uri")),
        text=words,
    )
    return ThreadDraft(
        "mastodon", _key(root) if root else root_id, article, tuple(comments), tuple(notes), missing, True
    )


def _key(status: Mapping[str, Any]) -> str:
    """Name a status by what is the same on every server."""
    return ident(status.get("uri")) or ident(status.get("url")) or ident(status.get("id")) or ""


def _author(status: Mapping[str, Any]) -> str | None:
    account = obj(status.get("account"))
    return name(account.get("acct")) or name(account.get("username")) or name(account.get("display_name"))


def _comment(status: Mapping[str, Any], keys: Mapping[str, str], root: str | None) -> Draft:
    parent = ident(status.get("in_reply_to_id"))
    return Draft(
        key=_key(status),
        parent_key=None if parent is None or parent == root else keys.get(parent, parent),
        author=_author(status),
        text=_body(status),
        created_at=iso_time(status.get("created_at")),
        score=whole(status.get("favourites_count")),
        permalink=link(status.get("url")) or link(status.get("uri")),
    )


def _body(status: Mapping[str, Any]) -> Text:
    """Read a status with its content warning, poll and the descriptions of its pictures."""
    parts = [text(status.get("content"))]
    warning = text(status.get("spoiler_text")).strip()
    if warning:
        parts.insert(0, f"<p>[{html.escape(warning)}]</p>")
    options = [obj(option) for option in items(obj(status.get("poll")).get("options"))]
    parts += [f"<p>- {html.escape(text(option.get('title')))}</p>" for option in options]
    media = [text(obj(item).get("description")) for item in items(status.get("media_attachments"))]
    parts += [f"<p>[image: {html.escape(words)}]</p>" for words in media if words.strip()]
    return html_text("".join(parts))


def _unseen_replies(statuses: Sequence[Mapping[str, Any]]) -> int:
    """Count the replies that the statuses announce and the file lacks."""
    seen: dict[str, int] = {}
    for status in statuses:
        parent = ident(status.get("in_reply_to_id"))
        if parent:
            seen[parent] = seen.get(parent, 0) + 1
    return sum(
        max(0, (whole(status.get("replies_count")) or 0) - seen.get(ident(status.get("id")) or "", 0))
        for status in statuses
    )


LOADER = Loader("mastodon", "Mastodon (context, statuses)", _sniff, _load)
