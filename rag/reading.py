"""Threads and passages as read lately, so that a question does not unpack them again."""

from collections.abc import Sequence
from typing import Protocol

from ingest.thread import Thread
from rag.evidence import Passage
from rag.kept import Kept
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
        self._kept: Kept[tuple[str, int], tuple[Thread, Sequence[Passage]]] = Kept(_KEPT_COMMENTS)

    def threads(self, thread_ids: Sequence[str] = ()) -> dict[str, tuple[Thread, Sequence[Passage]]]:
        """Return the threads with these ids, or all, with their passages. Raises `ThreadNotFound`."""
        wanted = dict.fromkeys(thread_ids)
        revisions = {row.id: row.revision for row in self._shelf.threads() if not wanted or row.id in wanted}
        return {name: self._read(name, revisions.get(name, -1)) for name in wanted or revisions}

    def _read(self, thread_id: str, revision: int) -> tuple[Thread, Sequence[Passage]]:
        key = (thread_id, revision)
        read = self._kept.get(key)
        if read is None:
            read = (self._shelf.thread(thread_id), self._shelf.passages(thread_id))
            self._kept.keep(key, read, len(read[0].comments))
        return read
