"""Kill -9 at work, with the real catalogue and the real Chroma: nothing lost or half shown, healed at the start."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers import Postgres

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, server: str = "", module: str = "kill_jobs") -> str:
    command = [sys.executable, "-m", f"tests.rag.{module}", *arguments]
    where = {**os.environ, "COMMENTARIAT_CATALOGUE_URL": server}
    done = subprocess.run(command, cwd=ROOT, env=where, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.real
def test_a_kill_at_any_border_between_two_writes_is_healed_by_the_next_start(tmp_path: Path) -> None:
    assert run(str(tmp_path / "kill"), "points").endswith("deaths survived\n")


@pytest.mark.real
def test_a_kill_before_any_single_write_is_healed_and_leaves_no_removed_word(tmp_path: Path) -> None:
    told = run(str(tmp_path / "kill"), "refresh", "remove", module="write_kills")
    for work, least in (("refresh", 20), ("remove", 12)):
        deaths = re.search(rf"^{work}: (\d+) deaths survived$", told, re.MULTILINE)
        assert deaths is not None
        assert int(deaths[1]) >= least
    for write in ("INSERT INTO pending", "staged", "threads", "passages", "vectors", "gone", "COMMIT", "optimize",
                  "wal_checkpoint", "Chroma delete", "Chroma upsert"):  # fmt: skip
        assert write in told


@pytest.mark.real
@pytest.mark.long
def test_a_kill_before_any_single_write_of_every_work_is_healed(tmp_path: Path) -> None:
    assert run(str(tmp_path / "kill"), "add", "reindex", "other encoder", module="write_kills").count("survived") == 3


@pytest.mark.real
def test_kills_at_random_moments_are_healed_by_the_next_start(tmp_path: Path) -> None:
    assert "in 30 runs survived" in run(str(tmp_path / "kill"), "random", "30", "6")


@pytest.mark.real
@pytest.mark.server
def test_kills_at_work_on_postgresql_are_healed_by_the_next_start(tmp_path: Path, postgres: "Postgres") -> None:
    assert run(str(tmp_path / "kill"), "points", "2", server=postgres.url()).endswith("deaths survived\n")
    assert "in 8 runs survived" in run(str(tmp_path / "kill"), "random", "8", "8", server=postgres.url())


@pytest.mark.real
@pytest.mark.server
@pytest.mark.long
def test_many_kills_at_work_on_postgresql_are_healed_by_the_next_start(tmp_path: Path, postgres: "Postgres") -> None:
    assert run(str(tmp_path / "kill"), "points", server=postgres.url()).endswith("deaths survived\n")
    assert "in 100 runs survived" in run(str(tmp_path / "kill"), "random", "100", "9", server=postgres.url())


@pytest.mark.real
@pytest.mark.long
def test_many_kills_at_random_moments_are_healed_by_the_next_start(tmp_path: Path) -> None:
    assert "in 200 runs survived" in run(str(tmp_path / "kill"), "random", "200", "7")
