"""The engine as an HTTP service, `commentariat serve`: threads, questions, answers as they come (server-sent events).

Every failure is a JSON object of message and remedy. The OpenAPI description is at `/openapi.json`.
"""

import asyncio
import json
import logging
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import uvicorn
from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from ingest.dump import to_json
from ingest.errors import (
    CommentariatError,
    EndpointError,
    FetchError,
    LibraryError,
    ModelError,
    QuestionError,
    SettingsError,
    SourceError,
    SourceTooLarge,
    ThreadNotFound,
)
from ingest.registry import load
from ingest.source import Source
from rag.evidence import Answerer, Done, Event, Scope, Turn
from rag.present import answer_json, event_json
from ui.asking import Asking, Desk
from ui.guard import Guard, is_loopback, problem
from ui.intake import choose, erase
from ui.punctual import PunctualProtocol
from ui.warming import warm

if TYPE_CHECKING:
    from rag.build import Workspace

__all__ = ["serve", "service"]

log = logging.getLogger("commentariat.server")

_STATUS: tuple[tuple[type[CommentariatError], int], ...] = (
    (ThreadNotFound, 404),
    (SourceTooLarge, 413),
    (SourceError, 422),
    (QuestionError, 422),
    (FetchError, 502),
    (EndpointError, 503),
    (ModelError, 503),
    (LibraryError, 503),
)


