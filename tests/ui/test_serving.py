"""The page as a process: its last line, its port, its end."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from ingest.dump import to_json
from tests.builders import debate
from tests.ports import free_port

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "browser" / "scripted_app.py"

SERVE = """
import sys
from pathlib import Path
from rag.settings import Settings
from ui.page import serve
sys.exit(serve(Settings(home=Path(sys.argv[1])), int(sys.argv[2]), script=Path(sys.argv[3])))
"""


def test_the_last_line_is_the_address_once_it_answers_and_ending_it_frees_the_port(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({"threads": [to_json(debate())]}), "utf-8")
    port = free_port()
    line = [sys.executable, "-c", SERVE, str(tmp_path), str(port), str(SCRIPT)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment) as first:
        try:
            assert first.stdout is not None
            assert first.stdout.readline() == f"Commentariat is at http://127.0.0.1:{port}\n"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=60) as reply:
                assert reply.status == 200
            second = subprocess.run(line, capture_output=True, text=True, env=environment, timeout=180, check=False)
            assert f"Port {port} is in use" in second.stderr
            first.send_signal(signal.SIGTERM)
            assert first.stdout.read() == ""
            assert first.wait(60) == 0
        finally:
            first.terminate()  # which it hands on; a failed test is not to wait for it for ever
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=60)
