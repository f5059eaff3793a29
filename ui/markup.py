"""Escaped HTML, and what links an answer to a thread: anchors, author colours, offsets in a browser's units."""

import hashlib
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from ingest.thread import Thread

__all__ = ["HUES", "anchor", "esc", "hues", "shown_name", "token", "utf16"]

HUES = 12
"""Author colours that the style sheet defines as `cm-h0` … `cm-h11`."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile(
    r"(?P<kept>(?:[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]){2})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def esc(text: str) -> str:
    """Escape a text for HTML content and double-quoted attributes, keeping its length in the browser.

    >>> esc('<b onclick="x">')
    '&lt;b onclick=&quot;x&quot;&gt;'
    """
    return html.escape(_CONTROLS.sub("\ufffd", text), quote=True).replace("\r", "&#13;")


def shown_name(author: str | None, *, limit: int = 60) -> str:
    """Return a name fit to stand in a line: no direction overrides, no towers of accents, cut at the limit.

    >>> shown_name("\u202eeve")
    'eve'
    """
    if author is None:
        return "name lost"
    name = " ".join(_MARKS.sub(r"\g<kept>", _BIDI.sub("", unicodedata.normalize("NFC", author))).split())
    return name if len(name) <= limit else name[: limit - 1] + "…"


def token(thread_id: str) -> str:
    """Return the short prefix of a thread's anchors: `t` and six hex digits, the same in every session."""
    return "t" + hashlib.sha256(thread_id.encode("utf-8", "replace")).hexdigest()[:6]


def anchor(thread_id: str, number: str) -> str:
    """Return the element id of a comment by its display number (`c10`), or of the article (`article`)."""
    return f"{token(thread_id)}-{number}"


def hues(thread: Thread) -> Mapping[str, int]:
    """Give each author a colour: those who write most get colours of their own."""
    counts = Counter(comment.author for comment in thread.visible if comment.author is not None)
    return {author: rank % HUES for rank, (author, _) in enumerate(counts.most_common())}


def utf16(text: str, offset: int) -> int:
    """Turn an offset in characters into one in UTF-16 units, which browsers count.

    >>> utf16("a😀b", 2)
    3
    """
    return offset + sum(1 for char in text[:offset] if ord(char) > 0xFFFF)
