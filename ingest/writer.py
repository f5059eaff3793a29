"""Build a plain text piece by piece: white space collapsed, paragraphs apart, quoted spans exact."""

import re
import unicodedata
from dataclasses import dataclass

from ingest.draft import Text
from ingest.thread import Quote

__all__ = ["TextWriter", "tidy"]

_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\u00ad\u061c\u200b\u200e\u200f\u2060-\u2064\ufeff"  # soft hyphen, zero width, marks of direction
    "\u202a-\u202e\u2066-\u2069"  # overrides of direction can reorder what a reader sees
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"  # halves of pairs, annotations, tags that hide text
    "|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"  # joiners outside scripts and emoji
)
_BREAKS = re.compile("\r\n?|[\x0c\x85\u2028\u2029]")
_SPECIAL = re.compile("[^\t\n -~]")
_SPACES = re.compile(r"[ \t\n]{2,}|[\t\n]")


def tidy(text: str) -> str:
    """Remove what a reader cannot see or what misleads, and keep everything else exactly (as NFC).

    Control, zero-width and direction characters go; every kind of line break becomes a newline, a no-break space a
    space.
    """
    if not _SPECIAL.search(text):
        return text
    text = _UNWANTED.sub("", _BREAKS.sub("\n", text).replace("\xa0", " "))
    return unicodedata.normalize("NFC", text)


@dataclass(slots=True)
class _Open:
    """A quotation that has begun: where it starts once its first word is written, and whose it is."""

    start: int | None
    key: str | None
    author: str | None


class TextWriter:
    """Collect words, breaks and quotations in reading order; `finish` returns the text with its quoted spans."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._newlines = 0
        self._space = False
        self._open: list[_Open] = []
        self._quotes: list[Quote] = []

    @property
    def empty(self) -> bool:
        """Tell whether nothing has been written yet."""
        return not self._length

    def words(self, text: str) -> None:
        """Write running text: any run of white space counts as one space."""
        text = _SPACES.sub(" ", tidy(text))
        if not text:
            return
        core = text.strip(" ")
        self._space |= text[0] == " "
        if core:
            self._write(core)
            self._space = text[-1] == " "

    def exact(self, text: str) -> None:
        """Write preformatted text as it stands."""
        text = tidy(text)
        if self._newlines or not self._length:
            text = text.lstrip("\n")
        core = text.rstrip("\n")
        if core:
            self._write(core)
        self._newlines = max(self._newlines, len(text) - len(core))

    def line(self) -> None:
        """Begin a new line."""
        self._newlines, self._space = max(self._newlines, 1), False

    def hard_break(self) -> None:
        """Write a line break that the author made: two in a row part paragraphs."""
        self._newlines, self._space = min(self._newlines + 1, 2), False

    def paragraph(self) -> None:
        """Begin a new paragraph."""
        self._newlines, self._space = 2, False

    def open_quote(self, key: str | None = None, author: str | None = None) -> None:
        """Begin a quotation: of the comment `key`, by `author`, where the source says so."""
        self._open.append(_Open(None, key, author))

    def name_quote(self, author: str) -> None:
        """Name the author of the innermost open quotation."""
        if self._open and author:
            self._open[-1].author = author

    def close_quote(self) -> None:
        """End the innermost quotation."""
        quote = self._open.pop()
        if quote.start is not None and quote.start < self._length:
            self._quotes.append(Quote(quote.start, self._length, quote.key, quote.author))

    def finish(self) -> Text:
        """Return the text; quotations still open end with it."""
        while self._open:
            self.close_quote()
        body = "".join(self._parts)
        cut = len(body.rstrip())
        quotes = sorted(
            (Quote(q.start, min(q.end, cut), q.comment_id, q.author) for q in self._quotes if q.start < cut),
            key=lambda quote: (quote.start, -quote.end),
        )
        return Text(body[:cut], tuple(quotes))

    def _write(self, text: str) -> None:
        if self._length:
            gap = "\n" * self._newlines or (" " if self._space else "")
            if gap:
                self._parts.append(gap)
                self._length += len(gap)
        for quote in reversed(self._open):
            if quote.start is not None:
                break
            quote.start = self._length
        self._parts.append(text)
        self._length += len(text)
        self._newlines, self._space = 0, False
