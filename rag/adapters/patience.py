"""How long a language model's server is waited for, and what is done where it fails: clock, limits, retries.

A server that keeps a connection open and says nothing must not hold anybody up, so the clock looks at what the stream
holds, not at whether bytes come.
"""

import email.utils
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

__all__ = ["Clock", "Fault", "Patience", "Watch", "pause_after", "wait_asked"]

_FIRST, _MOST = 0.5, 8.0  # seconds of the shortest and of the longest pause between two tries
_END = b"[DONE]"
_BYTES = 4_000_000  # in which no answer of a hundred words comes


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, without a word, for a whole answer, and for trying again before the first word.

    `tries` are how often a server is asked at most.
    """

    connect: float = 5.0
    silence: float = 60.0
    whole: float = 300.0
    retry: float = 10.0
    tries: int = 4


class Fault(Exception):
    """What is wrong with a server's answer, in words that follow "it", and what to do about it.

    `lasting` where trying again would not mend it; `wait` are the seconds that the server asks to wait.
    """

    def __init__(self, message: str, *, remedy: str = "", lasting: bool = False, wait: float | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.lasting = lasting
        self.wait = wait


class Clock:
    """The time of one answer. `finished` tells whether the server has said that its answer ends."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._start = self._heard = time.monotonic()
        self.finished = False

    def heard(self) -> None:
        """Note that the server has said something."""
        self._heard = time.monotonic()
        self.look()

    def look(self) -> None:
        """Raise `Fault` where the server has been silent, or has been at it, for too long."""
        now = time.monotonic()
        if now - self._heard > self._patience.silence:
            raise Fault(f"it said nothing for {self._patience.silence:g} seconds")
        if now - self._start > self._patience.whole:
            raise Fault(f"its answer takes longer than {self._patience.whole:g} seconds", lasting=True)


class Watch:
    """Look at the clock of the answer that a thread waits for with every piece that arrives: a hook of `httpx`."""

    def __init__(self) -> None:
        self._local = threading.local()

    def take(self, clock: Clock | None) -> None:
        """Take the clock of the answer that this thread asks for next; None where it asks for something else."""
        self._local.clock = clock

    def __call__(self, response: httpx.Response) -> None:
        """Watch a response. Raises `Fault` where it is no stream of events."""
        clock: Clock | None = getattr(self._local, "clock", None)
        if clock is None or not response.is_success:
            return
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if kind != "text/event-stream":
            raise Fault(f"it answers with {kind or 'no content type'} instead of a stream of events", lasting=True)
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Watched(response.stream, clock)


class _Watched(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock

    def __iter__(self) -> Iterator[bytes]:
        tail, size = b"", 0
        for piece in self._inner:
            self._clock.look()
            size += len(piece)
            if size > _BYTES:
                raise Fault("its answer does not end", lasting=True)
            seen = tail + piece
            self._clock.finished = self._clock.finished or _END in seen
            tail = seen[-len(_END) :]
            yield piece

    def close(self) -> None:
        self._inner.close()


def pause_after(number: int) -> float:
    """Return the seconds to wait before another try after `number` of them.

    Twice as long every time, less a random part, so that many who were refused at once do not come back at once.
    """
    longest: float = min(_MOST, _FIRST * 2.0 ** (number - 1))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def wait_asked(header: str | None) -> float | None:
    """Return how many seconds a `Retry-After` header asks to wait, as a number or as a date; None where it does not."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
