"""WordPress: an export (WXR, any version), and the answer of its REST comments."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ingest.clean import html_text, iso_time
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource, NoComments
from ingest.formats.jsondata import document, ident, items, link, looks_json, name, obj, peek, text
from ingest.formats.xmldata import content, local, parse_xml
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Status, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]

_EXPORT = re.compile(rb"https?://(?:www\.)?wordpress\.org/export/")
_WP = re.compile(r"(?:\{https?://(?:www\.)?wordpress\.org/export/[^}]*\}|wp:)(\w+)$")
_NOT_ARTICLES = frozenset({"attachment", "nav_menu_item", "revision", "custom_css", "wp_global_styles", "wp_template"})
_UNPUBLISHED = frozenset({"draft", "auto-draft", "trash", "inherit", "private", "pending"})
_PINGS = frozenset({"pingback", "trackback", "webmention", "mention", "like", "repost"})
_PEOPLE = frozenset({"", "comment", "review"})
_STATUSES: Mapping[str, Status] = {
    "1": "visible",
    "approved": "visible",
    "approve": "visible",
    "": "visible",
    "0": "pending",
    "hold": "pending",
    "spam": "spam",
}
_SHORTCODE = re.compile(
    r"\[/?(?:caption|gallery|embed|audio|video|playlist|quote|code|sourcecode|youtube|more)\b[^\]\n]{0,500}\]"
)
_BLOCK = r"(?:p|div|ul|ol|li|blockquote|pre|table|tbody|thead|tr|td|th|h[1-6]|hr|figure|dl|dt|dd|section)"
_AROUND_BLOCK = re.compile(rf"\s*(</?{_BLOCK}(?:\s[^<>]*)?/?>)\s*", re.IGNORECASE)
_PRE = re.compile(r"(<pre[\s>].*?</pre>)", re.IGNORECASE | re.DOTALL)


def _sniff(source: Source) -> float:
    head = source.data[:20_000]
    if looks_json(source):
        data = peek(source)
        first = obj(next(iter(items(data)), data))
        return 0.9 if "author_name" in first and isinstance(first.get("content"), dict) and "post" in first else 0.0
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\x00", b"")
    return 0.95 if _EXPORT.search(head) and b"<rss" in head else 0.0


def _load(source: Source) -> tuple[Thread, ...]:
    if looks_json(source):
        drafts = _rest(document(source))
    else:
        root, notes = parse_xml(source)
        drafts = _export(root, notes)
    if not drafts:
        raise NoComments(f"{source.name} holds no comments.", remedy="Export posts with their comments.")
    return tuple(assemble(draft, source) for draft in drafts)


def _export(root: Any, notes: tuple[str, ...]) -> list[ThreadDraft]:
    """Return the articles that were commented on; where none was, all of them, and say so."""
    names: dict[str, str] = {}
    drafts: list[ThreadDraft] = []
    silent: list[ThreadDraft] = []
    if not any(local(element) == "item" for element in root.iter()):
        raise MalformedSource("The export of WordPress holds no posts.", remedy="Export it again with all content.")
    for element in root.iter():
        if _local_wp(element) == "author":
            fields = _fields(element)
            names[fields.get("author_login", "")] = fields.get("author_display_name", "")
        elif local(element) == "item":
            fields = _fields(element)
            if fields.get("post_type") in _NOT_ARTICLES or fields.get("status") in _UNPUBLISHED:
                continue
            draft = _item(element, fields, names, notes)
            commented = any(comment.status == "visible" for comment in draft.comments)
            (drafts if commented else silent).append(draft)
    note = "The export holds no comment that people may see."
    return drafts or [replace(draft, notes=(*draft.notes, note)) for draft in silent]


def _local_wp(element: Any) -> str:
    """Return the name of an element of the export's own namespaces (any version, http or https), else nothing."""
    found = _WP.match(element.tag) if isinstance(element.tag, str) else None
    return found.group(1) if found else ""


def _fields(element: Any) -> dict[str, str]:
    """Return the texts of an element's `wp:` children by name; the first of each name counts."""
    fields: dict[str, str] = {}
    for child in element:
        key = _local_wp(child)
        if key:
            fields.setdefault(key, content(child))
    return fields


