import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rag.settings import Settings
from ui.page import PageError, command, environment, serve


def test_the_page_is_served_on_loopback_headless_and_without_usage_statistics() -> None:
    line = command(Settings(max_file_bytes=2_500_000), 8501)
    for option in (
        "--server.address=127.0.0.1",
        "--server.port=8501",
        "--server.headless=true",
        "--server.maxUploadSize=3",
        "--browser.gatherUsageStats=false",
        "--client.showErrorDetails=none",
    ):
        assert option in line


def test_a_busy_port_is_said_with_the_remedy_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PageError, match=f"Port {port} is in use.*make run PORT={port + 1}") as caught:
            serve(Settings(home=tmp_path), port)
    assert "\n" not in str(caught.value)


def test_a_number_that_is_no_port_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="70000 is not a port"):
        serve(Settings(home=tmp_path), 70_000)


def test_the_serving_process_gets_the_settings_as_they_are_and_no_stray_ones(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, answerer="quotes", evidence=5, allow_private_urls=True)
    base = {"PATH": "/bin", "COMMENTARIAT_EVIDENCE": "9", "STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}
    given = environment(settings, base)
    assert "STREAMLIT_SERVER_ADDRESS" not in given
    assert given["PATH"] == "/bin"
    assert Settings.from_environment(given) == settings


def test_what_the_page_needs_is_imported_before_its_address_is_told_and_no_engine_is() -> None:
    assert command(Settings(), 8501)[1:4] == ["-m", "ui.host", "run"]
    code = (
        "import sys, streamlit.web.cli, ui.host\n"
        "streamlit.web.cli.main = lambda **_: print(*sorted(\n"
        "    {'ui.app', 'ui.reader', 'rag.build', 'rag.chat', 'torch', 'chromadb', 'onnxruntime', 'llama_index'}\n"
        "    & set(sys.modules)))\n"
        "ui.host.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "rag.build rag.chat ui.app ui.reader\n"), done.stderr
