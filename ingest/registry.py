"""The table of formats, and the one way in: sniff → pick → load."""

import contextlib
import gc
from collections.abc import Iterator

from ingest.errors import NoComments, UnknownFormat
from ingest.formats import LOADERS
from ingest.formats.jsondata import looks_json
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Thread

__all__ = ["load", "pick"]


def pick(source: Source, format_name: str | None = None) -> Loader:
    """Choose the loader for a source: the one named, else the one that recognises it best.

    Raises `UnknownFormat` when none does.
    """
    if format_name is not None:
        for loader in LOADERS:
            if loader.name == format_name:
                return loader
        raise UnknownFormat(
            f"There is no format named {format_name!r}.",
            remedy="Choose one of: " + ", ".join(loader.name for loader in LOADERS) + ".",
        )
    score, best = max(((loader.sniff(source), -rank) for rank, loader in enumerate(LOADERS)), default=(0.0, 0))
    if score <= 0:
        raise UnknownFormat(
            f"{source.name} is in no format that Commentariat knows.",
            remedy="See `commentariat formats`, or name one with --format.",
        )
    return LOADERS[-best]


@contextlib.contextmanager
def _collecting_later(source: Source) -> Iterator[None]:
    """Put off the search for unreachable objects while JSON is read: it makes a great many, and none in circles."""
    if not gc.isenabled() or not looks_json(source):
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def load(source: Source, format_name: str | None = None) -> tuple[Thread, ...]:
    """Read every thread in a source. Raises a `SourceError` where there is none."""
    with _collecting_later(source):
        threads = pick(source, format_name).load(source)
    if not threads:
        raise NoComments(f"{source.name} holds no thread.", remedy="Give a file with an article or comments.")
    return threads
