"""Disqus XML export: every article of a site in one file, its threads grouped by article link."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.clean import html_text, iso_time
from ingest.draft import Draft, ThreadDraft
from ingest.errors import MalformedSource, NoComments
from ingest.formats.jsondata import ident, link, name
from ingest.formats.xmldata import content, local, parse_xml
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Status, Thread
from ingest.tree import assemble, normal_url

__all__ = ["LOADER"]

_ROOT = re.compile(rb"<(?:\w+:)?disqus[\s>]")


def _sniff(source: Source) -> float:
    head = source.data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\x00", b"")
    return 0.95 if _ROOT.search(head) and b"disqus.com" in head else 0.0


@dataclass(slots=True)
class _Group:
    """The threads of one article: their ids, the fields of the first that has them, their posts."""

    ids: list[str] = field(default_factory=list)
    title: str = ""
    url: str | None = None
    published: str | None = None
    author: str | None = None
    posts: list[Draft] = field(default_factory=list)


def _load(source: Source) -> tuple[Thread, ...]:
    root, notes = parse_xml(source)
    if local(root) != "disqus":
        raise MalformedSource(f"{source.name} is no export of Disqus.", remedy="Export the comments again.")
    groups: dict[str, _Group] = {}
    homes: dict[str, str] = {}
    for element in root:
        if local(element) == "thread":
            _add_thread(element, groups, homes)
    for element in root:
        if local(element) == "post":
            _add_post(element, groups, homes)
    drafts = [_draft(group, notes) for group in groups.values() if any(p.status == "visible" for p in group.posts)]
    if not drafts:
        raise NoComments(f"{source.name} holds no visible comments.", remedy="Choose another export.")
    return tuple(assemble(draft, source) for draft in drafts)


def _key(element: Any) -> str | None:
    """Return the `dsq:id` of an element, whatever its prefix."""
    if element is None:
        return None
    return next((ident(value) for key, value in element.attrib.items() if local_name(key) == "id"), None)


def local_name(key: Any) -> str:
    """Return an attribute's name without namespace or prefix."""
    return re.split("[}:]", str(key))[-1]


def _fields(element: Any) -> Mapping[str, Any]:
    return {local(child): child for child in element}


def _add_thread(element: Any, groups: dict[str, _Group], homes: dict[str, str]) -> None:
    key = _key(element)
    if key is None:
        return
    fields = _fields(element)
    url = link(content(fields.get("link")))
    home = normal_url(url) if url else key
    group = groups.setdefault(home, _Group())
    homes[key] = home
    group.ids.append(key)
    group.url = group.url or url
    group.title = group.title or html_text(html.unescape(content(fields.get("title")))).body
    group.published = group.published or iso_time(content(fields.get("createdAt")))


def _add_post(element: Any, groups: dict[str, _Group], homes: dict[str, str]) -> None:
    fields = _fields(element)
    thread = _key(fields.get("thread")) or ""
    home = homes.setdefault(thread, thread)
    group = groups.setdefault(home, _Group())
    if thread not in group.ids:
        group.ids.append(thread)
    key = _key(element)
    author = fields.get("author")
    who = _fields(author) if author is not None else {}
    group.posts.append(
        Draft(
            key=key or f"{thread}:{len(group.posts)}",
            parent_key=_key(fields.get("parent")),
            author=name(content(who.get("name"))) or name(content(who.get("username"))),
            text=html_text(content(fields.get("message"))),
            created_at=iso_time(content(fields.get("createdAt"))),
            permalink=f"{group.url}#comment-{key}" if group.url and key else None,
            status=_status(fields),
            native=key is not None,
        )
    )


def _status(fields: Mapping[str, Any]) -> Status:
    """Read the two flags; a value that is neither true nor false hides the post rather than show it."""
    off = ("", "false", "0")
    if content(fields.get("isDeleted")).lower() not in off:
        return "deleted"
    if content(fields.get("isSpam")).lower() not in off:
        return "spam"
    return "removed" if content(fields.get("isApproved")).lower() == "false" else "visible"


def _draft(group: _Group, notes: tuple[str, ...]) -> ThreadDraft:
    if len(group.ids) > 1:
        notes += (f"{len(group.ids)} threads of Disqus belong to this article and were joined.",)
    if not group.url and not group.title:
        notes += ("The export does not say which article these comments belong to.",)
    group.posts.sort(key=lambda post: post.created_at or "")
    article = Article(title=group.title, url=group.url, published=group.published)
    first = min(group.ids, key=lambda key: (len(key), key))
    return ThreadDraft("disqus", first or None, article, tuple(group.posts), notes)


LOADER = Loader("disqus", "Disqus XML export", _sniff, _load)
