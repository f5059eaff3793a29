"""A page, command lines and a writer on one library at once: everything works, at once, and nothing is stale."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.rag import kill_jobs
from tests.rag.kill_jobs import open_library
from tests.rag.process_jobs import ENOUGH, PATIENCE, WIDTH

if TYPE_CHECKING:
    from tests.servers import Postgres

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: str, server: str = "") -> subprocess.Popen[str]:
    quiet = {**os.environ, "OMP_NUM_THREADS": "1", "COMMENTARIAT_CATALOGUE_URL": server}
    command = [sys.executable, "-m", "tests.rag.process_jobs", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=quiet, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
    out, error = process.communicate(timeout=seconds + 2 * PATIENCE)
    assert process.returncode == 0, error[-3000:]
    return json.loads(out.splitlines()[-1])  # type: ignore[no-any-return]


def readers_and_a_writer(tmp_path: Path, readers: int, seconds: int, server: str = "") -> None:
    home = tmp_path / "home"
    (tmp_path / "working").write_text("")
    page = start("read", str(home), str(seconds), "index", server=server)
    while not (tmp_path / "ready").exists() and page.poll() is None:
        time.sleep(0.1)
    writer = start("write", str(home), str(seconds), server=server)
    reading = [page, *(start("read", str(home), str(seconds), server=server) for _ in range(readers - 1))]
    found = [finish(process, seconds) for process in reading]
    assert finish(writer, seconds)["done"] >= ENOUGH
    assert min(one["asked"] for one in found) >= ENOUGH
    assert [one["index"] for one in found] == [True] + [False] * (readers - 1)
    assert [one["stale"] for one in found] == [[]] * readers
    library = open_library(home, WIDTH)
    assert library.index.sync()
    assert library.index._index is not None
    assert library.index._index.ids() == library.index.ids()
    library.close()


@pytest.mark.real
def test_eight_readers_and_a_writer_never_see_anything_stale(tmp_path: Path) -> None:
    readers_and_a_writer(tmp_path, 8, 20)


@pytest.mark.real
@pytest.mark.long
def test_eight_readers_and_a_writer_never_see_anything_stale_for_five_minutes(tmp_path: Path) -> None:
    readers_and_a_writer(tmp_path, 8, 300)


@pytest.mark.real
@pytest.mark.server
def test_readers_and_a_writer_on_postgresql_never_see_anything_stale(
    tmp_path: Path, postgres: "Postgres", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kill_jobs, "SERVER", postgres.url())
    kill_jobs.make_database(tmp_path / "home")
    readers_and_a_writer(tmp_path, 4, 10, postgres.url())
