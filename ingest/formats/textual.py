"""What the text formats share: looks at texts and addresses that never raise."""

import re
from urllib.parse import urlsplit

from ingest.clean import tidy
from ingest.errors import SourceError
from ingest.source import Source

__all__ = ["SNIFFED", "peek", "plain", "web_address"]

SNIFFED = 200_000
"""How many characters a sniff looks at."""


_ARRAY = re.compile(r"\[\s*(?:[{\"\[\]]|-?\d+\s*[,\]]|null|true|false)")


def peek(source: Source) -> str:
    """Return the decoded text, or an empty string for what is not text; for `sniff`, which never raises."""
    try:
        return source.text
    except SourceError:
        return ""


def web_address(value: str | None) -> str | None:
    """Return a whole http or https URL, or None for what is none (or not one that can be taken apart)."""
    value = (value or "").strip()
    if not value.startswith(("http://", "https://")) or len(value) >= 2000 or any(map(str.isspace, value)):
        return None
    try:
        parts = urlsplit(value)
        return value if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def plain(source: Source) -> str:
    """Return the beginning of a text that is not markup (HTML, XML) or JSON by its first characters, else nothing."""
    text = peek(source)
    start = text.lstrip("\ufeff\x00 \n\t")[:80]
    return "" if start.startswith(("<", "{")) or _ARRAY.match(start) else tidy(text[:SNIFFED])
