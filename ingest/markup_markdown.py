"""Markdown of one comment → text with quoted spans, from the token stream of markdown-it."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ingest.draft import Text
from ingest.markup_html import html_text
from ingest.writer import TextWriter, tidy

__all__ = ["markdown_text"]

_MARKUP = re.compile(
    r"[*`]|\b_|_\b|~~|\][(:\[]|\\[\W\n]|&#?\w+;|<[a-zA-Z!/?]|^\s*[>#=|:+-]|^\s*\d+[.)]|^(?: {4}|\t)", re.MULTILINE
)  # wide: what it misses has no marks at all
_PARAGRAPHS = re.compile(r"\n\s*\n")


def markdown_text(markdown: str, *, breaks: bool = False, html: bool = False) -> Text:
    """Read Markdown: marks removed, `>` blocks as quoted spans, links as their text.

    `breaks` keeps single newlines as line breaks; `html` reads raw HTML inside (it is only ever turned into text).
    """
    markdown = tidy(markdown)
    reader = _Reader(breaks)
    if not _MARKUP.search(markdown):
        for block in _PARAGRAPHS.split(markdown):
            reader.writer.paragraph()
            reader.lines(block, breaks or "  \n" in block)
        return reader.writer.finish()
    for token in _parser(html).parse(markdown):
        act = _ACTIONS.get(token.type)
        if act is not None and not token.hidden:
            act(reader, token)
    if reader.writer.empty and reader.images:
        reader.writer.words(f"[image: {reader.images[0]}]" if reader.images[0] else "[image]")
    return reader.writer.finish()


@lru_cache(maxsize=2)
def _parser(html: bool) -> Any:
    from markdown_it import MarkdownIt  # loads a hundred modules: only when there is Markdown to read

    return MarkdownIt("js-default", {"html": html, "maxNesting": 100})


class _Reader:
    """What the actions share: the writer, the open lists (next number, None for bullets), the images passed."""

    def __init__(self, breaks: bool) -> None:
        self.writer = TextWriter()
        self.breaks = breaks
        self.lists: list[int | None] = []
        self.images: list[str] = []

    def lines(self, text: str, breaks: bool) -> None:
        for line in text.split("\n") if breaks else (text,):
            self.writer.words(line)
            if breaks:
                self.writer.hard_break()

    def inline(self, token: Any) -> None:
        for child in token.children or ():
            if child.type in ("text", "code_inline"):
                self.writer.words(child.content)
            elif child.type == "softbreak" and not self.breaks:
                self.writer.words(" ")
            elif child.type in ("softbreak", "hardbreak") or child.content.lower().startswith("<br"):
                self.writer.hard_break()
            elif child.type == "image":
                self.images.append(child.content)

    def code(self, token: Any) -> None:
        self.writer.paragraph()
        self.writer.exact(token.content.rstrip("\n"))
        self.writer.paragraph()

    def block(self, token: Any) -> None:
        self.writer.paragraph()
        self.lines(html_text(token.content).body, True)
        self.writer.paragraph()

    def quote(self, token: Any) -> None:
        if token.nesting < 0:
            self.writer.close_quote()
        self.writer.paragraph()
        if token.nesting > 0:
            self.writer.open_quote()

    def list(self, token: Any) -> None:
        if token.nesting < 0:
            self.lists.pop()
            self.writer.paragraph()
        else:
            self.lists.append(int(token.attrGet("start") or 1) if token.tag == "ol" else None)

    def item(self, token: Any) -> None:
        place = self.lists[-1]
        self.writer.line()
        self.writer.words("- " if place is None else f"{place}. ")
        self.lists[-1] = None if place is None else place + 1

    def paragraph(self, token: Any) -> None:
        if token.nesting < 0 or not self.lists:
            self.writer.paragraph()
        else:
            self.writer.words(" ")

    def line(self, token: Any) -> None:
        self.writer.line()

    def cell(self, token: Any) -> None:
        self.writer.words(" ")


_ACTIONS: Mapping[str, Callable[[_Reader, Any], None]] = {
    "inline": _Reader.inline,
    "fence": _Reader.code,
    "code_block": _Reader.code,
    "html_block": _Reader.block,
    "blockquote_open": _Reader.quote,
    "blockquote_close": _Reader.quote,
    "bullet_list_open": _Reader.list,
    "bullet_list_close": _Reader.list,
    "ordered_list_open": _Reader.list,
    "ordered_list_close": _Reader.list,
    "list_item_open": _Reader.item,
    "paragraph_open": _Reader.paragraph,
    "paragraph_close": _Reader.paragraph,
    "heading_open": _Reader.paragraph,
    "heading_close": _Reader.paragraph,
    "table_open": _Reader.paragraph,
    "table_close": _Reader.paragraph,
    "tr_open": _Reader.line,
    "td_open": _Reader.cell,
    "th_open": _Reader.cell,
}
