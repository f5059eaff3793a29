"""Answer a question in a worker thread and hand its events to an event loop; a caller that goes away ends it."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from ingest.errors import LibraryBusy
from rag.evidence import Event

__all__ = ["Asking", "Desk"]

_LOOK = 0.2  # seconds between two looks whether the caller is still there


class _Ended:
    """Marks that the thread has ended."""


_ENDED = _Ended()


class Asking:
    """One question on its way. Iterate `events`; `stop` ends the generation at its next event."""

    def __init__(self, start: Callable[[], Iterator[Event]]) -> None:
        self._start = start
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Event | _Ended] = asyncio.Queue()
        self._stop = threading.Event()
        self._future: Future[None] | None = None

    def begin(self, pool: ThreadPoolExecutor, ended: Callable[[], None]) -> None:
        """Start in a thread of the pool; `ended` is called when it is free again."""
        self._future = pool.submit(self._work)

        def done(_: Future[None]) -> None:
            ended()
            self._put(_ENDED)

        self._future.add_done_callback(done)

    async def events(self, gone: Callable[[], Awaitable[bool]]) -> AsyncGenerator[Event, None]:
        """Yield the events as they come, and nothing more once `gone` says that nobody listens.

        Raises what the engine raised.
        """
        looked = time.monotonic()
        try:
            while True:
                event = await self._next()
                if isinstance(event, _Ended):
                    break
                if time.monotonic() - looked > _LOOK:
                    looked = time.monotonic()
                    if await gone():
                        return
                if event is not None:
                    yield event
            if self._future is not None:
                self._future.result()
        finally:
            self.stop()

    async def _next(self) -> "Event | _Ended | None":
        """Return the next event, or None where there is none for a while."""
        try:
            return await asyncio.wait_for(self._queue.get(), _LOOK)
        except TimeoutError:
            return None

    def stop(self) -> None:
        """Ask the thread to end."""
        self._stop.set()

    def _work(self) -> None:
        for event in self._start():
            if self._stop.is_set():
                return
            self._put(event)

    def _put(self, event: "Event | _Ended") -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, event)


class Desk:
    """As many questions at once as there are seats; one more is told to come back."""

    def __init__(self, seats: int) -> None:
        self._pool = ThreadPoolExecutor(seats, thread_name_prefix="ask")
        self._free = threading.BoundedSemaphore(seats)

    def ask(self, start: Callable[[], Iterator[Event]]) -> Asking:
        """Begin a question. Raises `LibraryBusy` where every seat is taken."""
        if not self._free.acquire(blocking=False):
            raise LibraryBusy(
                "As many questions as this service takes are being answered.", remedy="Ask again in a moment."
            )
        asking = Asking(start)
        asking.begin(self._pool, self._free.release)
        return asking

    def close(self) -> None:
        """Take no more questions."""
        self._pool.shutdown(wait=False, cancel_futures=True)
