"""Fixtures and guards for every test."""

import ipaddress
import os
import socket
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the drawn trees under tests/golden")
    parser.addoption("--slow-browser", type=float, default=1.0, help="slow Chromium's scripts down by this factor")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser's tests last: what is quick fails first, and Playwright's event loop runs to the end."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Tell whether golden trees are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine, and name the address."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0]) if isinstance(address, tuple) else str(address)
            try:
                loopback = ipaddress.ip_address(host.split("%")[0]).is_loopback
            except ValueError:
                loopback = host == "localhost"
            if not loopback:
                raise AssertionError(f"a test tried to reach {address!r}")
        return real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests off the user's library and settings."""
    for name in [name for name in os.environ if name.startswith("COMMENTARIAT_") and name != "COMMENTARIAT_CACHE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMMENTARIAT_HOME", str(tmp_path / "home"))


@pytest.fixture
def shared() -> Path:
    """Return the folder of reference inputs, or skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"the reference inputs are not at {SHARED}")
    return SHARED
