"""Drafts → a sound `Thread`: ids, parents before children, cycles broken, stubs kept only where replies need them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate, pairwise
from urllib.parse import urlsplit

from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import SourceTooLarge
from ingest.quotes import link_quotes
from ingest.source import Limits, Source
from ingest.thread import Comment, Quote, Thread, content_id, normalise, platform_id
from ingest.writer import tidy

__all__ = ["PLAIN_HOST", "assemble", "normal_url"]

PLAIN_HOST = re.compile(r"https?://(?!www\.(?:[:/?#]|$))[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?=[/?#]|$)", re.IGNORECASE)
"""An address whose host needs no closer look, as nearly all are."""

_DEEPEST = 1000
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f<>\"\ud800-\udfff]{1,4000}", re.IGNORECASE)
_EMAIL = re.compile(r"[<(\[]?(?:mailto:)?([^@\s<>()\[\]]+)@[^@\s<>()\[\]]+\.[^@\s<>()\[\]]+[>)\]]?")
_IP = re.compile(r"^\s*(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4})\s*$", re.IGNORECASE)


def assemble(draft: ThreadDraft, source: Source) -> Thread:
    """Build a `Thread` from what a loader found.

    Repairs and notes: duplicate keys, dangling parents, cycles, replies before parents, over-long comments, e-mail
    or IP addresses standing as names. Quotations are linked to what they repeat. Raises `SourceTooLarge` beyond the
    limit of comments.
    """
    limits = source.limits
    if len(draft.comments) > limits.comments:
        raise SourceTooLarge(
            f"{source.name} holds {len(draft.comments):,} comments; the limit is {limits.comments:,}.",
            remedy="Split it, or raise the limit with COMMENTARIAT_MAX_COMMENTS.",
        )
    notes = Counter[str]()
    drafts = _unique((_tidy_draft(item) for item in draft.comments), notes)
    parents = _sound_parents(drafts, notes)
    ordered = _document_order(drafts, parents)
    _cap_depth(ordered, parents, notes)
    kept = _needed(ordered, parents, notes)
    thread_id = _thread_id(draft, source)
    ids = _ids(draft.platform, thread_id, kept)
    number = 0
    comments = []
    for item in kept:
        if item.status == "visible":
            number += 1
        comments.append(_comment(item, ids, parents, number, limits, notes, draft.handles))
    thread = Thread(
        id=thread_id,
        source=draft.platform,
        article=replace(
            draft.article,
            title=tidy(draft.article.title),
            subtitle=tidy(draft.article.subtitle),
            author=_public_name(draft.article.author, draft.handles),
            url=_web(draft.article.url),
            text=tidy(draft.article.text),
        ),
        comments=tuple(comments),
        notes=(*draft.notes, *(_worded(note, count) for note, count in notes.items())),
        missing=draft.missing,
        origin=source.url or source.name,
    )
    return link_quotes(thread)


def normal_url(url: str) -> str:
    """Reduce a URL to what names the page: host without `www.`, path without trailing slash, query, no fragment."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


def _web(url: str | None) -> str | None:
    """Keep an address only where it is a plain http(s) URL: it will stand in a link."""
    if not url or not _URL.fullmatch(url):
        return None
    return url if PLAIN_HOST.match(url) or normal_url(url) else None


def _thread_id(draft: ThreadDraft, source: Source) -> str:
    if draft.key:
        return platform_id(draft.platform, draft.key)
    if draft.article.url and normal_url(draft.article.url):
        return normal_url(draft.article.url)
    return normalise(source.stem) or "thread"


_ONE = {
    "1 comments ": "1 comment ",
    " are ": " is ",
    " were ": " was ",
    " occur ": " occurs ",
    " carry ": " carries ",
    " answer ": " answers ",
    "themselves": "itself",
    " pingbacks ": " a pingback ",
    "they stand": "it stands",
    "they were given ids of their own": "it was given an id of its own",
}


def _worded(note: str, count: int) -> str:
    """Word a counted note: `{n} comments …`, mended where there is only one."""
    text = note.replace("{n}", f"{count:,}")
    if count == 1:
        for many, one in _ONE.items():
            text = text.replace(many, one)
    return text


def _tidy_draft(draft: Draft) -> Draft:
    text = _tidied(draft.text)
    return draft if text is draft.text else replace(draft, text=text)


def _tidied(text: Text) -> Text:
    """Remove unseen characters from a body and move its quotes along."""
    if tidy(text.body) == text.body:
        return text
    edges = sorted({0, len(text.body), *(q.start for q in text.quotes), *(q.end for q in text.quotes)})
    pieces = [tidy(text.body[start:end]) for start, end in pairwise(edges)]
    moved = dict(zip(edges, accumulate((len(piece) for piece in pieces), initial=0), strict=True))
    quotes = (replace(q, start=moved[q.start], end=moved[q.end]) for q in text.quotes)
    return Text("".join(pieces), tuple(q for q in quotes if q.start < q.end))


def _unique(drafts: Iterable[Draft], notes: Counter[str]) -> list[Draft]:
    seen: dict[str, Draft] = {}
    unique: list[Draft] = []
    for draft in drafts:
        twin = seen.get(draft.key)
        if twin is not None:
            if twin.text.body == draft.text.body and twin.author == draft.author:
                notes["{n} comments occur twice in the source and were taken once."] += 1
                continue
            notes["{n} comments carry an id that another one has; they were given ids of their own."] += 1
            draft = replace(draft, key=f"{draft.key}#{len(unique)}", native=False)
        seen[draft.key] = draft
        unique.append(draft)
    return unique


