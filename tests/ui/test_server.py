"""The HTTP service: what it answers, whom it refuses, what it survives."""

import asyncio
import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import httpx
import pytest
import uvicorn
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from ingest.dump import to_json
from ingest.errors import SettingsError
from rag.build import Workspace
from rag.evidence import Understood
from tests.builders import debate
from tests.ui.opened import EndlessModel, Slot, workspace
from ui import punctual
from ui.server import serve, service

ROOT = Path(__file__).resolve().parents[2]
LOCAL = "http://127.0.0.1:8700"
SAMPLE = (ROOT / "ingest" / "samples" / "idlib_thread.txt").read_bytes()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path) as found:
        yield found


@pytest.fixture
def client(opened: Workspace) -> Iterator[TestClient]:
    with TestClient(service(opened), base_url=LOCAL, raise_server_exceptions=False) as found:
        yield found


def events(text: str) -> list[dict[str, object]]:
    return [
        json.loads(line.removeprefix("data: "))
        for block in text.strip().split("\n\n")
        for line in block.split("\n")
        if line.startswith("data: ")
    ]


def test_health_tells_that_the_service_is_up(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok", "model": "missing"}


def test_a_thread_is_listed_and_shown_as_canonical_json(client: TestClient) -> None:
    assert [row["id"] for row in client.get("/threads").json()] == ["bridge"]
    assert client.get("/threads/bridge").json() == to_json(debate())


def test_a_file_is_added_asked_about_and_erased(client: TestClient) -> None:
    added = client.post("/threads?name=idlib.txt", content=SAMPLE)
    assert added.status_code == 201, added.text
    thread_id = added.json()[0]["thread_id"]
    assert thread_id in {row["id"] for row in client.get("/threads").json()}
    assert client.delete(f"/threads/{thread_id}").status_code == 204
    assert client.get(f"/threads/{thread_id}").status_code == 404


def test_an_answer_cites_the_words_it_rests_on(client: TestClient) -> None:
    answer = client.post(
        "/ask", json={"question": "What does Ada say about the harbour?", "threads": ["bridge"]}
    ).json()
    shown = {comment["id"]: comment["text"] for comment in client.get("/threads/bridge").json()["comments"]}
    cited = [citation for claim in answer["claims"] for citation in claim["citations"]]
    assert {citation["number"] for citation in cited} == {"c1"}
    assert all(shown[c["comment"]][c["start"] : c["end"]] == c["quote"] for c in cited)


def test_a_question_asked_again_gets_its_answer_marked_and_anew_where_that_is_asked_for(client: TestClient) -> None:
    asked = {"question": "What does Ada say about the harbour?", "threads": ["bridge"]}
    first, again, anew = (client.post("/ask", json=asked | more).json() for more in ({}, {}, {"fresh": True}))
    assert [answer["cached"] for answer in (first, again, anew)] == [False, True, False]
    assert first["claims"] == again["claims"] == anew["claims"]
    streamed = events(client.post("/ask/stream", json=asked).text)
    assert [event["type"] for event in streamed][:2] == ["understood", "evidence"]
    assert streamed[-1]["answer"]["cached"] is True  # type: ignore[index]


def test_a_stream_tells_what_is_understood_found_and_claimed_and_ends_with_the_answer(client: TestClient) -> None:
    reply = client.post("/ask/stream", json={"question": "What does Ada say about the harbour?"})
    assert reply.headers["content-type"].startswith("text/event-stream")
    told = events(reply.text)
    assert [event["type"] for event in told][:2] == ["understood", "evidence"]
    assert "claim" in {event["type"] for event in told}
    assert told[-1]["type"] == "done"
    assert told[-1]["answer"]["claims"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/threads/nothing", {}, 404),
        ("DELETE", "/threads/nothing", {}, 404),
        ("GET", "/nothing", {}, 404),
        ("PUT", "/threads", {}, 405),
        ("POST", "/threads?name=x.txt", {"content": b""}, 422),
        ("POST", "/threads", {"content": b"hello"}, 422),
        ("POST", "/threads?name=x.txt&format=nonsense", {"content": b"hello"}, 422),
        ("POST", "/ask", {"json": {"question": "   "}}, 422),
        ("POST", "/ask", {"json": {"question": "x" * 5000}}, 422),
        ("POST", "/ask", {"json": {"question": 7}}, 422),
        ("POST", "/ask", {"json": {"question": "Who?", "more": 1}}, 422),
        ("POST", "/ask", {"content": b'{"question": "\\ud800"}', "headers": {"content-type": "application/json"}}, 422),
        ("POST", "/ask", {"content": b"{", "headers": {"content-type": "application/json"}}, 422),
        ("POST", "/ask", {"json": {"question": "Who?", "threads": ["nothing"]}}, 404),
        ("POST", "/ask/stream", {"json": {"question": "Who?", "threads": ["nothing"]}}, 404),
        ("POST", "/ask", {"json": {"question": "What about ferries?", "answerer": "model"}}, 503),
    ],
)
def test_a_failure_is_a_status_with_a_message_and_a_remedy(
    client: TestClient, method: str, path: str, sent: dict[str, object], status: int
) -> None:
    reply = client.request(method, path, **sent)  # type: ignore[arg-type]
    assert reply.status_code == status, reply.text
    assert set(reply.json()) == {"message", "remedy"}
    assert reply.json()["message"]
    assert "Traceback" not in reply.text


