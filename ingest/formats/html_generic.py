"""Comments on a page whose markup nobody described: repeated blocks with a name, a date and words.

Refused below a threshold, so that lists of "latest comments", related articles and live tickers stay out.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import urldefrag, urljoin

from ingest.formats.html_dom import Found, Markup, classes, gather
from ingest.formats.html_words import text_of

__all__ = ["generic"]

_WORDS = re.compile(
    r"comment|komment|ergänz|reply|replies|respon[sd]|discuss|diskuss|reac(?:t|c)|reakt|opinion|beitrag|posting|forumpost"
    r"|message|feedback|(?:^|[-_])post(?:[-_]|$)",
    re.IGNORECASE,
)
_NOT_HERE = re.compile(
    r"latest|recent|aktuelle|neueste|letzte|derniers|sidebar|widget|teaser|related|most[-_]?(?:read|commented)|ticker|live"
    r"|navigation|menu",
    re.IGNORECASE,
)
_NAMED = (
    "author",
    "user",
    "name",
    "nick",
    "poster",
    "byline",
    "fn",
    "commenter",
    "autor",
    "auteur",
    "verfasser",
    "member",
    "pseudo",
)
_DATED = ("date", "time", "timestamp", "datetime", "posted", "datum", "published", "when", "created", "ago", "zeit")
_WORDED = ("body", "content", "text", "message", "msg", "copy", "inhalt", "texte", "excerpt", "entry")
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_CLASS = f"translate(concat(' ',@class,' ',@itemprop,' '),'{_LOWER.upper()}','{_LOWER}')"
_REPLIES = re.compile(r"child|repl(?:y|ies)|nested|indent|thread|antwort|subcomment|response", re.IGNORECASE)
_LEAST_MEMBERS = 2
_LEAST_COMPLETE = 0.6
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5"})
_TAGS = frozenset({"li", "div", "article", "section", "dd", "dt", "tr", "td", "p", "blockquote", "table"})


def _paths(words: Sequence[str], tail: str = "") -> tuple[str, ...]:
    """Return XPaths for elements whose class holds one of the words, in their order."""
    return tuple(f".//*[contains({_CLASS},'{word}')]{tail}" for word in words)


_AUTHOR = (
    ".//*[@rel='author']",
    *(f".//a[contains({_CLASS},'{word}')]" for word in _NAMED),
    *_paths(_NAMED),
    ".//cite",
    ".//a[contains(@href,'/user') or contains(@href,'/profile') or contains(@href,'/member') or contains(@href,'/u/')]",
)
_TIME = (".//time", *_paths(_DATED))


def generic(root: Any, url: str | None = None) -> tuple[list[Found], list[Any]]:
    """Return the comments of the repeated blocks that look most like comments, or none below the threshold.

    Returned beside them: the elements of lists that lead to other pages' comments, which are no part of the article.
    """
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for element in root.iter(*_TAGS):
        for word in {re.sub(r"\d+", "", name) for name in (*classes(element), f"#{element.get('id') or ''}")}:
            if _WORDS.search(word):
                groups[(element.tag, word)].append(element)
    best: list[Found] = []
    best_score = 0.0
    tried = sorted(
        groups.items(), key=lambda item: (-len(item[1]), sum(1 for _ in item[1][0].iterancestors()), item[0])
    )
    lists: set[Any] = set()
    for _, members in tried[:24]:
        if len(members) < _LEAST_MEMBERS or any(above in lists for above in members[0].iterancestors()):
            continue
        if _elsewhere(members, url):
            lists.update(members)
            continue
        found = gather(root, _markup(members))
        score = _completeness(found) * len(found)
        if score > best_score * 1.02 and _completeness(found) >= _LEAST_COMPLETE:
            best, best_score = found, score
    return best, list(lists)


def _markup(members: Sequence[Any]) -> Markup:
    """Describe a group of elements as comments."""
    chosen = set(members)
    return Markup(
        "generic",
        lambda element: _number(element) if element in chosen else None,
        author=_AUTHOR,
        time=_TIME,
        body=_paths(_WORDED, "[not(self::a)][string-length(normalize-space(.))>0]"),
        nest=_REPLIES,
        loose=True,
    )


def _number(element: Any) -> str:
    """Return the number that names an element, in its id, a data attribute or its class."""
    for value in (element.get("id"), element.get("data-comment-id"), element.get("data-id"), element.get("class")):
        match = re.search(r"\d{2,}", value or "")
        if match:
            return match.group()
    return ""


def _completeness(found: Sequence[Found]) -> float:
    """Return how much of a group has what a comment has: words first, then a name, then a date."""
    if not found:
        return 0.0
    worded = sum(bool(item.text.body) for item in found)
    named = sum(item.author is not None and bool(item.text.body) for item in found)
    dated = sum(bool(item.when and re.search(r"\d", item.when)) for item in found)
    if worded < 0.8 * len(found):
        return 0.0
    return (0.2 * worded + 0.45 * named + 0.35 * dated) / len(found)


def _elsewhere(members: Sequence[Any], url: str | None) -> bool:
    """Tell a list of links to other pages, or one in a sidebar, from the comments of this page."""
    for above in (members[0], *members[0].iterancestors()):
        if above.tag in ("nav", "aside", "footer", "head"):
            return True
        label = f"{above.get('class') or ''} {above.get('id') or ''}"
        if above.tag != "body" and _NOT_HERE.search(label) and len(label) < 200:
            return True
    linked = sum(_links_away(member, url) for member in members)
    return linked > 0.5 * len(members)


def _links_away(member: Any, url: str | None) -> bool:
    """Tell whether a block's title, or most of its words, are a link to another page: a teaser."""
    words = len(text_of(member))
    here = urldefrag(url or "").url
    for link in member.iter("a"):
        shown = len(text_of(link))
        titled = any(above.tag in _HEADINGS for above in link.iterancestors() if above is not member)
        if not titled and (shown <= 0.4 * words or shown <= 15):
            continue
        try:
            there = urldefrag(urljoin(url or "", link.get("href") or "")).url
        except ValueError:
            continue
        if there and there != here:
            return True
    return False
