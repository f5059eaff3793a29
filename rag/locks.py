"""Locks between processes: let go by the system when their holder dies, so never stale."""

import contextlib
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.errors import LibraryBusy, StorageFull

try:
    import fcntl
except ImportError:  # Windows: there, a second process is kept out by SQLite alone
    fcntl = None  # type: ignore[assignment]

__all__ = ["FileLock", "Lock", "Locks", "tried"]

_PAUSE = 0.05  # seconds between two tries


class Lock(ABC):
    """An advisory lock, shared or exclusive; one object holds it once."""

    @abstractmethod
    def acquire(self, *, exclusive: bool, wait: float = 0.0) -> bool:
        """Take the lock, trying for `wait` seconds; tell whether it was had."""

    @abstractmethod
    def release(self) -> None:
        """Let the lock go; nothing happens where it is not held."""

    def lost(self) -> bool:
        """Tell whether the lock was taken and is no longer held, without having been let go."""
        return False

    @contextlib.contextmanager
    def held(self, *, exclusive: bool, wait: float, busy: str) -> Iterator[None]:
        """Hold the lock for a block. Raises `LibraryBusy` with the message `busy` where it cannot be had in time."""
        if not self.acquire(exclusive=exclusive, wait=wait):
            raise LibraryBusy(busy, remedy="Wait until it is done and try again.")
        try:
            yield
        finally:
            self.release()


class FileLock(Lock):
    """A lock on a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self, *, exclusive: bool, wait: float = 0.0) -> bool:
        """Take the lock, trying for `wait` seconds; tell whether it was had.

        Raises `StorageFull` where the file cannot be made.
        """
        if self._handle is not None:
            return True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageFull(
                f"The library folder {self._path.parent} cannot be written: {error.strerror or error}.",
                remedy="Free space or mend its permissions, or choose another folder with COMMENTARIAT_HOME.",
            ) from error
        if not tried(lambda: _try(handle, exclusive=exclusive), wait):
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Let the lock go; nothing happens where it is not held."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


class Locks(Lock):
    """Several locks taken together: all of them or none."""

    def __init__(self, *locks: Lock) -> None:
        self._locks = locks

    def acquire(self, *, exclusive: bool, wait: float = 0.0) -> bool:
        """Take every lock, trying each for `wait` seconds; tell whether all were had."""
        had = False
        try:
            had = all(lock.acquire(exclusive=exclusive, wait=wait) for lock in self._locks)
        finally:
            if not had:
                self.release()
        return had

    def release(self) -> None:
        """Let every lock go."""
        for lock in self._locks:
            lock.release()

    def lost(self) -> bool:
        """Tell whether any was lost."""
        return any(lock.lost() for lock in self._locks)


def tried(attempt: Callable[[], bool], wait: float) -> bool:
    """Repeat an attempt until it succeeds or `wait` seconds are over; tell which."""
    end = time.monotonic() + wait
    while not attempt():
        if time.monotonic() >= end:
            return False
        time.sleep(_PAUSE)
    return True


def _try(handle: int, *, exclusive: bool) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
