"""Indented-bullet text, as text extractors write a page with nested comments."""

from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Thread

__all__ = ["LOADER"]


def _sniff(source: Source) -> float:
    return 0.0


def _load(source: Source) -> tuple[Thread, ...]:
    raise NotImplementedError


LOADER = Loader("outline", "Indented bullets", _sniff, _load)
