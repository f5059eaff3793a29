"""A saved page of Hacker News: a table row a comment, its depth in a cell before it."""

import re
from typing import Any

from ingest.clean import element_text, iso_time, typed_quotes
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource
from ingest.formats.jsondata import counted, ident, link, name, whole
from ingest.markup_html import by_class, parse_page
from ingest.source import Source
from ingest.thread import Article, Status

__all__ = ["GONE", "ITEM", "read_page"]

ITEM = "https://news.ycombinator.com/item?id="
GONE = re.compile(r"\s*\[(?:deleted|flagged|dead|removed)\]\s*$", re.IGNORECASE)
_COUNT = re.compile(r"(\d[\d,]*)\s*(?:comments?|points?)")


def read_page(source: Source) -> ThreadDraft:
    """Read a saved page. Raises `MalformedSource` where it holds no comments."""
    root = parse_page(source.text)
    rows = [] if root is None else root.xpath("//tr[contains(concat(' ', @class, ' '), ' comtr ')]")
    if not rows:
        raise MalformedSource(
            f"{source.name} holds no comments of Hacker News.", remedy="Save the page of one item, whole."
        )
    comments: list[Draft] = []
    above: list[tuple[int, str]] = []
    for row in rows:
        key = ident(row.get("id"))
        if key is None:
            continue
        depth = _depth(row)
        while above and above[-1][0] >= depth:
            above.pop()
        comments.append(_row(row, key, above[-1][1] if above else None))
        above.append((depth, key))
    article, key, total = _head(root)
    notes = ["The page goes on: further comments are on its next pages."] if by_class(root, "a", "morelink") else []
    missing = max(0, total - len(comments)) if total is not None else (None if notes else 0)
    if missing:
        notes.append(f"The page announces {counted(total or 0, 'comment')} and shows {len(comments):,}.")
    return ThreadDraft("hn", key, article, tuple(comments), tuple(notes), missing=missing)


def _depth(row: Any) -> int:
    for cell in by_class(row, "td", "ind"):
        steps = whole(cell.get("indent"))
        if steps is not None:
            return steps
        for image in cell.iter("img"):
            return (whole(image.get("width")) or 0) // 40
    return 0


def _person(element: Any) -> str | None:
    return next((name("".join(user.itertext())) for user in by_class(element, "a", "hnuser")), None)


def _time(element: Any) -> str | None:
    stamp = next((age.get("title") or "" for age in by_class(element, "span", "age")), "")
    return iso_time(stamp.split()[-1]) if stamp.split() else None


def _row(row: Any, key: str, parent: str | None) -> Draft:
    words = next(iter(by_class(row, "*", "commtext")), None)
    for reply in by_class(row, "div", "reply"):
        reply.getparent().remove(reply)
    body = typed_quotes(element_text(words)) if words is not None else Text("")
    shown = "".join(row.itertext())
    status: Status = "visible" if body.body and not GONE.match(body.body) else "removed"
    if status == "removed" and "[deleted]" in shown:
        status = "deleted"
    score = next((_COUNT.search("".join(s.itertext())) for s in by_class(row, "span", "score")), None)
    return Draft(
        key=key,
        parent_key=parent,
        author=_person(row),
        text=body,
        created_at=_time(row),
        score=whole(score.group(1).replace(",", "")) if score else None,
        permalink=ITEM + key,
        status=status,
    )


def _head(root: Any) -> tuple[Article, str | None, int | None]:
    """Read the story above the comments: article, its id, the number of comments it announces."""
    box = next(iter(by_class(root, "table", "fatitem")), root)
    row = next((r for r in by_class(box, "tr", "athing") if "comtr" not in (r.get("class") or "").split()), None)
    key = ident(row.get("id")) if row is not None else None
    line = next((s for s in by_class(box, "span", "titleline")), None)
    anchor = next(iter(line.iter("a")), None) if line is not None else None
    title = element_text(anchor).body if anchor is not None else ""
    if not title:
        page = next(root.iter("title"), None)
        title = re.sub(r"\s*\|\s*Hacker News$", "", "".join(page.itertext()).strip()) if page is not None else ""
    under = next(iter(by_class(box, "td", "subtext")), None)
    top = next(iter(by_class(box, "*", "toptext")), None)
    total = None
    for anchor_ in under.iter("a") if under is not None else ():
        found = _COUNT.match("".join(anchor_.itertext()).replace("\xa0", " ").strip())
        total = whole(found.group(1).replace(",", "")) if found else total
    article = Article(
        title=title,
        author=_person(under) if under is not None else None,
        published=_time(under) if under is not None else None,
        url=(link(anchor.get("href")) if anchor is not None else None) or (ITEM + key if key else None),
        text=element_text(top).body if top is not None else "",
    )
    return article, key, total
