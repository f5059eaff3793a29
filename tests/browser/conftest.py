"""A real browser against a really served page. Without Chromium these tests are skipped, and fail under CI."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from ingest.dump import to_json
from ingest.thread import Thread
from rag.settings import Settings
from tests.browser.acting import PATIENCE
from tests.ports import free_port
from tests.required import missing
from tests.ui.served import HOLD
from ui.page import APP, command, environment

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("scripted_app.py")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once; it may reach loopback alone."""
    path = which("chromium")
    if path is None:
        missing("Chromium", "apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
            timeout=3 * PATIENCE,
        )
        yield chromium
        chromium.close()


@dataclass
class Served:
    """A page being served, and the folder that it keeps its library in."""

    address: str
    home: Path
    log: Path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold every answer of the scripted engine at its first word until the block ends."""
        hold = self.home / HOLD
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()


@contextmanager
def served(home: Path, threads: Sequence[Thread]) -> Iterator[Served]:
    """Serve the page over a scripted workspace until the block ends."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "plan.json").write_text(json.dumps({"threads": [to_json(thread) for thread in threads]}), "utf-8")
    with running(Settings(home=home), SCRIPT) as page:
        yield page


@contextmanager
def running(
    settings: Settings, script: Path = APP, log: Path | None = None, port: int | None = None
) -> Iterator[Served]:
    """Serve the page, by default the real one, until the block ends; what it says goes to a file beside the library."""
    port, log = port or free_port(), log or settings.home / "page.log"
    with (
        log.open("ab") as out,
        subprocess.Popen(
            command(settings, port, script),
            env=environment(settings, {**os.environ, "PYTHONPATH": str(ROOT)}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        ) as process,
    ):
        try:
            _await(port, process, log)
            yield Served(f"http://127.0.0.1:{port}", settings.home, log)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # a model in mid-sentence does not hear it
                process.kill()


def _await(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=30) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the page did not come up:\n{log.read_text('utf-8')}")


Opener = Callable[..., "Page"]


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Open pages in browser sessions of their own; at the end none may have met an error or reached outside."""
    problems: list[str] = []
    slowness = request.config.getoption("--slow-browser")
    with ExitStack() as stack:

        def start(address: str, *, width: int = 1440, height: int = 900, scheme: str = "light", **more: Any) -> Page:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce", **more
            )
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            page: Any = context.new_page()
            if slowness > 1:
                _slow_down(context, page, slowness)
            page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
            page.on("request", lambda request: _outside(request.url, problems))
            page.sent = []  # every message to the server
            page.on("websocket", lambda ws: ws.on("framesent", lambda data: page.sent.append(data)))
            page.goto(address)
            return page  # type: ignore[no-any-return]

        yield start
    assert problems == []


def _slow_down(context: BrowserContext, page: Page, factor: float) -> None:
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": factor})


def _outside(url: str, problems: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "file:", "data:", "blob:", "about:")):
        problems.append(f"asked for {url}")


@pytest.fixture
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    """Take a screenshot; with --update-golden, or where the picture is new, it goes to docs/."""

    def take(page: Page, name: str) -> Path:
        docs = ROOT / "docs" / f"{name}.png"
        fresh = request.config.getoption("--update-golden", default=False) or not docs.exists()
        path = docs if fresh else tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        page.screenshot(path=str(path))
        return path

    return take
