"""Saved web pages: the comments by the site's markup, the article by trafilatura.

To read another kind of site, add a row to `html_markups.MARKUPS`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource, NoComments
from ingest.formats.html_article import article_of, claimed_count, more_pages, page_url, scripted_comments
from ingest.formats.html_dom import Found, gather
from ingest.formats.html_generic import generic
from ingest.formats.html_markups import MARKUPS
from ingest.formats.html_schema import declared, microdata
from ingest.formats.textual import peek
from ingest.loader import Loader
from ingest.markup_html import parse_page
from ingest.source import Source
from ingest.thread import Article, Thread
from ingest.tree import assemble
from ingest.wording import counted, noun

__all__ = ["LOADER"]

_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_TAGS = re.compile(r"<(?:div|p|li|span|article|section|table|ul|ol)\b", re.IGNORECASE)
_DEEPEST = 2000
_QUOTE_BOXES = frozenset({"quote", "quotecontent", "bbcode_quote", "bbc_standard_quote", "quotebox"})


def _sniff(source: Source) -> float:
    text = peek(source).lstrip("\ufeff\x00 \n\t")
    if not text.startswith("<"):
        return 0.0
    if _PAGE.match(_after_comments(text[:5000])):
        return 0.6
    return 0.3 if not text.startswith("<?xml") and len(_TAGS.findall(text[:20_000])) >= 3 else 0.0


def _after_comments(text: str) -> str:
    """Return a text from its first element on, after declarations and comments."""
    while text.startswith(("<?xml", "<!--")):
        end = "-->" if text.startswith("<!--") else "?>"
        text = text.partition(end)[2].lstrip()
    return text


def _load(source: Source) -> tuple[Thread, ...]:
    html = source.text
    root = parse_page(html)
    if root is None:
        raise MalformedSource(f"{source.name} holds no readable HTML.", remedy="Save the page again, as HTML.")
    _regroup(root)
    notes: list[str] = []
    if _is_cut(root):
        notes.append(f"The page nests deeper than {_DEEPEST:,} levels; what lies deeper was not read.")
    url = source.url or page_url(root)
    opens, found, aside = _comments(root, url)
    url = url or _shared_address(found)
    claimed = claimed_count(root, found[0].element if found else None)
    claimed = claimed - _links_back(root, found) if claimed is not None else None
    further = more_pages(root) if found else False
    lead = found.pop(0) if opens and found else None
    article = article_of(root, [*(item.element for item in found), *aside], url)
    if lead is not None:
        article = _opened(article, lead)
        found = [_raised(item) for item in found]
    missing = claimed - len(found) if claimed is not None and claimed > len(found) else None
    notes += _notes(html, len(found), claimed, further)
    if not found and not article.text:
        raise NoComments(
            f"{source.name} holds neither comments nor an article. {' '.join(notes)}".strip(),
            remedy="Save the page after its comments have loaded, or give the site's own export.",
        )
    draft = ThreadDraft(
        platform="html",
        key=None,
        article=article,
        comments=tuple(_drafts(found, url, opens)),
        notes=tuple(notes),
        missing=missing,
    )
    return (assemble(draft, source),)


def _shared_address(found: list[Found]) -> str | None:
    """Return the page's address by its comments' permalinks, where they agree."""
    bases = {item.permalink.partition("#")[0] for item in found if item.permalink}
    return bases.pop() if len(bases) == 1 and all(item.permalink for item in found) else None


def _links_back(root: Any, found: list[Found]) -> int:
    """Count the pingbacks that stand beside the comments without an id; pages count them with the comments."""
    known = {item.element for item in found}
    return sum(
        element not in known and not {"pingback", "trackback"}.isdisjoint((element.get("class") or "").split())
        for element in root.iter("li", "div")
    )


def _regroup(root: Any) -> None:
    """Put each comment of a definition list (`dt` name, `dd` body, `dd` date) into an element of its own.

    Quote boxes become block quotes, and the name in one is moved to its front, where it is read as the quoted person.
    """
    for box in root.iter("div"):
        if not _QUOTE_BOXES.isdisjoint((box.get("class") or "").split()):
            box.tag = "blockquote"
    for cite in root.xpath("//blockquote/div[not(preceding-sibling::*)]/cite[not(preceding-sibling::*)]"):
        box = cite.getparent().getparent()
        cite.getparent().text, cite.tail = cite.tail, None
        box.insert(0, cite)
    for listing in root.xpath("//dl[contains(@id,'comment') or contains(@class,'comment')]"):
        block = None
        for child in list(listing):
            if child.tag == "dt":
                block = listing.makeelement("div", {"class": "comment-regrouped", "id": child.get("id") or ""})
                listing.insert(listing.index(child), block)
            if block is not None and child.tag in ("dt", "dd"):
                block.append(child)


def _comments(root: Any, url: str | None) -> tuple[bool, list[Found], list[Any]]:
    """Return the comments by the way that finds the most, of nearly equal ones by that which tells the most.

    Before them: whether the first opens the thread (forums). After: what the page shows of other pages' comments.
    """
    ways = [(False, declared(root)), (False, microdata(root))]
    marked = [element for element in root.iter("*") if element.get("class") or element.get("id")]
    ways += [(markup.opens, gather(root, markup, marked)) for markup in MARKUPS]
    most = max(_worded(found) for _, found in ways)
    if most:
        fair = [way for way in ways if _worded(way[1]) >= 0.95 * most]
        opens, found = max(fair, key=lambda way: _told(way[1]))
        return opens, found, []
    return False, *generic(root, url)


def _told(found: list[Found]) -> tuple[int, int, int]:
    """Rank a reading by how many parents, names and words it finds."""
    return (
        sum(item.parent is not None for item in found),
        sum(item.author is not None for item in found),
        _worded(found),
    )


def _worded(found: list[Found]) -> int:
    return sum(bool(item.text.body) for item in found)


def _drafts(found: list[Found], url: str | None, flat: bool) -> list[Draft]:
    """Turn what was found into drafts; a comment's id is the site's own where page and comment have one.

    In a `flat` forum a quote at the beginning of a post names the parent.
    """
    host = urlsplit(url).hostname if url else None
    numbered = [item.key for item in found if item.key]
    native = host is not None and len(set(numbered)) == len(found)
    keys = [f"{host}/{item.key}" if native else str(place) for place, item in enumerate(found)]
    places = {item.key: keys[place] for place, item in enumerate(found) if item.key}
    texts = [_linked(item.text, keys[place], places) for place, item in enumerate(found)]
    parents = [keys[item.parent] if item.parent is not None else None for item in found]
    quoted = [_answered_quote(text, keys[place], flat) for place, text in enumerate(texts)]
    return [
        Draft(
            key=keys[place],
            parent_key=parents[place] or quoted[place],
            author=item.author,
            text=texts[place],
            created_at=item.created,
            score=item.score,
            permalink=item.permalink,
            status=item.status,
            flags=(*(("parent_by_quote",) if quoted[place] else ()), *(() if item.text.body else ("empty",))),
            native=native,
        )
        for place, item in enumerate(found)
    ]


def _linked(text: Text, own: str, places: Mapping[str, str]) -> Text:
    """Point quotes at the other comments they name, by key; a name that is not on the page is dropped."""
    named = [(quote, places.get((quote.comment_id or "").rpartition("/")[2])) for quote in text.quotes]
    return Text(text.body, tuple(replace(quote, comment_id=key if key != own else None) for quote, key in named))


def _answered_quote(text: Text, own: str, flat: bool) -> str | None:
    """Return the post that a post of a flat forum begins by quoting: it most likely answers that one."""
    first = text.quotes[0] if flat and text.quotes else None
    return first.comment_id if first is not None and first.start == 0 and first.comment_id != own else None


def _opened(article: Article, lead: Found) -> Article:
    """Make the first post of a forum thread its article."""
    return Article(
        title=article.title,
        author=lead.author,
        published=lead.created or article.published,
        url=article.url,
        text=lead.text.body,
    )


def _raised(item: Found) -> Found:
    """Count parents from the first reply; what answers the opening post stands at the top level."""
    return replace(item, parent=item.parent - 1 if item.parent else None)


def _notes(html: str, count: int, claimed: int | None, further: bool) -> list[str]:
    notes = []
    service = scripted_comments(html) if not count else None
    if service:
        notes.append(f"This page loads its comments by script ({service}); the saved file holds none.")
    elif not count and claimed:
        them = noun(claimed, "it", "them")
        notes.append(
            f"This page counts {counted(claimed, 'comment')} and loads {them} by script; the saved file holds none."
        )
    elif not count:
        notes.append("No comments were found in this page.")
    elif claimed is not None and claimed > count:
        where = "stand on further pages or are loaded by script" if further else "are hidden or loaded by script"
        notes.append(f"The page counts {counted(claimed, 'comment')}; this file holds {count:,}: the others {where}.")
    elif further:
        notes.append("The page links to further pages of comments, which are not in this file.")
    return notes


def _is_cut(root: Any) -> bool:
    """Tell whether the parser reached its depth limit; deeper elements are lost without a word otherwise."""
    from lxml import etree

    depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest >= _DEEPEST


LOADER = Loader("html", "Saved web page", _sniff, _load)