def _sound_parents(drafts: list[Draft], notes: Counter[str]) -> dict[str, str | None]:
    """Map each key to its parent's key: dangling ones to None, cycles broken at their first member in file order."""
    keys = {draft.key for draft in drafts}
    parents: dict[str, str | None] = {}
    for draft in drafts:
        parent = draft.parent_key
        if parent is not None and parent not in keys:
            notes["{n} comments answer one that is not in the file; they stand at the top level."] += 1
            parent = None
        parents[draft.key] = parent
    safe: set[str] = set()
    for draft in drafts:
        path: list[str] = []
        on_path: set[str] = set()
        at: str | None = draft.key
        while at is not None and at not in safe:
            if at in on_path:
                notes["{n} comments answer themselves in a circle; the circle was cut."] += 1
                parents[at] = None
                break
            path.append(at)
            on_path.add(at)
            at = parents[at]
        safe.update(path)
    return parents


def _document_order(drafts: list[Draft], parents: Mapping[str, str | None]) -> list[Draft]:
    children: dict[str | None, list[Draft]] = {}
    for draft in drafts:
        children.setdefault(parents[draft.key], []).append(draft)
    ordered: list[Draft] = []
    stack = list(reversed(children.get(None, [])))
    while stack:
        draft = stack.pop()
        ordered.append(draft)
        stack.extend(reversed(children.get(draft.key, [])))
    return ordered


def _cap_depth(ordered: list[Draft], parents: dict[str, str | None], notes: Counter[str]) -> None:
    """Raise what is nested deeper than any real discussion to the deepest level, beside what it answers."""
    depths: dict[str, int] = {}
    for draft in ordered:
        parent = parents[draft.key]
        depth = depths[parent] + 1 if parent is not None else 1
        if parent is not None and depth > _DEEPEST:
            parents[draft.key] = parents[parent]
            depth = _DEEPEST
            notes[f"{{n}} comments are nested deeper than {_DEEPEST:,} levels; they stand at that level."] += 1
        depths[draft.key] = depth


def _needed(ordered: list[Draft], parents: Mapping[str, str | None], notes: Counter[str]) -> list[Draft]:
    """Drop the hidden comments that no visible one stands under; count what was hidden."""
    needed: set[str] = set()
    for draft in reversed(ordered):
        if draft.status == "visible" or draft.key in needed:
            needed.add(draft.key)
            parent = parents[draft.key]
            if parent is not None:
                needed.add(parent)
    for draft in ordered:
        if draft.status != "visible":
            notes[f"{{n}} comments are {_HIDDEN[draft.status]} and are neither counted nor quoted."] += 1
    return [draft for draft in ordered if draft.key in needed]


_HIDDEN: Mapping[str, str] = {
    "deleted": "deleted",
    "removed": "removed by moderators",
    "pending": "pending approval",
    "spam": "spam",
    "pingback": "pingbacks",
}


def _ids(platform: str, thread_id: str, drafts: list[Draft]) -> dict[str, str]:
    ordinals = Counter[tuple[str | None, str]]()
    ids: dict[str, str] = {}
    for draft in drafts:
        if draft.native:
            ids[draft.key] = platform_id(platform, draft.key)
            continue
        same = (draft.author, normalise(draft.text.body))
        ids[draft.key] = content_id(thread_id, draft.author, draft.text.body, ordinals[same])
        ordinals[same] += 1
    return ids


def _comment(
    draft: Draft,
    ids: Mapping[str, str],
    parents: Mapping[str, str | None],
    number: int,
    limits: Limits,
    notes: Counter[str],
    handles: bool,
) -> Comment:
    parent = parents[draft.key]
    shown = draft.shown_key if draft.shown_key in ids else parent
    flags = list(draft.flags)
    visible = draft.status == "visible"
    body = draft.text.body if visible else ""
    if draft.parent_key is not None and parent is None:
        flags.append("parent_missing")
    if len(body) > limits.comment_chars:
        notes[f"{{n}} comments are longer than {limits.comment_chars:,} characters and were cut."] += 1
        flags.append("truncated")
        body = body[: limits.comment_chars]
    others = {key: ids.get(key) for q in draft.text.quotes if (key := q.comment_id) and key != draft.key}
    quotes = tuple(
        Quote(q.start, min(q.end, len(body)), others.get(q.comment_id or ""), _public_name(q.author, handles))
        for q in draft.text.quotes
        if q.start < min(q.end, len(body))
    )
    return Comment(
        id=ids[draft.key],
        number=number if visible else None,
        parent_id=ids[parent] if parent is not None else None,
        parent_shown=ids[shown] if shown is not None else None,
        author=_public_name(draft.author, handles) if visible else None,
        body=body,
        quotes=quotes,
        created_at=draft.created_at,
        score=draft.score if visible else None,
        permalink=_web(draft.permalink),
        status=draft.status,
        flags=tuple(flags),
    )


@lru_cache(maxsize=4096)
def _public_name(author: str | None, handles: bool) -> str | None:
    """Withhold addresses in names: of an e-mail alone the local part stays; an IP address is no name."""
    if author is None or not author.strip() or _IP.match(author):
        return None
    email = None if handles else _EMAIL.search(author)
    if email:
        author = _EMAIL.sub("", author).strip(" \t-,;:<>()[]") or email.group(1)
    return normalise(tidy(author)) or None
