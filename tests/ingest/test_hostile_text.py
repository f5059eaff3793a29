"""Text that is written to make a reader of text run for ever."""

import contextlib

import pytest

from ingest.errors import SourceError
from ingest.formats import LOADERS
from ingest.source import Source

TEXT = [loader for loader in LOADERS if loader.name in ("outline", "plaintext", "markdown")]
MANY = 30_000


@pytest.mark.parametrize("loader", TEXT, ids=lambda loader: loader.name)
@pytest.mark.parametrize(
    "hostile",
    [
        "By " + "a, " * MANY,
        "[" * MANY,
        "> " * MANY,
        ">" * 2000 + "x\n" + "\n".join(">" * n for n in range(1000)),
        "# " + " #" * MANY,
        "**" * MANY,
        "  • a\n\n" * 6_000,
        "\n".join(" " * n + "• a\n" for n in range(1000)),
        "a says:\n" * 6_000,
        "a says:\n\nb\n\n" * 6_000,
        "- **a**: b\n" * 6_000,
        "x " * MANY + "\n\n  • a\n\n    b\n",
        "1. a - May 12, 2011\n\n" * 2_000,
        "---\n" + "a: b\n" * 6_000,
        "```json\n{" + "}\n" * MANY,
        "\n" * MANY + "Reply\n" * 9,
        "12 " * MANY + "comments",
    ],
    ids=range(17),
)
def test_hostile_repetition_is_read_or_refused(loader, hostile: str) -> None:
    source = Source(name="thread.md", data=hostile.encode())
    loader.sniff(source)
    with contextlib.suppress(SourceError):
        loader.load(source)
