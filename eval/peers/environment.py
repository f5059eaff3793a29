"""Peers that live in an environment of their own: `eval/peers/<name>/requirements.txt` and `chain.py`.

The environment is made once under the cache folder. `chain.py` imports its library alone; it is told by JSON lines
where the encoder and the model listen, what the thread says and what is asked, and answers by JSON lines:

    → {"text": …, "embeddings": {"url", "key", "name", "dimension"}, "chat": {"url", "key", "name"} or null,
       "top_k": 3, "chunk_words": 360, "overlap_words": 15, "max_tokens": 160, "folder": …}
    ← {"versions": {…}, "settings": {…}}
    → {"find": "question"}                          ← {"sources": […]}
    → {"ask": "question", "history": [[q, a], …]}   ← {"text", "sources", "prompt_tokens", "completion_tokens"}
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, cast

from eval.cases import Case
from eval.peers.embeddings import EmbeddingServer
from eval.peers.layout import Layout
from eval.peers.llamaindex import MAX_TOKENS, TOP_K
from eval.peers.said import Cites, Said
from ingest.errors import CommentariatError
from ingest.thread import Thread
from rag.adapters.local_model import LocalServer
from rag.ports import Encoder
from rag.settings import Settings

__all__ = ["EnvironmentPeer", "PeerError", "made", "opened"]

CHUNK_WORDS = 360
"""About 512 tokens of English: the libraries count words where LlamaIndex counts tokens."""
OVERLAP_WORDS = 15

_QUIET = (
    *("HAYSTACK_TELEMETRY_ENABLED=False", "LOGFIRE_IGNORE_NO_CONFIG=1", "DO_NOT_TRACK=1", "PYTHONPATH="),
    *("NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1"),
)
"""No library reports home, and the servers on this machine are reached without a proxy."""


class PeerError(CommentariatError):
    """A peer's environment cannot be made, or its program ended."""


def made(name: str, cache: Path) -> Path:
    """Return the Python of a peer's environment, making it the first time. Raises `PeerError` with pip's last line."""
    requirements = (files("eval.peers") / name / "requirements.txt").read_text(encoding="utf-8")
    folder = cache / "peers" / f"{name}-{hashlib.sha256(requirements.encode()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if (folder / "made").is_file():
        return python
    sys.stderr.write(f"Making the environment of {name} …\n")
    try:
        _create(folder, requirements)
        (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
        command = [str(python), "-m", "pip", "install", "--quiet", "-r", str(folder / "requirements.txt")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own list
    except (OSError, subprocess.SubprocessError) as error:
        raise PeerError(f"The environment of {name} cannot be made: {error}.", remedy="See eval/README.md.") from error
    if done.returncode:
        why = next((line for line in done.stderr.splitlines() if line.startswith("ERROR")), "pip failed")
        raise PeerError(f"{name} does not install: {why}.", remedy="See eval/README.md.")
    (folder / "made").touch()
    return python


def _create(folder: Path, requirements: str) -> None:
    """Make an empty environment with the Python that the requirements name (`# python 3.12`), else with this one."""
    wanted = re.search(r"^# python (\d+)\.(\d+)", requirements, re.MULTILINE)
    if wanted is None or sys.version_info >= (int(wanted[1]), int(wanted[2])):
        venv.create(folder, with_pip=True, clear=True)
        return
    python = f"python{wanted[1]}.{wanted[2]}"
    found = shutil.which(python)
    if found is None:
        raise PeerError(f"It needs {python}, which is not installed.", remedy="Install it, or leave this peer out.")
    subprocess.run([found, "-m", "venv", "--clear", folder], check=True, capture_output=True)  # noqa: S603


class EnvironmentPeer:
    """A peer's program, running; `opened` starts and ends it."""

    def __init__(self, name: str, process: "subprocess.Popen[str]", hello: Mapping[str, Any], cites: Cites) -> None:
        self.name = name
        self.cites = cites
        self._process = process
        said = self._exchange(hello)
        self._versions = {str(key): str(value) for key, value in said["versions"].items()}
        self._settings: dict[str, str | int | float] = dict(said["settings"])

    def versions(self) -> dict[str, str]:
        """Return the versions that the program reported."""
        return self._versions

    def settings(self) -> dict[str, str | int | float]:
        """Return the set-up that the program reported."""
        return self._settings

    def sources(self, questions: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the texts found for each question."""
        return [tuple(self._exchange({"find": question})["sources"]) for question in questions]

    def ask(self, case: Case) -> Said:
        """Answer one case."""
        start = time.perf_counter()
        said = self._exchange({"ask": case.q, "history": [list(turn) for turn in case.history]})
        ms = (time.perf_counter() - start) * 1000
        tokens = int(said.get("prompt_tokens", 0)), int(said.get("completion_tokens", 0))
        return Said(str(said["text"]), tuple(said["sources"]), ms, *tokens, tuple(said.get("notes", ())))

    def _exchange(self, question: Mapping[str, Any]) -> dict[str, Any]:
        into, out = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        try:
            into.write(json.dumps(question) + "\n")
            into.flush()
            answer = json.loads(out.readline())
        except (OSError, ValueError) as error:
            raise PeerError(f"The program of {self.name} ended.", remedy="Its last words stand above.") from error
        if "error" in answer:
            raise PeerError(f"{self.name}: {answer['error']}.", remedy="See its chain.py.")
        return cast(dict[str, Any], answer)


@contextmanager
def opened(
    name: str, thread: Thread, encoder: Encoder, server: LocalServer | None, settings: Settings, cites: Cites = "marks"
) -> Iterator[EnvironmentPeer]:
    """Start a peer's program over one thread; it ends afterwards, and what it wrote is gone."""
    python = made(name, settings.cache)
    with ExitStack() as stack:
        embeddings = stack.enter_context(EmbeddingServer(encoder))
        folder = stack.enter_context(TemporaryDirectory(prefix=f"commentariat-{name}-"))
        chat = {"url": f"{server.url}/v1", "key": server.key, "name": server.name} if server else None
        hello = {
            "text": Layout(thread).text,
            "embeddings": {
                "url": f"{embeddings.url}/v1",
                "key": embeddings.key,
                "name": embeddings.name,
                "dimension": encoder.dimension,
            },
            "chat": chat,
            "top_k": TOP_K,
            "chunk_words": CHUNK_WORDS,
            "overlap_words": OVERLAP_WORDS,
            "max_tokens": MAX_TOKENS,
            "folder": folder,
        }
        script = Path(str(files("eval.peers") / name / "chain.py"))
        process = subprocess.Popen(  # noqa: S603 - our own program
            [shutil.which("env") or "env", *_QUIET, python, script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        stack.enter_context(process)
        stack.callback(process.kill)
        yield EnvironmentPeer(name, process, hello, cites)
