"""What the text formats share: a look at the text that never raises."""

from ingest.errors import SourceError
from ingest.source import Source

__all__ = ["SNIFFED", "peek", "plain"]

SNIFFED = 200_000
"""How many characters a sniff looks at."""


def peek(source: Source) -> str:
    """Return the decoded text, or an empty string for what is not text; for `sniff`, which never raises."""
    try:
        return source.text
    except SourceError:
        return ""


def plain(source: Source) -> str:
    """Return the text of a source that is not markup (HTML, XML) or JSON by its first characters, else nothing."""
    text = peek(source)
    return "" if text.lstrip("\ufeff\x00 \n\t")[:1] in ("<", "{") else text
