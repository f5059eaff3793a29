"""What was read lately, kept in memory up to a bound."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Kept"]

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Kept(Generic[_Key, _Value]):
    """Values by key, up to `room` in all; the least recently used are let go first, the newest never.

    Safe to share between threads.

    >>> kept = Kept(room=2)
    >>> for letter in "abc":
    ...     kept.keep(letter, letter.upper())
    >>> [kept.get(letter) for letter in "abc"]
    [None, 'B', 'C']
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self._values: OrderedDict[_Key, tuple[_Value, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: _Key) -> _Value | None:
        """Return a value, or None where it was let go or never kept."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def keep(self, key: _Key, value: _Value, size: int = 1) -> None:
        """Keep a value that takes so much room, in place of an earlier one of the same key."""
        with self._lock:
            self._drop(key)
            self._values[key] = (value, size)
            self._size += size
            while self._size > self.room and len(self._values) > 1:
                self._size -= self._values.popitem(last=False)[1][1]

    def drop(self, key: _Key) -> None:
        """Let a value go, if it is there."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: _Key) -> None:
        _, size = self._values.pop(key, (None, 0))
        self._size -= size
