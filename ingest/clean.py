"""Markup → text: what a comment says, and which of its words repeat somebody else's.

`html_text`, `markdown_text` and `plain_text` return a `Text` whose quoted spans are exact offsets into its body.
"""

import re

from ingest.draft import Text
from ingest.markup_html import element_text, html_text
from ingest.markup_markdown import markdown_text
from ingest.thread import Quote
from ingest.times import iso_time
from ingest.writer import tidy

__all__ = ["element_text", "html_text", "iso_time", "markdown_text", "plain_text", "tidy", "typed_quotes"]

_QUOTED_LINE = re.compile(r"[ \t]*>(?!\d|[=_.:;][()_<>]?|>> |-+ ?\S*$|$)")


def plain_text(text: str) -> Text:
    """Read plain text: lines that begin with a typed `>` are quoted spans (marks included)."""
    body = re.sub(r"\n[ \t]*\n\s*\n", "\n\n", tidy(text)).strip()
    return typed_quotes(Text(body))


def typed_quotes(text: Text) -> Text:
    """Add the lines that begin with a `>` typed by hand to a text's quotes; neighbouring lines make one quote."""
    if ">" not in text.body:
        return text
    quotes: list[Quote] = []
    at = 0
    for line in text.body.split("\n"):
        end = at + len(line.rstrip())
        if _QUOTED_LINE.match(line):
            start = at + len(line) - len(line.lstrip())
            if quotes and quotes[-1].end >= at - 1 and not text.body[quotes[-1].end : start].strip():
                start = quotes.pop().start
            quotes.append(Quote(start, end))
        at += len(line) + 1
    fresh = (q for q in quotes if not any(old.start < q.end and q.start < old.end for old in text.quotes))
    return Text(text.body, tuple(sorted((*text.quotes, *fresh), key=lambda quote: (quote.start, -quote.end))))
