"""A saved page of old Reddit, and what its comments share with those of the API: ids, statuses."""

import re
from collections.abc import Mapping
from typing import Any

from ingest.clean import element_text, iso_time
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource
from ingest.formats.jsondata import counted, ident, link, name, whole
from ingest.markup_html import by_class, parse_page
from ingest.source import Source
from ingest.thread import Article, Status

__all__ = ["DELETED", "SITE", "bare", "read_page", "status_of"]

SITE = "https://www.reddit.com"
DELETED = frozenset({"[deleted]", "[deleted by user]"})
_REMOVED = re.compile(r"\[\s*removed(?: by [^\]]{1,40})?\s*\]$", re.IGNORECASE)


def bare(full: Any) -> str | None:
    """Return the id without its kind: `t1_abc` → `abc`."""
    key = ident(full)
    return re.sub(r"^t\d_", "", key) if key else None


def status_of(body: str, thing: Mapping[str, Any]) -> Status:
    """Tell a comment that people see from one that its author or a moderator took away."""
    words = body.strip()
    if words in DELETED:
        return "deleted"
    if _REMOVED.match(words) or ((thing.get("removed_by_category") or thing.get("banned_by")) and not words):
        return "removed"
    return "visible" if words else "deleted"


def read_page(source: Source) -> ThreadDraft:
    """Read a saved page. Raises `MalformedSource` where it holds no comments."""
    root = parse_page(source.text)
    things = [] if root is None else by_class(root, "div", "thing")
    comments: list[Draft] = []
    post = None
    hidden = 0
    for thing in things:
        key = bare(thing.get("data-fullname"))
        kind = f" {thing.get('class')} "
        if " comment " in kind and key:
            comments.append(_page_comment(thing, key))
        elif " link " in kind and post is None:
            post = thing
        elif " morechildren " in kind or " morerecursion " in kind:
            found = re.search(r"\((\d[\d,]*) repl", "".join(thing.itertext()))
            hidden += whole(found.group(1).replace(",", "")) or 1 if found else 1
    if not comments:
        raise MalformedSource(f"{source.name} holds no comments of Reddit.", remedy="Save the whole page again.")
    notes = (f"Not in the page: {counted(hidden, 'comment')} behind “load more comments”.",) if hidden else ()
    article, key = _page_article(root, post)
    return ThreadDraft("reddit", key, article, tuple(comments), notes, missing=hidden)


def _entry(thing: Any) -> Any:
    """Return a thing's own part, without its replies."""
    return next((child for child in thing if "entry" in (child.get("class") or "").split()), thing)


def _page_comment(thing: Any, key: str) -> Draft:
    entry = _entry(thing)
    words = next(iter(by_class(entry, "div", "md")), None)
    body = element_text(words) if words is not None else Text("")
    above = next((up for up in thing.iterancestors("div") if " comment " in f" {up.get('class')} "), None)
    author = name(thing.get("data-author")) or next(
        (name("".join(a.itertext())) for a in by_class(entry, "a", "author")), None
    )
    gone = " deleted " in f" {thing.get('class')} " and body.body in DELETED
    scores = [score.get("title") or "".join(score.itertext()) for score in by_class(entry, "span", "score")]
    places = {"dislikes": 0, "unvoted": 1, "likes": 2}
    shown = scores[places["unvoted"]] if len(scores) == 3 else scores[0] if scores else ""
    time = next((stamp.get("datetime") for stamp in entry.iter("time")), None)
    path = thing.get("data-permalink")
    return Draft(
        key=key,
        parent_key=bare(above.get("data-fullname")) if above is not None else None,
        author=None if author in DELETED else author,
        text=body,
        created_at=iso_time(time),
        score=whole(shown.split()[0]) if shown.split() else None,
        permalink=link(SITE + path) if path else None,
        status="deleted" if gone else status_of(body.body, {}),
        flags=("account_deleted",) if author in DELETED and not gone and body.body not in DELETED else (),
    )


def _page_article(root: Any, post: Any) -> tuple[Article, str | None]:
    if post is None:
        title = next(root.iter("title"), None)
        return Article(title="".join(title.itertext()).strip() if title is not None else ""), None
    path = post.get("data-permalink") or ""
    found = re.search(r"/comments/([a-z0-9]+)", path)
    anchor = next(iter(by_class(post, "a", "title")), None)
    words = next(iter(by_class(post, "div", "md")), None)
    subreddit = name(post.get("data-subreddit"))
    article = Article(
        title=element_text(anchor).body if anchor is not None else "",
        subtitle=f"r/{subreddit}" if subreddit else "",
        author=name(post.get("data-author")),
        published=iso_time(post.get("data-timestamp"))
        or next((iso_time(stamp.get("datetime")) for stamp in post.iter("time")), None),
        url=link(post.get("data-url")) or link(SITE + path),
        text=element_text(words).body if words is not None else "",
    )
    return article, bare(post.get("data-fullname")) or (found.group(1) if found else None)
