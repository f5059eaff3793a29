"""What a page is about: the article without its comments, how many comments it claims, and who loads them."""

import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from ingest.formats.html_dom import has
from ingest.formats.html_words import text_of
from ingest.formats.prose import is_count_line, stated_count
from ingest.formats.textual import web_address
from ingest.thread import Article, normalise

__all__ = ["article_of", "claimed_count", "more_pages", "page_url", "scripted_comments"]

_SCRIPTED = (
    ("Disqus", r"disqus_thread|disqus\.com/embed|disqus_shortname"),
    ("Facebook", r"fb-comments|fb:comments"),
    ("Livefyre", r"livefyre"),
    ("Coral", r"coral[-_]talk|coral_thread|talk-?stream|coralproject"),
    ("OpenWeb", r"spot\.im|spotim|openweb"),
    ("Viafoura", r"viafoura"),
    ("Hyvor Talk", r"hyvor-talk|talk\.hyvor"),
    ("Commento", r"commento\.(?:io|js)|id=[\"']commento[\"']"),
    ("Giscus", r"giscus\.app"),
    ("Utterances", r"utteranc\.es"),
    ("remark42", r"remark42"),
    ("Isso", r"isso-thread|data-isso"),
    ("Cusdis", r"cusdis"),
    ("IntenseDebate", r"intensedebate"),
    ("Vuukle", r"vuukle"),
    ("GraphComment", r"graphcomment"),
    ("Discourse", r"DiscourseEmbed|discourse-comments"),
    ("Jetpack", r"jetpack-comment|jetpack\.wordpress\.com/jetpack-comment"),
)
_AROUND = ("//*[@id='comments' or @id='respond' or @id='disqus_thread']", has("comments-area", axis="//"), "//form")
_TITLES = (has("post-title", axis="//"), has("entry-title", axis="//"))
_BLOCKS = ("p", "div", "li", "td", "tr", "br", "dd", "dt", "ul", "ol", "section", "blockquote", "pre", "h2", "h3", "h4")
_MOST_BLOCKS = 3_000
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "span", "strong", "a", "b", "legend"})
_HOLDER = re.compile(r"comment|kommentar|commentaire", re.IGNORECASE)
_MORE = re.compile(
    r"comment-page-\d|[?&#](?:cpage|comment_page|commentpage)=\d|#comments?-page"
    r"|(?:older|newer|more|next|previous|ältere|weitere|mehr|plus de|load|view all)\s+(?:\d+\s+)?(?:comments|kommentare"
    r"|commentaires|replies)",
    re.IGNORECASE,
)


def page_url(root: Any) -> str | None:
    """Return the address that a page gives itself: canonical link, else `og:url`."""
    for path, name in (
        ("//link[@rel='canonical']", "href"),
        ("//meta[@property='og:url']", "content"),
    ):
        for place in root.xpath(path):
            address = web_address(place.get(name))
            if address is not None:
                return address
    return None


def article_of(root: Any, comments: Iterable[Any], url: str | None) -> Article:
    """Read the article of a page; the comment elements are taken out of the tree first."""
    own = page_url(root)
    for element in comments:
        if element is not None and element.getparent() is not None:
            _drop(element)
    for path in _AROUND:
        for element in root.xpath(path):
            if element.getparent() is not None and element.tag not in ("body", "html") and len(text_of(element)) < 5000:
                _drop(element)
    return _extracted(root, url or own)


def _drop(element: Any) -> None:
    """Take an element out of the tree, keeping the words after it."""
    parent, before = element.getparent(), element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _extracted(root: Any, url: str | None) -> Article:
    from lxml import etree  # heavy libraries load when a page is read
    from trafilatura import bare_extraction

    for name in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # they warn of every page without an article
    html = etree.tostring(root, encoding="unicode", method="html")
    dates = {"original_date": True, "extensive_search": False}  # a date that is only guessed at is none
    many = sum(1 for _ in root.iter(*_BLOCKS)) > _MOST_BLOCKS  # second opinions take the square of the blocks in time
    document = bare_extraction(
        html, url=url, include_comments=False, with_metadata=True, date_extraction_params=dates, fast=many
    )
    fields = document if isinstance(document, dict) else document.as_dict() if document is not None else {}
    site = fields.get("sitename") or _meta(root, "og:site_name")
    date = fields.get("date")
    title = _headline(root, fields.get("title") or "", site)
    return Article(
        title=title,
        author=_person(fields.get("author") or "", site, url),
        published=date if date and re.fullmatch(r"\d{4}-\d\d-\d\d", date) else None,
        url=url,
        text=_body(fields.get("text") or "", title),
    )


def _body(text: str, title: str) -> str:
    """Return the paragraphs without a repeated title above and counts of comments below."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    while lines and _letters(lines[0]) == _letters(title):
        del lines[0]
    while lines and is_count_line(lines[-1]):
        lines.pop()
    return "\n\n".join(lines)


def _headline(root: Any, title: str, site: str) -> str:
    """Choose the title that the page shares with others, else the extractor's, without the site's name."""
    shared = _meta(root, "og:title")
    if not shared or _letters(shared) == _letters(site):
        own = {text_of(place) for path in _TITLES for place in root.xpath(path)} - {""}
        shared = own.pop() if len(own) == 1 else title or _title(root)
    parts = re.split(r"\s[|–—·-]\s", normalise(shared))
    if len(parts) > 1 and site and _letters(parts[-1]) in (_letters(site), _letters(site.split(".")[0])):
        return normalise(shared)[: -len(parts[-1]) - 3].strip()
    return normalise(shared)


def _person(author: str, site: str, url: str | None) -> str | None:
    """Return an author that is not the site itself."""
    host = re.sub(r"^www\.", "", urlsplit(url or "").hostname or "")
    taken = {_letters(site), _letters(host), _letters(host.rpartition(".")[0])}
    return None if not author.strip() or _letters(author) in taken else normalise(author)


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _meta(root: Any, name: str) -> str:
    places = root.xpath(f"//meta[@property='{name}']/@content")
    return str(places[0]) if places else ""


def _title(root: Any) -> str:
    place = next(root.iter("title"), None)
    return text_of(place) if place is not None else ""


def claimed_count(root: Any, first: Any) -> int | None:
    """Return the number of comments that a heading above the first comment states (or any heading, without one)."""
    claimed: int | None = None
    for element in root.iter("*"):
        if element is first:
            break
        if element.tag not in _HEADINGS or len(element) > 6:
            continue
        shown = text_of(element)
        if 0 < len(shown) <= 160 and any(map(str.isdigit, shown)) and is_count_line(shown):
            claimed = stated_count(shown)
    return claimed


def scripted_comments(html: str) -> str | None:
    """Return the name of the service whose script loads a page's comments, or None."""
    for name, pattern in _SCRIPTED:
        if re.search(pattern, html, re.IGNORECASE):
            return name
    return None


def more_pages(root: Any) -> bool:
    """Tell whether the page links to further pages of its comments."""
    for link in root.iter("a", "button"):
        href = link.get("href") or ""
        around = f"{link.get('class') or ''} {link.get('id') or ''}"
        if _MORE.search(href) or _MORE.search(text_of(link)[:80]):
            return True
        if _HOLDER.search(around) and re.search(r"load[-_]?more|next|older|pagination", around, re.IGNORECASE):
            return True
    return any(
        _HOLDER.search(f"{place.get('class') or ''} {place.get('id') or ''}")
        for place in root.xpath("//*[contains(@class,'pagination') or contains(@id,'pagination')]")
    )
