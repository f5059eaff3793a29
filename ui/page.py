"""Serve the page: one Streamlit process on loopback, in the foreground, its address as the last line."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from ingest.errors import CommentariatError
from rag.settings import PREFIX, Settings

__all__ = ["APP", "PageError", "command", "environment", "serve"]

APP = Path(__file__).with_name("app.py")
HOST = "127.0.0.1"
SECRETS = "secrets.toml"
_PATIENCE = 180.0  # a cold start on a busy machine takes a while; one that has ended is told at once

_THEME = {
    "light.primaryColor": "#0b5c6b",
    "light.backgroundColor": "#fbfaf7",
    "light.secondaryBackgroundColor": "#f1efe9",
    "light.textColor": "#1f2328",
    "dark.primaryColor": "#6cc3d5",
    "dark.backgroundColor": "#15181c",
    "dark.secondaryBackgroundColor": "#1d2126",
    "dark.textColor": "#e6e4df",
}


class PageError(CommentariatError):
    """The page cannot be served."""


def command(settings: Settings, port: int, script: Path = APP) -> list[str]:
    """Return the command line that serves a script headless, without usage statistics."""
    seen = urlsplit(settings.page_url)  # the browser's requests name this origin, where a proxy stands between
    options = {
        "server.address": settings.page_host,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "server.enableStaticServing": "false",
        "server.showEmailPrompt": "false",
        "server.maxUploadSize": str(-(-settings.max_file_bytes // 1_000_000)),
        "runner.magicEnabled": "false",
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": seen.hostname or HOST,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
        "logger.hideWelcomeMessage": "true",
        "logger.level": "warning",
        "theme.baseFontSize": "16",
        **{f"theme.{name}": value for name, value in _THEME.items()},
        **({"secrets.files": str(settings.home / SECRETS)} if settings.sign_in else {}),
    }
    return [
        sys.executable,
        "-m",
        "ui.host",
        "run",
        str(script),
        *(f"--{name}={value}" for name, value in options.items()),
    ]


def environment(settings: Settings, base: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that hands the settings to the serving process."""
    kept = {name: value for name, value in base.items() if not name.startswith((PREFIX, "STREAMLIT_"))}
    default = Settings()
    given = {
        PREFIX + field.name.upper(): str(getattr(settings, field.name))
        for field in fields(Settings)
        if getattr(settings, field.name) != getattr(default, field.name)
    }
    return {**kept, **given}


def serve(settings: Settings, port: int, *, script: Path = APP) -> int:
    """Serve the page until it is interrupted, and return the exit status.

    Prints the address as the last line once the page answers. Raises `PageError` where the port is taken or out of
    range, or where the page does not come up.
    """
    host = settings.page_host
    near = HOST if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    _check(host, port)
    with subprocess.Popen(  # noqa: S603 - our own command line
        command(settings, port, script),
        env=environment(settings, os.environ),
        stdin=subprocess.DEVNULL,
        stdout=2,  # what Streamlit says goes to standard error, so that the address stays the last line here
    ) as process:
        _forward(process)
        try:
            _await(process, near, port)
            sys.stdout.write(f"Commentariat is at {settings.page_url or f'http://{near}:{port}'}\n")
            sys.stdout.flush()
            return max(process.wait(), 0)
        except KeyboardInterrupt:
            return 0
        finally:
            _end(process)


def _check(host: str, port: int) -> None:
    if not 1 <= port <= 65_535:
        raise PageError(f"{port} is not a port.", remedy="Use a number from 1024 to 65535.")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise PageError(f"Port {port} needs more rights.", remedy="Choose one above 1023 with --port.") from error
        except OSError as error:
            raise PageError(
                f"Port {port} is in use, perhaps by another Commentariat.",
                remedy=f"Open http://{host}:{port}, or choose another: make run PORT={min(port + 1, 65_535)}.",
            ) from error


def _await(process: subprocess.Popen[bytes], host: str, port: int) -> None:
    """Wait until the page answers; a process that ended or is too slow raises `PageError`."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise PageError(
                f"The page stopped at once (status {process.returncode}).", remedy="The lines above say why."
            )
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://{host}:{port}/_stcore/health", timeout=2) as reply,
        ):
            if reply.status == 200:
                return
        time.sleep(0.1)
    raise PageError(f"The page did not answer within {_PATIENCE:.0f} s.", remedy="Try again, or look at the load.")


def _forward(process: subprocess.Popen[bytes]) -> None:
    """End the serving process when this one is asked to end."""

    def end(number: int, frame: FrameType | None) -> None:
        process.terminate()

    # Only a main thread may set handlers; elsewhere `_end` still ends the process.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGTERM, end)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
