"""Guard a service on this machine: who may speak to it, for whom a request was meant, how much it may send, how slowly.

A page that a person has open can send requests to their loopback address, under a name of its own (DNS rebinding) or
across sites. Hence the checks of `Host` and `Origin`; there are no CORS headers, so no page can read an answer.
"""

import hmac
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.punctual import timely

__all__ = ["Guard", "is_loopback", "problem"]

OPEN_PATHS = frozenset({"/health"})
"""What needs no token: it tells nothing about the library."""


def problem(status: int, message: str, remedy: str = "", **headers: str) -> JSONResponse:
    """Return a failure as every door of the service tells it."""
    return JSONResponse({"message": message, "remedy": remedy}, status, headers=headers)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address reaches this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """Let through what may come in: the right host, no foreign page, the token, a body within its limit, and in time.

    `local` says that the service listens on loopback alone; only there is a name in `Host` known to be wrong.
    """

    def __init__(self, app: ASGIApp, *, token: str, local: bool, limit: Callable[[str], int]) -> None:
        self._app = app
        self._token = token.encode()
        self._local = local
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["path"], headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:18]) > limit:
            await _too_large(limit)(scope, receive, send)
            return
        await self._app(scope, _bounded(timely(receive), limit), send)

    def _refusal(self, path: str, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "")
        if self._local and not is_loopback(_name(host)):
            return problem(
                421, "This service answers on loopback only.", "Call it as http://127.0.0.1 or http://localhost."
            )
        origin = headers.get("origin")
        if (origin is not None and _netloc(origin) != host) or headers.get("sec-fetch-site") == "cross-site":
            return problem(403, "Requests from web pages are refused.", "Call the service from a program.")
        if not self._token or path in OPEN_PATHS:
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        # Bytes, for `compare_digest` takes no text beyond ASCII; ASGI hands headers on as latin-1.
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), self._token):
            return None
        return problem(
            401,
            "The token is missing or wrong.",
            "Send `Authorization: Bearer TOKEN` with the token that `serve` was given.",
            **{"WWW-Authenticate": "Bearer"},
        )


def _netloc(url: str) -> str:
    """Return the host and port of an origin, empty where it is none, such as `null`."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _name(host: str) -> str:
    """Return a `Host` header without its port; empty where it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _too_large(limit: int) -> JSONResponse:
    return problem(
        413, f"The request is longer than {limit:,} bytes.", "Shorten it, or raise the limit.", Connection="close"
    )


def _bounded(receive: Receive, limit: int) -> Receive:
    """Count a body as it comes, for one sent in chunks does not say how long it is."""
    seen = 0

    async def count() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, f"The request is longer than {limit:,} bytes.", headers={"Connection": "close"})
        return message

    return count