def _encodable(text: str) -> str:
    """Refuse halves of surrogate pairs, which JSON can spell and no text holds."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("the text holds half a character") from error
    return text


Text = Annotated[str, AfterValidator(_encodable)]


class Problem(BaseModel):
    """What went wrong, and what to do."""

    message: str
    remedy: str


class PastTurn(BaseModel):
    """An earlier question of the conversation and its answer."""

    model_config = ConfigDict(extra="forbid")
    question: Text
    answer: Text


class Question(BaseModel):
    """A question about the library, or about some threads of it (id, beginning or title); `fresh`: answer it anew."""

    model_config = ConfigDict(extra="forbid")
    question: Annotated[Text, Field(min_length=1)]
    threads: Annotated[list[Text], Field(max_length=100)] = []
    history: Annotated[list[PastTurn], Field(max_length=50)] = []
    answerer: Answerer | None = None
    fresh: bool = False


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 408, 413, 421, 422, 500, 502, 503)
}
_RAW = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}


def service(workspace: "Workspace", *, token: str = "", local: bool = True) -> ASGIApp:
    """Return the service over a workspace; `local` where it listens on loopback alone."""
    settings = workspace.settings
    desk = Desk(settings.max_asks)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(
        title="Commentariat", docs_url=None, redoc_url=None, responses=_PROBLEMS, lifespan=lifespan, version="1"
    )
    _tell_failures(app)
    _add_threads(app, workspace)
    _add_questions(app, workspace, desk)
    # Bodies of files are limited as files, all others as questions.
    limits = {"/threads": settings.max_file_bytes}
    return Guard(app, token=token, local=local, limit=lambda path: limits.get(path, settings.max_request_bytes))


def _add_threads(app: FastAPI, workspace: "Workspace") -> None:
    library = workspace.library

    @app.get("/health")
    def health() -> dict[str, str]:
        """Tell that the service is up, and whether a model is there."""
        return {"status": "ok", "model": workspace.model.state.state}

    @app.get("/threads")
    def list_threads() -> list[dict[str, Any]]:
        """List the threads of the library, oldest first."""
        return [asdict(row) for row in library.threads()]

    @app.get("/threads/{thread_id:path}")
    def show(thread_id: str) -> dict[str, Any]:
        """Return a thread as canonical JSON."""
        return to_json(library.thread(thread_id))

    @app.post("/threads", status_code=201, openapi_extra=_RAW)
    async def add(
        request: Request,
        name: Annotated[str, Query(min_length=1, max_length=200)],
        format_name: Annotated[str | None, Query(alias="format", max_length=40)] = None,
        thread: Annotated[list[str], Query(max_length=100)] = [],  # noqa: B006 - FastAPI copies it
        every: Annotated[bool, Query(alias="all")] = False,
    ) -> list[dict[str, Any]]:
        """Add the threads of a file, sent as it is; a file of several needs `thread` (id or title) or `all`."""
        data = await request.body()

        def work() -> list[dict[str, Any]]:
            source = Source(name, data, limits=workspace.settings.limits)
            try:
                chosen = choose(load(source, format_name), thread, every=every)
            except ThreadNotFound as error:
                raise SourceError(error.message, remedy="Choose with ?thread=ID, or take all with ?all=1.") from error
            return [asdict(library.add(found)) for found in chosen]

        return await asyncio.to_thread(work)

    @app.delete("/threads/{thread_id:path}", status_code=204, response_class=Response)
    def remove(thread_id: str) -> None:
        """Erase a thread: text, full-text index, vectors, conversations."""
        erase(workspace, thread_id)


def _add_questions(app: FastAPI, workspace: "Workspace", desk: Desk) -> None:
    def begin(question: Question) -> Asking:
        history = tuple(Turn(turn.question, turn.answer) for turn in question.history)

        def start() -> Iterator[Event]:
            scope = Scope(thread_ids=tuple(workspace.library.find(name) for name in question.threads))
            return workspace.engine.ask(question.question, history, scope, question.answerer, fresh=question.fresh)

        return desk.ask(start)

    @app.post("/ask")
    async def ask(question: Question, request: Request) -> dict[str, Any]:
        """Answer a question; every claim carries its citations. Declining is an answer too."""
        async with aclosing(begin(question).events(request.is_disconnected)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return answer_json(event.answer)
        raise HTTPException(499, "The caller went away.")

    @app.post("/ask/stream", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
    async def ask_stream(question: Question, request: Request) -> StreamingResponse:
        """Answer a question as server-sent events: understood, evidence, token, claim, done; or error."""
        events = begin(question).events(request.is_disconnected)
        first = await anext(events, None)  # what fails before anything is said still has a status of its own
        return StreamingResponse(
            _told(first, events), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )


async def _told(first: Event | None, events: AsyncGenerator[Event, None]) -> AsyncIterator[str]:
    """Yield events as server-sent events; a failure half-way is the last of them."""
    try:
        if first is not None:
            yield _sse(event_json(first))
        async for event in events:
            yield _sse(event_json(event))
    except CommentariatError as error:
        yield _sse({"type": "error", "message": error.message, "remedy": error.remedy})
    except Exception as error:
        log.exception("unexpected")
        yield _sse({"type": "error", **_unexpected(error)})
    finally:
        await events.aclose()


def _sse(data: dict[str, Any]) -> str:
    return f"event: {data['type']}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _unexpected(error: Exception) -> dict[str, str]:
    return {
        "message": f"Something went wrong here ({type(error).__name__}).",
        "remedy": "The log file in the library's folder holds the details.",
    }


def _tell_failures(app: FastAPI) -> None:
    @app.exception_handler(CommentariatError)
    async def ours(_: Request, error: CommentariatError) -> JSONResponse:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        log.info("%d %s: %s", status, type(error).__name__, error.message)
        return problem(status, error.message, error.remedy)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        found = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:5])
        return problem(422, f"The request cannot be read: {found}", "See /openapi.json.")

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail), "See /openapi.json.", **dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        log.error("unexpected", exc_info=error)
        return problem(500, **_unexpected(error))


def serve(workspace: "Workspace", *, host: str, port: int, token: str = "") -> None:
    """Serve until interrupted, saying the address first.

    Raises `SettingsError` for an address that cannot be listened on, and beyond loopback for want of a token.
    """
    local = is_loopback(host)
    token = token or workspace.settings.server_token
    if not local and not token:
        raise SettingsError(
            f"{host} can be reached from other machines, and there is no token.",
            remedy="Set COMMENTARIAT_SERVER_TOKEN, or serve on 127.0.0.1.",
        )
    with _listen(host, port) as listener:
        address = f"[{host}]" if ":" in host else host
        sys.stdout.write(f"Commentariat answers at http://{address}:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(
            service(workspace, token=token, local=local),
            http=PunctualProtocol,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=100,
            timeout_graceful_shutdown=5,
        )
        warm(workspace)
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SettingsError(
            f"{host}:{port} cannot be listened on: {error.strerror or error}.",
            remedy="Choose another with --host and --port.",
        ) from error