def _item(element: Any, fields: Mapping[str, str], names: Mapping[str, str], notes: tuple[str, ...]) -> ThreadDraft:
    plain = {local(child): content(child) for child in reversed(element) if not _local_wp(child)}
    bodies = [child for child in element if local(child) == "encoded" and "excerpt" not in str(child.tag)]
    url = link(plain.get("link"))
    site = _site(url)
    login = plain.get("creator", "")
    article = Article(
        title=html_text(html.unescape(plain.get("title", ""))).body,
        author=name(names.get(login)) or name(login),
        published=iso_time(fields.get("post_date_gmt")) or iso_time(plain.get("pubDate")),
        url=url,
        text=_raw_text(content(bodies[0])).body if bodies else "",
    )
    comments = []
    for child in element:
        if _local_wp(child) == "comment":
            draft = _comment(_fields(child), site, url)
            if draft:
                comments.append(draft)
    post = ident(fields.get("post_id"))
    return ThreadDraft("wordpress", f"{site}{post}" if post else None, article, tuple(comments), notes)


def _site(url: str | None) -> str:
    """Return what tells one site's numbers from another's: its host and a slash."""
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    return f"{host}/" if host else ""


def _comment(fields: Mapping[str, str], site: str, url: str | None) -> Draft | None:
    kind = fields.get("comment_type", "").lower()
    if kind not in _PEOPLE and kind not in _PINGS:
        return None  # shop notes, logs and the like
    number = ident(fields.get("comment_id"))
    parent = ident(fields.get("comment_parent"))
    approved = fields.get("comment_approved", "").lower()
    body = fields.get("comment_content", "")
    return Draft(
        key=f"{site}{number}" if number else f"{fields.get('comment_date')} {fields.get('comment_author')}",
        parent_key=f"{site}{parent}" if parent and parent != "0" else None,
        author=name(html.unescape(fields.get("comment_author", ""))),
        text=_raw_text(body),
        created_at=iso_time(fields.get("comment_date_gmt")) or iso_time(fields.get("comment_date"), utc=False),
        permalink=f"{url}#comment-{number}" if url and number else None,
        status="pingback" if kind in _PINGS else _STATUSES.get(approved, "deleted"),
        native=number is not None,
    )


def _raw_text(raw: str) -> Text:
    """Read text as WordPress stores it: a blank line parts paragraphs, a newline breaks a line, tags may stand in."""
    raw = _SHORTCODE.sub(" ", raw)
    parts = _PRE.split(raw)
    for at in range(0, len(parts), 2):
        words = _AROUND_BLOCK.sub(r"\1", parts[at].replace("\r\n", "\n")).strip("\n")
        words = re.sub(r"\n[ \t]*\n\s*", "<p></p>", words)
        parts[at] = words.replace("\n", "<br>")
    return html_text("".join(parts))


def _rest(data: Any) -> list[ThreadDraft]:
    threads: dict[str, list[Mapping[str, Any]]] = {}
    for item in map(obj, data if isinstance(data, list) else [data]):
        if ident(item.get("id")) and "content" in item:
            threads.setdefault(ident(item.get("post")) or "", []).append(item)
    return [_rest_thread(post, found) for post, found in threads.items()]


def _rest_thread(post: str, found: Sequence[Mapping[str, Any]]) -> ThreadDraft:
    url = next((link(text(item.get("link")).split("#")[0]) for item in found if item.get("link")), None)
    site = _site(url)
    keys = {ident(item.get("id")) for item in found}
    drafts = []
    absent = set[str]()
    for item in found:
        parent = ident(item.get("parent"))
        parent = None if parent in (None, "0") else parent
        if parent and parent not in keys:
            absent.add(parent)
        kind = text(item.get("type")).lower()
        status = _STATUSES.get(text(item.get("status")).lower(), "deleted")
        drafts.append(
            Draft(
                key=f"{site}{ident(item.get('id'))}",
                parent_key=f"{site}{parent}" if parent else None,
                author=name(html.unescape(text(item.get("author_name")))),
                text=html_text(text(obj(item.get("content")).get("rendered"))),
                created_at=iso_time(item.get("date_gmt")) or iso_time(item.get("date"), utc=False),
                permalink=link(item.get("link")),
                status="pingback" if kind in _PINGS else status,
            )
        )
    drafts.sort(key=lambda draft: draft.created_at or "")  # the answer lists the newest first
    pages = len(found) in (10, 20, 50, 100)
    notes = ("The answer may be one page of several: it holds a full page of comments.",) if pages else ()
    missing = None if pages or absent else 0
    title = f"Comments on {url}" if url else f"Comments on post {post}"
    return ThreadDraft(
        "wordpress", f"{site}{post}" if post else None, Article(title=title, url=url), tuple(drafts), notes, missing
    )


LOADER = Loader("wordpress", "WordPress (WXR export, REST comments)", _sniff, _load)
