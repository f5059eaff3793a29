"""Discourse: a topic's JSON, an array of posts, a single post."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ingest.clean import html_text, iso_time
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource
from ingest.formats.jsondata import counted, document, ident, items, name, obj, peek, text, whole
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Status, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]

_AVATAR_HOST = re.compile(r"/user_avatar/([a-z0-9.-]+\.[a-z]+)/")
_LIKE = 2
_SMALL_ACTION, _WHISPER = 3, 4


def _sniff(source: Source) -> float:
    data = peek(source)
    if isinstance(data, dict) and isinstance(data.get("post_stream"), dict):
        return 0.95
    head = [obj(item) for item in (data if isinstance(data, list) else [data])[:5]]
    return 0.95 if head and all("post_number" in item and "cooked" in item for item in head) else 0.0


def _load(source: Source) -> tuple[Thread, ...]:
    data = document(source)
    topics: dict[str, list[Mapping[str, Any]]] = {}
    if isinstance(data, dict) and "post_stream" in data:
        stream = obj(data["post_stream"])
        topics[ident(data.get("id")) or ""] = [obj(post) for post in items(stream.get("posts"))]
    else:
        for post in map(obj, data if isinstance(data, list) else [data]):
            if whole(post.get("post_number")) is not None:
                topics.setdefault(ident(post.get("topic_id")) or "", []).append(post)
        data = {}
    if not any(topics.values()):
        raise MalformedSource(f"{source.name} holds no posts of Discourse.", remedy="Save /t/ID.json of the topic.")
    return tuple(assemble(_Topic(key, posts, data, source).draft(), source) for key, posts in topics.items())


class _Topic:
    """One topic: its posts by number, and what names them outside this site."""

    def __init__(self, key: str, posts: Sequence[Mapping[str, Any]], topic: Mapping[str, Any], source: Source) -> None:
        self.key, self.topic = key, topic
        self.posts = _latest(posts)
        self.first = self.posts.get(1, {})
        self.host = (urlsplit(source.url).hostname or "") if source.url else _host(self.posts.values())
        some = next(iter(self.posts.values()), {})
        self.slug = text(topic.get("slug")) or text(some.get("topic_slug"))
        self.title = text(topic.get("title")) or text(some.get("topic_title"))
        self.prefix = f"{self.host or self.slug}/" if self.host or self.slug else ""

    def draft(self) -> ThreadDraft:
        """Read the topic: its first post is the article, the others are comments."""
        comments = []
        notices = 0
        for number, post in self.posts.items():
            if whole(post.get("post_type")) in (_SMALL_ACTION, _WHISPER):
                notices += 1
            elif number != 1:
                comments.append(self._comment(number, post))
        hidden = self._missing()
        notes = []
        if hidden:
            notes.append(f"Not in the file: {counted(hidden, 'post')} of the topic.")
        if notices:
            notes.append(f"Left out: {counted(notices, 'notice')} such as “closed” or “split”.")
        gone = _status(self.first) != "visible"
        article = Article(
            title=self.title,
            author=None if gone else name(self.first.get("username")),
            published=iso_time(self.first.get("created_at") or self.topic.get("created_at")),
            url=self._link(None),
            text="" if gone else self._body(self.first).body,
        )
        key = f"{self.prefix}{self.key}" if self.key else None
        return ThreadDraft("discourse", key, article, tuple(comments), tuple(notes), missing=hidden)

    def _missing(self) -> int | None:
        stream = items(obj(self.topic.get("post_stream")).get("stream"))
        total = whole(self.topic.get("posts_count"))
        if stream:
            present = {ident(post.get("id")) for post in self.posts.values()}
            return len({ident(key) for key in stream} - present)
        return None if total is None else max(0, total - len(self.posts))

    def _comment(self, number: int, post: Mapping[str, Any]) -> Draft:
        body = self._body(post)
        answers = whole(post.get("reply_to_post_number"))
        flags: tuple[str, ...] = ("accepted",) if post.get("accepted_answer") is True else ()
        parent = None
        if answers is not None:
            parent = None if answers == 1 else self._name(answers)
        else:
            quoted = next((quote.comment_id for quote in body.quotes if quote.comment_id), None)
            if quoted and quoted != self._name(number):
                parent = quoted
                flags += ("parent_by_quote",)
        likes = [obj(action) for action in items(post.get("actions_summary"))]
        score = next((whole(action.get("count")) or 0 for action in likes if whole(action.get("id")) == _LIKE), 0)
        return Draft(
            key=self._name(number),
            parent_key=parent,
            author=name(post.get("username")),
            text=body,
            created_at=iso_time(post.get("created_at")),
            score=score if isinstance(post.get("actions_summary"), list) else None,
            permalink=self._link(number),
            status=_status(post),
            flags=flags,
            native=ident(post.get("id")) is not None,
        )

    def _name(self, number: int) -> str:
        key = ident(self.posts.get(number, {}).get("id"))
        return f"{self.prefix}{key}" if key else f"number {number}"

    def _link(self, number: int | None) -> str | None:
        if not self.host or not self.key:
            return None
        tail = f"/{number}" if number else ""
        return f"https://{self.host}/t/{self.slug or '-'}/{self.key}{tail}"

    def _body(self, post: Mapping[str, Any]) -> Text:
        """Read a post; quote boxes of the same topic point at the quoted post and its author."""
        read = html_text(text(post.get("cooked")) or text(post.get("raw")))
        quotes = []
        for quote in read.quotes:
            topic, _, place = (quote.comment_id or "").partition("/")
            number = whole(place) if topic in ("", self.key) else None
            other = self.posts.get(number) if number is not None else None
            key = self._name(number) if number is not None and number != 1 and other is not None else None
            quotes.append(replace(quote, comment_id=key, author=quote.author or name(obj(other).get("username"))))
        return Text(read.body, tuple(quotes))


def _latest(posts: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """Return posts by number in order; of several versions of one post the latest."""
    found: dict[int, Mapping[str, Any]] = {}
    for post in posts:
        number = whole(post.get("post_number"))
        if number is None:
            continue
        old = found.get(number)
        if old is None or _age(post) >= _age(old):
            found[number] = post
    return dict(sorted(found.items()))


def _age(post: Mapping[str, Any]) -> tuple[int, str]:
    return whole(post.get("version")) or 0, iso_time(post.get("updated_at")) or ""


def _host(posts: Any) -> str:
    """Find the site's host in the address of an uploaded avatar; nothing else in the file names it."""
    for post in posts:
        found = _AVATAR_HOST.search(text(post.get("avatar_template")))
        if found:
            return found.group(1)
    return ""


def _status(post: Mapping[str, Any]) -> Status:
    if post.get("deleted_at") or post.get("user_deleted") is True:
        return "deleted"
    return "removed" if post.get("hidden") is True else "visible"


LOADER = Loader("discourse", "Discourse (topic JSON, array of posts)", _sniff, _load)
