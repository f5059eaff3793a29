"""The library on a real Chroma server on loopback: behind a token, killed at work, restarted."""

import gc
import http.server
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest.errors import IndexUnavailable
from rag.adapters.chroma import ChromaIndex
from rag.adapters.chroma_sources import ChromaServer
from rag.library import Library
from rag.settings import Settings
from rag.storage import open_library
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder
from tests.ports import free_port

pytestmark = [pytest.mark.real, pytest.mark.server]


class Server:
    """A Chroma server in a process of its own; it can be killed and started again on the same data."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        chroma = Path(sys.executable).with_name("chroma")
        command = [str(chroma), "run", "--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 180
        while time.monotonic() < until:
            try:
                httpx.get(f"{self.url}/api/v2/heartbeat", timeout=30, trust_env=False).raise_for_status()
            except httpx.HTTPError:
                assert self.process.poll() is None, "the server did not start"
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("rag.adapters.chroma_sources._GREETING", 60.0)  # a busy machine is slow to answer, not silent
    made = Server(tmp_path / "server")
    made.start()
    yield made
    made.kill()
    # Chroma's client forgets to close the sockets to a server that died; elsewhere they would fail another test.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.indexes._RETRY", 0.0)


def at(server: Server, home: Path, token: str = "") -> Library:
    settings = Settings(home=home, chroma_url=server.url, chroma_token=token)
    return open_library(settings, encoder=FakeEncoder())


def held(library: Library) -> bool:
    """Bring the server up to date and compare what it holds with the catalogue."""
    assert library.index.sync()
    assert library.index._index is not None
    return library.index._index.ids() == library.index.ids()


@pytest.mark.usefixtures("soon")
def test_a_killed_server_costs_nothing_and_is_filled_after_its_restart(server: Server, tmp_path: Path) -> None:
    library = at(server, tmp_path / "home")
    library.add(debate())
    assert held(library)
    server.kill()
    vector = FakeEncoder().encode(["moorings north quay fishermen"])[0]
    best = library.index.query(vector, 1)[0][0]
    assert library.catalogue.passages_by_id([best])[best].comment_id == "t:5"
    library.add(thread(comment(1, "Dan", "Zeppelins."), thread_id="sky"))
    library.remove("bridge")
    assert [row.id for row in library.threads()] == ["sky"]
    server.start()
    assert held(library)
    assert library.index.ids()
    library.close()


@pytest.mark.usefixtures("soon")
def test_a_server_killed_in_the_middle_of_an_add_loses_nothing(server: Server, tmp_path: Path) -> None:
    library = at(server, tmp_path / "home")
    real = ChromaIndex.upsert

    def upsert(self: ChromaIndex, *batch: object) -> None:
        server.kill()
        real(self, *batch)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChromaIndex, "upsert", upsert)
        library.add(debate())
    assert library.thread("bridge") == debate()
    server.start()
    assert held(library)
    library.close()


def test_two_libraries_may_share_a_server_process_by_process(server: Server, tmp_path: Path) -> None:
    first, second = at(server, tmp_path / "home"), at(server, tmp_path / "home")
    first.add(debate())
    assert second.index.uses_index
    second.add(thread(comment(1, "Dan", "Zeppelins."), thread_id="sky"))
    vector = FakeEncoder().encode(["Dan:\nZeppelins."])[0]
    assert first.index.query(vector, 1)[0][1] == pytest.approx(1.0, abs=1e-3)
    assert held(first)
    first.close()
    second.close()


def test_a_server_that_says_nothing_is_given_up_within_seconds(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(IndexUnavailable, match="timed out"):
            ChromaIndex(ChromaServer(f"http://127.0.0.1:{silent.getsockname()[1]}"), "test").count()


def proxy(server: Server, token: str) -> http.server.ThreadingHTTPServer:
    """Return a server that lets through what carries the token, as a reverse proxy before Chroma does."""

    class Door(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Authorization") != f"Bearer {token}":
                status, data = 401, b'{"error": "Unauthorized", "message": "no"}'
            else:
                kind = {"Content-Type": self.headers.get("Content-Type", "application/json")}
                url = server.url + self.path
                reply = httpx.request(self.command, url, content=body, headers=kind, trust_env=False, timeout=60)
                status, data = reply.status_code, reply.content
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)


def test_the_token_opens_a_guarded_server_and_a_wrong_one_does_not(server: Server, tmp_path: Path) -> None:
    door = proxy(server, "open sesame")
    threading.Thread(target=door.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{door.server_address[1]}"
    with pytest.raises(IndexUnavailable, match="401"):
        ChromaIndex(ChromaServer(url, "wrong"), "test").count()
    guarded = ChromaServer(url, "open sesame")
    index = ChromaIndex(guarded, "test")
    index.upsert(["a"], FakeEncoder().encode(["a"]), ["t"])
    assert index.count() == 1
    guarded.close()
    door.shutdown()
    door.server_close()
