"""GitHub: REST issues, pull requests and comments; GraphQL and `gh` answers; discussions; repository archives."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.clean import html_text, iso_time, markdown_text
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource
from ingest.formats.flat import guess_parents
from ingest.formats.jsondata import counted, document, ident, items, link, name, obj, peek, text, whole
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Status, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]

_HOME = re.compile(
    r"(?:https://api\.github\.com/repos|https://github\.com)/([^/\s]+/[^/\s]+)/(?:issues|pull|pulls|discussions)/(\d+)"
)
_REST_PAGE = 30


def _sniff(source: Source) -> float:
    data = peek(source)
    if data is None:
        return 0.0
    head = source.data[:200_000]
    if isinstance(data, dict) and isinstance(data.get("issues"), list) and ("repo" in data or "pulls" in data):
        return 0.9
    for thing in _first(data):
        if _is_rest_comment(thing) or _is_topic(thing):
            return 0.95 if b"github" in head else 0.6
    return 0.0


def _first(data: Any) -> Iterable[Mapping[str, Any]]:
    """Yield the objects near the top of a document, where an answer of GitHub shows what it is."""
    layer = [data]
    for _ in range(5):
        below: list[Any] = []
        for value in layer[:20]:
            if isinstance(value, dict):
                yield value
                below += value.values()
            elif isinstance(value, list):
                below += value[:5]
        layer = [value for value in below if isinstance(value, dict | list)]


def _is_rest_comment(thing: Mapping[str, Any]) -> bool:
    home = text(thing.get("issue_url")) or text(thing.get("pull_request_url"))
    return "body" in thing and "user" in thing and "/repos/" in home


def _is_topic(thing: Mapping[str, Any]) -> bool:
    if "title" not in thing or not ("body" in thing or "bodyHTML" in thing or "bodyText" in thing):
        return False
    if "user" in thing and "number" in thing and "html_url" in thing:
        return True
    comments = thing.get("comments")
    nodes = isinstance(comments, dict) and ("nodes" in comments or "totalCount" in comments)
    return nodes or (isinstance(comments, list) and "author" in thing and ("number" in thing or "url" in thing))


@dataclass(slots=True)
class _Topic:
    """One issue, pull request or discussion, and the comments found for it."""

    data: Mapping[str, Any] = field(default_factory=dict)
    comments: list[Draft] = field(default_factory=list)
    expected: int | None = None
    threaded: bool = False


def _load(source: Source) -> tuple[Thread, ...]:
    data = document(source)
    topics: dict[str, _Topic] = {}
    archive = text(obj(data).get("repo"))
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, dict):
            if _is_rest_comment(value):
                _rest_comment(value, topics)
            elif _is_topic(value):
                _topic(value, topics, archive)
                rest = [inner for key, inner in value.items() if key not in ("comments", "reviews", "answer")]
                stack.extend(inner for inner in rest if isinstance(inner, list))
            else:
                stack.extend(reversed([inner for inner in value.values() if isinstance(inner, dict | list)]))
    topics = {key: topic for key, topic in topics.items() if topic.data or topic.comments}
    if not topics:
        raise MalformedSource(
            f"{source.name} holds no issue or discussion of GitHub.",
            remedy="Save https://api.github.com/repos/OWNER/REPO/issues/N and its /comments.",
        )
    return tuple(assemble(_thread(key, topic), source) for key, topic in topics.items())


def _home(*urls: Any) -> str | None:
    """Return `owner/repo#number` from the first address that tells it."""
    for url in urls:
        found = _HOME.match(text(url))
        if found:
            return f"{found.group(1)}#{found.group(2)}"
    return None


def _topic(thing: Mapping[str, Any], topics: dict[str, _Topic], archive: str) -> None:
    number = ident(thing.get("number"))
    key = _home(thing.get("html_url"), thing.get("url"))
    key = key or (f"{archive}#{number}" if number else ident(thing.get("id")) or f"#{len(topics)}")
    topic = topics.setdefault(key, _Topic())
    topic.data = thing
    comments = thing.get("comments")
    if isinstance(comments, int):
        topic.expected = whole(comments)
    nodes = items(comments) or items(obj(comments).get("nodes"))
    nodes = nodes or [obj(edge).get("node") for edge in items(obj(comments).get("edges"))]
    if isinstance(comments, dict):
        topic.expected = whole(comments.get("totalCount"))
    for place, node in enumerate(map(obj, nodes)):
        draft = _node(node, None, f"{key}:{place}")
        topic.comments.append(draft)
        replies = obj(node.get("replies"))
        topic.threaded |= "replies" in node
        found = [obj(reply) for reply in items(replies.get("nodes"))]
        unseen = max(0, (whole(replies.get("totalCount")) or 0) - len(found))
        topic.expected = None if topic.expected is None else topic.expected + unseen + len(found)
        for reply_place, reply in enumerate(found):
            topic.comments.append(_node(reply, draft.key, f"{key}:{place}.{reply_place}"))
    reviews = items(thing.get("reviews")) or items(obj(thing.get("reviews")).get("nodes"))
    for place, review in enumerate(map(obj, reviews)):
        said = _node(review, None, f"{key}:review {place}")
        if said.text.body:
            topic.comments.append(said)
        for note_place, note in enumerate(map(obj, items(review.get("comments")))):
            parent = said.key if said.text.body else None
            topic.comments.append(_node(note, parent, f"{key}:review {place}.{note_place}"))


def _node(node: Mapping[str, Any], parent: str | None, fallback: str) -> Draft:
    """Read a comment in the naming of GraphQL, of `gh`, or of an archive without ids."""
    key = ident(node.get("id"))
    hidden = node.get("isMinimized") is True
    reason = (text(node.get("minimizedReason")) or "hidden").lower()
    status: Status = "visible"
    if node.get("deletedAt"):
        status = "deleted"
    elif hidden and reason not in ("resolved", "outdated", "duplicate"):
        status = "spam" if reason == "spam" else "removed"
    flags = (("accepted",) if node.get("isAnswer") is True else ()) + ((f"minimized_{reason}",) if hidden else ())
    replied = ident(obj(node.get("replyTo")).get("id"))
    return Draft(
        key=key or fallback,
        parent_key=parent or replied,
        author=_login(node.get("author")),
        text=_body(node),
        created_at=iso_time(node.get("createdAt") or node.get("created_at") or node.get("submittedAt")),
        score=_score(node),
        permalink=link(node.get("url")) or link(node.get("html_url")),
        status=status,
        flags=flags,
        native=key is not None,
    )


def _login(person: Any) -> str | None:
    """Return who wrote: a login, or None for a deleted account (`null`, shown as “ghost”)."""
    login = name(person) if isinstance(person, str) else name(obj(person).get("login"))
    return None if login == "ghost" else login


def _body(thing: Mapping[str, Any]) -> Text:
    for field_name in ("bodyHTML", "body_html"):
        if text(thing.get(field_name)):
            return html_text(text(thing.get(field_name)))
    return markdown_text(text(thing.get("body")) or text(thing.get("bodyText")), breaks=True, html=True)


def _score(thing: Mapping[str, Any]) -> int | None:
    votes = whole(thing.get("upvoteCount"))
    if votes is not None:
        return votes
    return whole(obj(thing.get("reactions")).get("+1"))


def _rest_comment(thing: Mapping[str, Any], topics: dict[str, _Topic]) -> None:
    home = _home(thing.get("html_url"), thing.get("issue_url"), thing.get("pull_request_url"))
    topic = topics.setdefault(home or text(thing.get("issue_url")), _Topic())
    if not text(thing.get("body")).strip() and "submitted_at" in thing:
        return  # a review that only approves says nothing
    answered = ident(thing.get("in_reply_to_id"))
    key = ident(thing.get("id"))
    path = text(thing.get("path"))
    topic.comments.append(
        Draft(
            key=key or f"{home}:{len(topic.comments)}",
            parent_key=answered,
            author=_login(thing.get("user")),
            text=_body(thing),
            created_at=iso_time(thing.get("created_at") or thing.get("submitted_at")),
            score=_score(thing),
            permalink=link(thing.get("html_url")),
            flags=(f"on {path}",) if path and not answered else (),
            native=key is not None,
        )
    )


def _thread(key: str, topic: _Topic) -> ThreadDraft:
    data = topic.data
    comments: Sequence[Draft] = topic.comments
    notes = []
    if not topic.threaded:
        comments = guess_parents(sorted(comments, key=lambda draft: draft.created_at or ""))
        if any("parent_guessed" in draft.flags for draft in comments):
            notes.append("The discussion is flat: whom a comment answers is guessed from quotes and @mentions.")
    missing: int | None = None
    if topic.expected is not None:
        missing = max(0, topic.expected - len(comments))
    elif data and len(comments) % _REST_PAGE:
        missing = 0
    if missing:
        notes.append(f"Not in the file: {counted(missing, 'comment')} that the page has.")
    elif topic.expected is None and comments and not len(comments) % _REST_PAGE:
        notes.append("The answer may be one page of several: it holds a full page of comments.")
    home = link(data.get("html_url")) or link(data.get("url"))
    place = key.replace("#", "/issues/") if re.fullmatch(r"[^/#]+/[^/#]+#\d+", key) else ""
    article = Article(
        title=text(data.get("title")).strip() or key,
        author=_login(data.get("user")) or _login(data.get("author")),
        published=iso_time(data.get("created_at") or data.get("createdAt")),
        url=home if home and "api.github.com" not in home else (f"https://github.com/{place}" if place else None),
        text=_body(data).body,
    )
    return ThreadDraft("github", key or None, article, tuple(comments), tuple(notes), missing)


LOADER = Loader("github", "GitHub (issues, pull requests, discussions)", _sniff, _load)