def test_an_unforeseen_failure_shows_no_inside(opened: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[object]:
        raise RuntimeError("secret")

    monkeypatch.setattr(opened.library, "threads", broken)
    with TestClient(service(opened), base_url=LOCAL, raise_server_exceptions=False) as client:
        reply = client.get("/threads")
    assert reply.status_code == 500
    assert "secret" not in reply.text


def test_a_model_that_fails_after_the_first_event_is_told_in_the_stream(client: TestClient) -> None:
    told = events(client.post("/ask/stream", json={"question": "What about ferries?", "answerer": "model"}).text)
    assert told[0]["type"] == "understood"
    assert told[-1]["type"] == "error"
    assert told[-1]["remedy"]


def test_what_nobody_foresaw_half_way_is_told_in_the_stream_without_its_inside(
    opened: Workspace, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(*_: object, **__: object) -> Iterator[object]:
        yield Understood("fact", "Why?")
        raise RuntimeError("secret")

    monkeypatch.setattr(opened.engine, "ask", breaking)
    reply = client.post("/ask/stream", json={"question": "Why?"})
    assert [event["type"] for event in events(reply.text)] == ["understood", "error"]
    assert "secret" not in reply.text


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 1000):
        yield b"x" * 1000


def test_a_body_beyond_its_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (
        workspace(tmp_path, max_request_bytes=2000, max_file_bytes=5000) as opened,
        TestClient(service(opened), base_url=LOCAL) as client,
    ):
        assert client.post("/ask", json={"question": "x" * 3000}).status_code == 413
        assert (
            client.post("/ask", content=chunks(4000), headers={"content-type": "application/json"}).status_code == 413
        )
        assert client.post("/threads?name=x.txt", content=b"x" * 6000).status_code == 413
        assert client.post("/threads?name=x.txt", content=chunks(9000)).status_code == 413
        claimed = {"content-length": "9" * 30}
        assert client.post("/ask", content=b"{}", headers=claimed).status_code == 413


def test_a_name_that_was_pointed_at_loopback_is_refused(client: TestClient) -> None:
    for host in ("evil.example", "evil.example:8700", "127.0.0.1.evil.example", "[", ""):
        assert client.get("/threads", headers={"host": host}).status_code == 421, host
    for host in ("127.0.0.1", "localhost:8700", "[::1]:8700"):
        assert client.get("/threads", headers={"host": host}).status_code == 200, host


def test_a_web_page_can_neither_read_nor_write(client: TestClient) -> None:
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        reply = client.post("/threads?name=idlib.txt", content=SAMPLE, headers=headers)
        assert reply.status_code == 403
        assert not [name for name in reply.headers if name.startswith("access-control")]
    assert len(client.get("/threads").json()) == 1


def test_a_token_is_asked_for_everywhere_but_at_health(opened: Workspace) -> None:
    with TestClient(service(opened, token="s3crét", local=False), base_url="http://box.example") as client:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic s3cret"}):
            assert client.get("/threads", headers=headers).status_code == 401
            assert client.get("/openapi.json", headers=headers).status_code == 401
        assert client.get("/health").status_code == 200
        right = {"authorization": "Bearer s3crét".encode()}
        assert client.get("/threads", headers=right).status_code == 200  # type: ignore[arg-type]


def test_beyond_loopback_there_is_no_service_without_a_token(opened: Workspace) -> None:
    with pytest.raises(SettingsError, match="no token"):
        serve(opened, host="0.0.0.0", port=0)


def test_a_port_in_use_is_told(opened: Workspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError, match="cannot be listened on"):
        serve(opened, host="127.0.0.1", port=taken.getsockname()[1])


@contextlib.contextmanager
def running(opened: Workspace) -> Iterator[int]:
    """Serve on a free port of loopback in a thread; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            service(opened), http=punctual.PunctualProtocol, log_level="warning", timeout_graceful_shutdown=5
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            wait_until(lambda: server.started)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


PATIENCE = 60.0
"""Seconds that a test waits for another thread or process; one that passes does not wait them."""


def wait_until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)


@contextlib.contextmanager
def sent(port: int, path: str, body: bytes, length: int | None = None) -> Iterator[socket.socket]:
    """Send a request, or its beginning where `length` promises more, and hang up when the block ends."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body)
        yield connection


def hung_up_on(connection: socket.socket, more: bytes) -> bool:
    """Send more; tell whether the other side has closed the connection."""
    try:
        connection.sendall(more)
        connection.settimeout(0.02)
        return connection.recv(1000) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


QUESTION = {"question": "What does Ada say about the bridge?", "answerer": "model"}


@pytest.mark.server
def test_a_caller_of_a_stream_that_goes_away_stops_the_generation(tmp_path: Path) -> None:
    model = EndlessModel()
    with workspace(tmp_path, model) as opened, running(opened) as port:
        with httpx.stream("POST", f"http://127.0.0.1:{port}/ask/stream", json=QUESTION, timeout=PATIENCE) as reply:
            kinds = (line for line in reply.iter_lines() if line.startswith("event: "))
            assert "event: token" in itertools.islice(kinds, 20)
            assert not model.closed
        wait_until(lambda: model.closed)


@pytest.mark.server
def test_a_caller_who_waits_for_the_whole_answer_and_goes_away_stops_the_generation(tmp_path: Path) -> None:
    model = EndlessModel()
    with workspace(tmp_path, model) as opened, running(opened) as port:
        with sent(port, "/ask", json.dumps(QUESTION).encode()):
            wait_until(lambda: model.said > 0)
            assert not model.closed
        wait_until(lambda: model.closed)


@pytest.mark.server
def test_a_request_that_comes_too_slowly_is_refused_and_hung_up_on(
    opened: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(punctual, "GRACE", 0.3)
    with running(opened) as port, sent(port, "/ask", b'{"que', length=1000) as connection:
        assert b"408 " in connection.recv(100)
        wait_until(lambda: hung_up_on(connection, b"x"))


@pytest.mark.server
def test_a_body_that_trickles_is_refused_however_prompt_each_byte(
    opened: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(punctual, "GRACE", 0.3)
    with running(opened) as port, sent(port, "/threads?name=x.txt", b"x", length=10_000) as connection:
        connection.settimeout(0.01)
        reply = b""

        def refused() -> bool:
            nonlocal reply
            with contextlib.suppress(OSError):
                connection.sendall(b"x")
                reply += connection.recv(100)
            return b"408 " in reply

        wait_until(refused)


def test_a_body_that_keeps_up_is_given_time_and_what_follows_it_any(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 69.0, 71.1])  # 20 s, and 50 s more for the half megabyte that came at once
    monkeypatch.setattr(punctual, "monotonic", lambda: next(clock))
    half: dict[str, object] = {"type": "http.request", "body": b"x" * 500_000, "more_body": True}
    sent = iter([half, {"type": "http.request", "body": b"", "more_body": True}, half])

    async def receive() -> dict[str, object]:
        return next(sent)

    async def listen() -> None:
        late = punctual.timely(receive)
        assert await late() is half
        assert (await late())["body"] == b""
        with pytest.raises(HTTPException) as caught:
            await late()
        assert caught.value.status_code == 408

    asyncio.run(listen())


@pytest.mark.server
def test_a_head_that_does_not_end_is_hung_up_on(opened: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(punctual, "HEAD", 0.3)
    with running(opened) as port:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as silent:
            assert silent.recv(100) == b""
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as trickling:
            trickling.sendall(b"GET /threads HTTP/1.1\r\n")
            wait_until(lambda: hung_up_on(trickling, b"x"))
        assert httpx.get(f"http://127.0.0.1:{port}/threads", timeout=PATIENCE).status_code == 200


@pytest.mark.server
def test_an_answer_may_take_longer_than_its_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(punctual, "HEAD", 0.1)
    monkeypatch.setattr(punctual, "GRACE", 0.3)
    model = EndlessModel()
    with workspace(tmp_path, model) as opened, running(opened) as port:
        with sent(port, "/ask/stream", json.dumps(QUESTION).encode()):
            wait_until(lambda: model.said > 100)  # at 10 ms a word
            assert not model.closed
        wait_until(lambda: model.closed)


@pytest.mark.parametrize(("answerer", "warmed"), [("auto", True), ("quotes", False)])
def test_the_model_is_loaded_in_the_background_where_it_is_to_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answerer: str, *, warmed: bool
) -> None:
    started = threading.Event()
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: started.set())
    with workspace(tmp_path, EndlessModel(), answerer=answerer) as opened:
        serve(opened, host="127.0.0.1", port=0)
        assert started.is_set()
        for thread in threading.enumerate():
            if thread.name == "warm":
                thread.join(PATIENCE)
        assert cast(Slot, opened.model).warmed.is_set() is warmed


@pytest.mark.server
def test_one_question_more_than_there_are_seats_is_told_to_come_back(tmp_path: Path) -> None:
    model = EndlessModel()
    with workspace(tmp_path, model, max_asks=1) as opened, running(opened) as port:
        url = f"http://127.0.0.1:{port}"
        with httpx.stream("POST", f"{url}/ask/stream", json=QUESTION, timeout=PATIENCE) as reply:
            lines = reply.iter_lines()  # kept: an iterator that is dropped closes the connection
            assert next(lines) == "event: understood"
            refused = httpx.post(f"{url}/ask", json={"question": "Who answered Ada?"}, timeout=PATIENCE)
            assert refused.status_code == 503
            assert "again" in refused.json()["remedy"]
            assert httpx.get(f"{url}/threads", timeout=PATIENCE).status_code == 200
        wait_until(
            lambda: (
                httpx.post(f"{url}/ask", json={"question": "How many comments?"}, timeout=PATIENCE).status_code == 200
            )
        )


@pytest.mark.server
@pytest.mark.real
def test_the_command_serves_what_the_library_holds(tmp_path: Path) -> None:
    code = "from ui.cli import main; main()"
    command = [sys.executable, "-c", code, "serve", "--port", "0", "--library", str(tmp_path)]
    quiet = {**os.environ, "COMMENTARIAT_ANSWERER": "quotes"}  # else the model would be loaded meanwhile
    with subprocess.Popen(command, cwd=ROOT, env=quiet, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().rpartition(" ")[2].strip()
            wait_until(lambda: answers(url))
            added = httpx.post(f"{url}/threads?name=idlib_thread.txt", content=SAMPLE, timeout=120)
            assert added.status_code == 201
            asked = {"question": "What does Bianca say about people on Facebook?", "answerer": "quotes"}
            answer = httpx.post(f"{url}/ask", json=asked, timeout=120).json()
            assert {c["number"] for claim in answer["claims"] for c in claim["citations"]} == {"c12"}
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=PATIENCE).status_code == 200
    except httpx.TransportError:
        return False
