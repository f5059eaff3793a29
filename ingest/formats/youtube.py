"""YouTube: comment threads of the Data API, and the comments that yt-dlp writes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.clean import html_text, iso_time, plain_text
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource
from ingest.formats.flat import guess_parents
from ingest.formats.jsondata import counted, document, ident, items, link, name, obj, peek, text, whole
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Status, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]

_WATCH = "https://www.youtube.com/watch?v="


def _sniff(source: Source) -> float:
    data = peek(source)
    pages = data if isinstance(data, list) else [data]
    for page in map(obj, pages[:3]):
        if text(page.get("kind")).startswith("youtube#comment"):
            return 0.95
        first = obj(next(iter(items(page.get("comments"))), page))
        if "parent" in first and "text" in first and ("like_count" in first or "author_id" in first):
            return 0.9
        snippet = obj(obj(next(iter(items(page.get("items"))), page)).get("snippet"))
        if "topLevelComment" in snippet or ("textDisplay" in snippet and "authorDisplayName" in snippet):
            return 0.95
    return 0.0


def _load(source: Source) -> tuple[Thread, ...]:
    data = document(source)
    pages = [obj(page) for page in (data if isinstance(data, list) else [data])]
    if any("parent" in page and "text" in page for page in pages[:1]):
        pages = [{"comments": pages}]
    drafts = [_from_dump(page) for page in pages if isinstance(page.get("comments"), list)]
    if not drafts:
        drafts = _from_api(pages)
    if not drafts:
        raise MalformedSource(
            f"{source.name} holds no comments of YouTube.",
            remedy="Save commentThreads of the Data API, or `yt-dlp --write-comments`.",
        )
    return tuple(assemble(draft, source) for draft in drafts)


def _from_api(pages: Sequence[Mapping[str, Any]]) -> list[ThreadDraft]:
    videos: dict[str, list[Draft]] = {}
    missing: dict[str, int] = {}
    for page in pages:
        for item in map(obj, items(page.get("items")) or [page]):
            snippet = obj(item.get("snippet"))
            top = obj(snippet.get("topLevelComment"))
            replies = [obj(reply) for reply in items(obj(item.get("replies")).get("comments"))]
            first = top or item
            if "snippet" not in first:
                continue
            video = ident(snippet.get("videoId")) or ident(obj(first.get("snippet")).get("videoId")) or ""
            replies.sort(key=lambda reply: text(obj(reply.get("snippet")).get("publishedAt")))
            branch = [_api_draft(comment) for comment in (first, *replies)]
            videos.setdefault(video, []).extend(branch)
            unseen = (whole(snippet.get("totalReplyCount")) or 0) - len(replies)
            missing[video] = missing.get(video, 0) + max(0, unseen)
    more = bool(pages) and bool(pages[-1].get("nextPageToken"))
    return [
        _thread(key, found, Article(url=_WATCH + key if key else None), missing.get(key, 0), more)
        for key, found in videos.items()
    ]


def _api_draft(comment: Mapping[str, Any]) -> Draft:
    snippet = obj(comment.get("snippet"))
    key = ident(comment.get("id"))
    original = text(snippet.get("textOriginal"))
    held = text(snippet.get("moderationStatus"))
    status: Status = {"heldForReview": "pending", "likelySpam": "spam", "rejected": "removed"}.get(held, "visible")  # type: ignore[assignment]
    return Draft(
        key=key or f"{snippet.get('publishedAt')} {snippet.get('authorDisplayName')}",
        parent_key=ident(snippet.get("parentId")),
        author=name(snippet.get("authorDisplayName")),
        text=plain_text(original) if original else html_text(text(snippet.get("textDisplay"))),
        created_at=iso_time(snippet.get("publishedAt")),
        score=whole(snippet.get("likeCount")),
        permalink=_permalink(ident(snippet.get("videoId")), key),
        status=status,
        native=key is not None,
    )


def _permalink(video: str | None, key: str | None) -> str | None:
    return link(f"{_WATCH}{video}&lc={key}") if video and key else None


def _from_dump(page: Mapping[str, Any]) -> ThreadDraft:
    video = ident(page.get("id"))
    comments = [_dump_draft(obj(comment), video) for comment in items(page.get("comments"))]
    article = Article(
        title=text(page.get("title")),
        author=name(page.get("channel")) or name(page.get("uploader")),
        published=iso_time(page.get("timestamp")) or _day(page.get("upload_date")),
        url=link(page.get("webpage_url")) or (_WATCH + video if video else None),
        text=plain_text(text(page.get("description"))).body,
    )
    total = whole(page.get("comment_count"))
    return _thread(video or "", comments, article, max(0, (total or 0) - len(comments)), total is None)


def _day(value: Any) -> str | None:
    """Return `20240203` as a date."""
    digits = text(value)
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdecimal() else None


def _dump_draft(comment: Mapping[str, Any], video: str | None) -> Draft:
    key = ident(comment.get("id"))
    parent = ident(comment.get("parent"))
    flags = (("pinned",) if comment.get("is_pinned") is True else ()) + (
        ("by_uploader",) if comment.get("author_is_uploader") is True else ()
    )
    return Draft(
        key=key or f"{comment.get('timestamp')} {comment.get('author')}",
        parent_key=None if parent in (None, "root") else parent,
        author=name(comment.get("author")),
        text=plain_text(text(comment.get("text"))) if comment.get("text") else html_text(text(comment.get("html"))),
        created_at=iso_time(comment.get("timestamp")),
        score=whole(comment.get("like_count")),
        permalink=_permalink(video, key),
        flags=flags,
        native=key is not None,
    )


def _thread(key: str, found: Sequence[Draft], article: Article, missing: int, more: bool) -> ThreadDraft:
    notes = [f"Not in the file: {counted(missing, 'comment')} that the site has."] if missing else []
    if more and not missing:
        notes.append("The file cannot tell whether it holds all comments.")
    if not article.title:
        article = replace(article, title=f"Comments on video {key}" if key else "Comments on a video")
    comments = _addressed(found)
    return ThreadDraft(
        "youtube", key or None, article, comments, tuple(notes), missing if missing or not more else None
    )


def _addressed(found: Sequence[Draft]) -> tuple[Draft, ...]:
    """Attach a reply that begins with “@name” to the last reply of that person in its branch; it stays shown above."""
    branches: dict[str, list[Draft]] = {}
    for draft in found:
        branches.setdefault(draft.parent_key or draft.key, []).append(draft)
    done: dict[str, Draft] = {}
    for top, branch in branches.items():
        loose = [replace(d, parent_key=None, text=Text(d.text.body)) if d.parent_key == top else d for d in branch]
        for draft, guess in zip(branch, guess_parents(loose), strict=True):
            guessed = draft.parent_key == top and guess.parent_key not in (None, top)
            done[draft.key] = (
                replace(draft, parent_key=guess.parent_key, shown_key=top, flags=guess.flags) if guessed else draft
            )
    return tuple(done.get(draft.key, draft) for draft in found)


LOADER = Loader("youtube", "YouTube (Data API, yt-dlp)", _sniff, _load)
