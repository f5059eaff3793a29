"""Threads and passages as read lately, so that a question does not unpack them again."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from ingest.thread import Thread
from rag.evidence import Passage
from rag.ports import ThreadRow

__all__ = ["Reading", "Shelf"]

_KEPT_COMMENTS = 60_000


class Shelf(Protocol):
    """What is read from: a library."""

    def threads(self) -> list[ThreadRow]:
        """List the threads."""
        ...

    def thread(self, thread_id: str) -> Thread:
        """Return a thread. Raises `ThreadNotFound`."""
        ...

    def passages(self, thread_id: str) -> list[Passage]:
        """Return a thread's passages."""
        ...


class Reading:
    """Hold the threads last read, by revision: a changed thread is read afresh. Safe to share between threads."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], tuple[Thread, Sequence[Passage]]] = OrderedDict()

    def threads(self, thread_ids: Sequence[str] = ()) -> dict[str, tuple[Thread, Sequence[Passage]]]:
        """Return the threads with these ids, or all, with their passages. Raises `ThreadNotFound`."""
        rows = {row.id: row for row in self._shelf.threads()}
        wanted = list(dict.fromkeys(thread_ids)) or list(rows)
        return {name: self._read(name, rows[name].revision if name in rows else -1) for name in wanted}

    def _read(self, thread_id: str, revision: int) -> tuple[Thread, Sequence[Passage]]:
        key = (thread_id, revision)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        read = (self._shelf.thread(thread_id), self._shelf.passages(thread_id))
        with self._lock:
            self._kept[key] = read
            while len(self._kept) > 1 and sum(len(t.comments) for t, _ in self._kept.values()) > _KEPT_COMMENTS:
                self._kept.popitem(last=False)
        return read
