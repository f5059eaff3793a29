"""Commentariat's own JSON, as `commentariat show --json` prints it: one thread, or a list of threads."""

import json
from typing import Any

from ingest.dump import from_json
from ingest.errors import MalformedSource
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Thread

__all__ = ["LOADER"]


def _sniff(source: Source) -> float:
    head = source.data[:300]
    return 1.0 if b'"commentariat"' in head and head.lstrip()[:1] in (b"{", b"[") else 0.0


def _load(source: Source) -> tuple[Thread, ...]:
    try:
        data: Any = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise MalformedSource(
            f"{source.name} is not valid JSON: {error}.", remedy="Make it again with `commentariat show --json`."
        ) from error
    return tuple(from_json(item) for item in (data if isinstance(data, list) else [data]))


LOADER = Loader("commentariat", "Commentariat JSON", _sniff, _load)
