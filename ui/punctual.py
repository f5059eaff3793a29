"""Bound how long a caller may take to send a request; else a few slow ones hold every connection of the service.

uvicorn times out between two requests of a connection alone. Hence a clock on the head of a request, in the protocol,
and one on its body, where it is received.
"""

import asyncio
from time import monotonic

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["PunctualProtocol", "timely"]

HEAD = 20.0
"""Seconds for the head of a request, from the connection or its first byte on."""

GRACE = 20.0
"""Seconds for a body, whatever its size."""

RATE = 10_000
"""Bytes a second; what has come at this rate earns the rest of a body more time."""


def timely(receive: Receive) -> Receive:
    """Refuse a body that comes too slowly (408); what is received after its end may take any time."""
    begun = monotonic()
    seen, ended = 0, False

    async def hurry() -> Message:
        nonlocal seen, ended
        if ended:
            return await receive()
        left = GRACE + seen / RATE - (monotonic() - begun)
        try:
            message = await asyncio.wait_for(receive(), max(left, 0.0))
        except TimeoutError as error:
            raise HTTPException(408, "The request came too slowly.", headers={"Connection": "close"}) from error
        seen += len(message.get("body", b""))
        ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return hurry


class PunctualProtocol(H11Protocol):
    """uvicorn's protocol, which also closes a connection whose next request does not come whole in its head in time.

    What still arrives of a body that was refused is no request either, and no reason to keep the connection.
    """

    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock with the connection."""
        super().connection_made(transport)
        self._wind()

    def data_received(self, data: bytes) -> None:
        """Stop the clock for a request that is being answered, and start it for the beginning of the next."""
        super().data_received(data)
        self._wind()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wind(self) -> None:
        if self._answering:
            self._stop()
        elif self._clock is None:
            self._clock = self.loop.call_later(HEAD, self._late)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _late(self) -> None:
        self._clock = None
        if not self._answering:
            self.transport.close()
