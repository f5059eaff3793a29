"""What every format module exports: one `Loader`."""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.source import Source
from ingest.thread import Thread

__all__ = ["Loader"]


@dataclass(frozen=True, slots=True)
class Loader:
    """A format: how to recognise it and how to read it.

    `sniff` returns a confidence from 0.0 (not this format) to 1.0 (certainly) and never raises; it looks at the
    bytes first and the name second. `load` raises only `SourceError`s.
    """

    name: str
    title: str
    sniff: Callable[[Source], float]
    load: Callable[[Source], tuple[Thread, ...]]
