"""PDF of a printed page: lines rebuilt from word positions, then read as outline or plain text.

Where a line begins tells its depth, the gap above it tells paragraphs, and what stands at the same place on most
pages is the printer's header and footer.
"""

import io
import logging
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.errors import MalformedSource, NoComments, SourceTooLarge
from ingest.formats import outline, plaintext
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Thread
from ingest.wording import counted

__all__ = ["LOADER"]

_MOST_PAGES = 2_000
_MOST_UNPACKED = 20
"""How many times the limit of a file its streams may unpack to."""
_EDGE = 0.09
_SAME_COLUMN = 4.0
_BULLETS = "•◦▪‣●○"


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line: page, left and right edge, top and height in points, text."""

    page: int
    left: float
    right: float
    top: float
    height: float
    text: str
    edge: bool


def _sniff(source: Source) -> float:
    return 1.0 if source.data[:1024].lstrip().startswith(b"%PDF-") else 0.0


def _load(source: Source) -> tuple[Thread, ...]:
    _check_streams(source)
    printed = _lines(source)
    kept, dropped = _without_running(printed)
    if not kept:
        raise NoComments(
            f"{source.name} holds no text; it may be a scan.", remedy="Run it through text recognition first."
        )
    text = "\n".join(_text(kept)) + "\n"
    inner = Source(source.name, text.encode(), url=source.url, limits=source.limits)
    loader = max((outline.LOADER, plaintext.LOADER), key=lambda each: each.sniff(inner))
    threads = loader.load(inner)
    notes = ["Read from a printed page: who answers whom is judged by the indents."]
    if dropped:
        notes.append(f"Left out {counted(dropped, 'line')} that the printer repeats at the edges of pages.")
    return tuple(replace(thread, source="pdf", notes=(*thread.notes, *notes)) for thread in threads)


def _check_streams(source: Source) -> None:
    """Refuse a file whose packed streams grow beyond all measure, before a library unpacks them."""
    limit = source.limits.file_bytes * _MOST_UNPACKED
    total = 0
    for match in re.finditer(rb"stream\r?\n", source.data):
        start = match.end()
        if source.data[start : start + 1] not in (
            b"\x78",
            b"\x68",
            b"\x58",
            b"\x48",
            b"\x38",
            b"\x28",
            b"\x18",
            b"\x08",
        ):
            continue
        unpacker = zlib.decompressobj()
        try:
            for place in range(start, len(source.data), 65_536):
                total += len(unpacker.decompress(source.data[place : place + 65_536], 8_000_000))
                while unpacker.unconsumed_tail and total <= limit:
                    total += len(unpacker.decompress(unpacker.unconsumed_tail, 8_000_000))
                if unpacker.eof or total > limit:
                    break
        except zlib.error:
            continue
        if total > limit:
            raise SourceTooLarge(
                f"{source.name} unpacks to more than {limit:,} bytes.",
                remedy="Print it again, or raise the limit with COMMENTARIAT_MAX_FILE_BYTES.",
            )


def _lines(source: Source) -> list[_Line]:
    """Read the printed lines. pdfminer meets damaged files with whatever error it runs into: all are mapped."""
    import pdfplumber
    from pdfminer.pdfexceptions import PDFException
    from pdfminer.psexceptions import PSException
    from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # it warns of every colour it does not know
    damage = (
        *(MalformedPDFException, PdfminerException, PDFException, PSException, ArithmeticError, AssertionError),
        *(AttributeError, LookupError, NotImplementedError, OSError, RecursionError, TypeError, ValueError),
        *(struct.error, zlib.error, StopIteration, EOFError),
    )
    lines: list[_Line] = []
    try:
        with pdfplumber.open(io.BytesIO(source.data)) as document:
            if len(document.pages) > _MOST_PAGES:
                raise SourceTooLarge(
                    f"{source.name} has {len(document.pages):,} pages; the limit is {_MOST_PAGES:,}.",
                    remedy="Split it.",
                )
            for number, page in enumerate(document.pages):
                words = page.extract_words(x_tolerance=2, y_tolerance=2, keep_blank_chars=False)
                lines += _page_lines(number, words, float(page.height))
                page.close()
    except damage as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise MalformedSource(f"{source.name} is a damaged PDF: {reason}.", remedy="Print it to PDF again.") from error
    return lines


def _page_lines(number: int, words: Sequence[dict[str, float | str]], height: float) -> Iterator[_Line]:
    """Group the words of a page into lines, top to bottom."""
    row: list[dict[str, float | str]] = []
    for word in sorted(words, key=lambda word: (round(float(word["top"])), float(word["x0"]))):
        if row and abs(float(word["top"]) - float(row[0]["top"])) > 3:
            yield _line(number, row, height)
            row = []
        row.append(word)
    if row:
        yield _line(number, row, height)


def _line(number: int, row: list[dict[str, float | str]], height: float) -> _Line:
    row = sorted(row, key=lambda word: float(word["x0"]))
    top, bottom = float(row[0]["top"]), float(row[0]["bottom"])
    return _Line(
        page=number,
        left=float(row[0]["x0"]),
        right=float(row[-1]["x1"]),
        top=top,
        height=max(1.0, bottom - top),
        text=" ".join(str(word["text"]) for word in row),
        edge=top < _EDGE * height or bottom > (1 - _EDGE) * height,
    )


def _without_running(lines: Sequence[_Line]) -> tuple[list[_Line], int]:
    """Drop the lines at the edges that most pages repeat, page numbers and all."""
    pages = len({line.page for line in lines})
    if pages < 2:
        return list(lines), 0
    counts = Counter(_shape(line) for line in lines if line.edge)
    running = {shape for shape, count in counts.items() if count >= max(2, 0.5 * pages)}
    kept = [line for line in lines if not (line.edge and _shape(line) in running)]
    return kept, len(lines) - len(kept)


def _shape(line: _Line) -> str:
    return re.sub(r"\d+", "0", line.text)


def _text(lines: Sequence[_Line]) -> Iterator[str]:
    """Write the lines as text: two columns an indent, a blank line for a gap, wrapped lines joined."""
    columns = _columns([line.left for line in lines])
    right = sorted(line.right for line in lines)[int(0.95 * (len(lines) - 1))]
    gap = _usual_gap(lines)
    pending, before = "", None
    for line in lines:
        indent = next(place for place, left in enumerate(columns) if abs(line.left - left) <= _SAME_COLUMN)
        if before is not None:
            turned = line.page != before.page
            apart = line.top - before.top > 1.35 * gap if not turned else not _goes_on(before, line, right)
            full = before.right > right - 0.12 * (right - columns[0])
            same = abs(line.left - before.left) <= _SAME_COLUMN or before.text[0] in _BULLETS
            if not apart and full and same and line.text[0] not in _BULLETS:
                pending = pending[:-1] + line.text if _hyphenated(pending, line.text) else f"{pending} {line.text}"
                before = line
                continue
            yield pending
            if apart:
                yield ""
        pending, before = "  " * indent + line.text, line
    if pending:
        yield pending


def _columns(lefts: Sequence[float]) -> list[float]:
    """Return where lines begin, left to right, a few points apart at least."""
    columns: list[float] = []
    for left in sorted(lefts):
        if not columns or left - columns[-1] > _SAME_COLUMN:
            columns.append(left)
    return columns


def _usual_gap(lines: Sequence[_Line]) -> float:
    """Return the usual distance of two lines of one paragraph: the least that is common, near a line's height."""
    gaps = Counter(
        round(after.top - line.top)
        for line, after in pairwise(lines)
        if after.page == line.page and after.top - line.top > 0.5 * line.height
    )
    common = [gap for gap, count in gaps.items() if count >= 0.1 * max(gaps.values())]
    height = sorted(line.height for line in lines)[len(lines) // 2]
    return min(float(min(common)), 1.4 * height) if common else 1.4 * height


def _goes_on(before: _Line, line: _Line, right: float) -> bool:
    """Tell whether a paragraph goes on over the page: its last line is full and the next begins in mid-sentence."""
    return before.right > 0.85 * right and not before.text.endswith((".", "!", "?", ":")) and line.text[0].islower()


def _hyphenated(text: str, following: str) -> bool:
    return text.endswith("-") and len(text) > 2 and text[-2].isalpha() and following[0].islower()


LOADER = Loader("pdf", "PDF of a printed page", _sniff, _load)
