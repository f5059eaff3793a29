"""A disk that is full, that nobody may write, a clock that goes back: said in a line, and no library is damaged."""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ingest.errors import CommentariatError, StorageFull
from rag.backup import backup, restore
from rag.catalogue import FILE_NAME
from rag.library import Library
from rag.passages import passages
from tests.builders import comment, debate, thread
from tests.disks import mounted
from tests.fakes import FakeEncoder, FakeIndex

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "ingest" / "samples" / "idlib_thread.txt"
SKY = thread(comment(1, "Dan", "Zeppelins over the fjord."), thread_id="sky", title="Sky")
LATER = replace(debate(), comments=(*debate().comments[:5], comment(7, "Dan", "Boats are cheaper.")))


class Disk:
    """A disk that is full from the nth write on, or at the nth write alone; 0: never."""

    def __init__(self) -> None:
        self.writes = self.full_at = 0
        self.for_good = True
        self.refused = 0

    def write(self) -> None:
        self.writes += 1
        if self.full_at and (self.writes == self.full_at or (self.for_good and self.writes > self.full_at)):
            self.refused += 1
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorname = "SQLITE_FULL"  # type: ignore[misc]
            raise error


class OnDisk(sqlite3.Connection):
    """A connection whose every writing statement asks the disk first."""

    disk: ClassVar[Disk]

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
        if re.match(r"\s*(?:INSERT|UPDATE|DELETE|COMMIT|CREATE|PRAGMA wal_checkpoint)", statement):
            self.disk.write()
        return super().execute(statement, *values)

    def executemany(self, statement: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
        self.disk.write()
        return super().executemany(statement, *values)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = OnDisk.disk = Disk()
    monkeypatch.setattr("rag.opening.sqlite3.connect", partial(sqlite3.connect, factory=OnDisk))
    return made


def opened(home: Path, dimension: int = 64) -> Library:
    return Library(home, FakeEncoder(dimension), lambda *_: FakeIndex())


WORKS: dict[str, tuple[Callable[[Library], Any], int]] = {
    "add": (lambda library: library.add(debate()), 64),
    "refresh": (lambda library: library.add(LATER), 64),
    "remove": (lambda library: library.remove("bridge"), 64),
    "rename": (lambda library: library.rename("bridge", "Bridge"), 64),
    "reindex": (lambda library: library.reindex(), 64),
    "reindex with another encoder": (lambda library: library.reindex(), 32),
}


def refusal(work: Callable[[Library], Any], library: Library) -> StorageFull | None:
    """Do a work; return the error where it was refused for want of room."""
    try:
        work(library)
    except StorageFull as error:
        return error
    return None


def check(library: Library) -> None:
    """Every thread is whole: its passages, its full text, its vectors, and nothing else."""
    assert library.catalogue.store.check() == []
    wanted = set()
    for row in library.threads():
        found = library.passages(row.id)
        assert found == passages(library.thread(row.id))
        wanted |= {passage.id for passage in found}
    if library.foreign_encoder() is None and not library.catalogue.pending():
        assert library.index.ids() == wanted
    assert library.catalogue.search(["zeppelins"], 3)


@pytest.mark.parametrize(
    ("work", "for_good"), [*((work, True) for work in WORKS), ("refresh", False), ("remove", False)]
)
def test_a_disk_that_is_full_at_any_write_is_told_and_nothing_is_damaged(
    tmp_path: Path, disk: Disk, work: str, for_good: bool
) -> None:
    run, dimension = WORKS[work]
    template = tmp_path / "template"
    library = opened(template)
    library.add(SKY)
    if work != "add":
        library.add(debate())
    before = {row.id: library.thread(row.id) for row in library.threads()}
    library.close()
    after: dict[str, Any] | None = None
    told = 0
    for full_at in [0, *range(1, 200)]:
        home = tmp_path / "home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(template, home)
        library = opened(home, dimension)
        disk.writes, disk.refused, disk.full_at, disk.for_good = 0, 0, full_at, for_good
        error = refusal(run, library)
        told += error is not None
        assert error is None or (error.remedy and "\n" not in error.message)
        refused, disk.full_at = disk.refused, 0
        library.close()
        library = opened(home, dimension)
        now = {row.id: library.thread(row.id) for row in library.threads()}
        if after is None:
            after = now
        assert now in (before, after)
        check(library)
        library.reconcile()
        check(library)
        if work != "remove" or "bridge" in now:
            run(library)  # there is room again
        assert {row.id: library.thread(row.id) for row in library.threads()} == after
        assert library.catalogue.pending() == []
        check(library)
        library.close()
        if full_at and not refused:
            break  # it needs no more writes than these
    else:
        raise AssertionError("there was no end of writes")
    assert told >= 2


def test_a_library_that_cannot_be_made_leaves_nothing_half_made(tmp_path: Path, disk: Disk) -> None:
    for full_at in range(1, 100):
        home = tmp_path / str(full_at)
        disk.writes, disk.refused, disk.full_at = 0, 0, full_at
        with contextlib.suppress(StorageFull):
            opened(home).close()
        refused, disk.full_at = disk.refused, 0
        library = opened(home)
        library.add(SKY)
        check(library)
        library.close()
        if not refused:
            return
    raise AssertionError("there was no end of writes")


def test_an_index_without_room_harms_neither_adding_nor_asking(tmp_path: Path) -> None:
    class Crowded(FakeIndex):
        def upsert(self, *_: Any) -> None:
            raise StorageFull("The index has no room.", remedy="Make some.")

    library = Library(tmp_path, FakeEncoder(), lambda *_: Crowded())
    with contextlib.suppress(CommentariatError):
        library.index.sync()
    library.add(SKY)
    assert [row.id for row in library.threads()] == ["sky"]
    assert library.index.query(FakeEncoder().encode(["zeppelins"])[0], 1)
    library.close()


@pytest.mark.real
def test_works_on_a_small_disk_are_done_or_refused_and_damage_nothing(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=4m", "tmpfs") as small:
        command = [sys.executable, "-m", "tests.rag.full_jobs", str(tmp_path / "from"), str(small)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-3000:]
    counts = re.match(r"(\d+) refused, (\d+) done, none damaged", done.stdout)
    assert counts is not None
    assert min(map(int, counts.groups())) >= 5


def command(home: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run the console command as a person does."""
    done = subprocess.run(
        [sys.executable, "-c", "from ui.cli import main; main()", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "COMMENTARIAT_HOME": str(home), **environment},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def check_refused(result: tuple[int, str, str]) -> None:
    """A failure is a line and its remedy on standard error, and exit status 2."""
    code, _, err = result
    assert code == 2
    assert "Traceback" not in err
    assert "Logging error" not in err
    lines = [line for line in err.splitlines() if line.startswith(("commentariat:", "  "))]
    assert len(lines) == 2, err
    assert "COMMENTARIAT_HOME" in lines[1]


@pytest.mark.real
def test_on_a_full_disk_the_command_says_so_in_a_line(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=300k", "tmpfs") as small:
        check_refused(command(small / "library", "add", str(SAMPLE)))
        assert command(small / "library", "list")[0] == 0


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Return a folder with a library of the sample, as an orderly end leaves it."""
    home = tmp_path / "library"
    assert command(home, "add", str(SAMPLE))[0] == 0
    assert not list(home.glob("*-wal"))
    return home


@pytest.mark.real
def test_a_library_on_a_disk_that_nobody_may_write_is_listed_shown_and_asked(shelf: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "fixed", "--bind", "-o", "ro", str(shelf)) as fixed:
        assert os.statvfs(fixed).f_flag & os.ST_RDONLY
        assert "idlib_thread" in command(fixed, "list")[1]
        assert "c6 Bianca" in command(fixed, "show", "idlib", "--tree")[1]
        code, out, err = command(fixed, "ask", "What does Bianca say about people on Facebook?", "--answerer", "quotes")
        assert (code, err) == (0, "")
        assert "[c12]" in out
        for refused in (["remove", "idlib", "--yes"], ["rename", "idlib", "Idlib"], ["add", str(SAMPLE)], ["reindex"]):
            check_refused(command(fixed, *refused))
        assert command(fixed, "backup", str(tmp_path / "b.zip"))[:2] == (
            0,
            f"1 thread is safe in {tmp_path / 'b.zip'}.\n",
        )
        check_refused(command(fixed, "restore", str(tmp_path / "b.zip"), "--yes"))
        code, out, _ = command(fixed, "doctor")
        assert code == 0
        assert "can be read, not written" in out


def test_a_folder_that_may_not_be_written_is_read_and_its_writing_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = opened(tmp_path)
    library.add(debate())
    library.close()
    monkeypatch.setattr("rag.opening.os.access", lambda _path, mode: mode == os.R_OK)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    library = opened(tmp_path)
    assert library.reconcile() == 0
    assert library.thread("bridge") == debate()
    assert library.catalogue.search(["ferries"], 3)
    assert library.catalogue.store.check() == []
    for work in ("refresh", "remove", "rename", "reindex"):
        with pytest.raises(StorageFull, match="not written"):
            WORKS[work][0](library)
    library.close()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept


def test_changes_that_only_the_owner_can_take_over_are_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = opened(tmp_path / "one")
    library.add(debate())
    shutil.copytree(library.home, tmp_path / "two")  # as a run that was killed leaves it: with a log
    library.close()
    (tmp_path / "two" / f"{FILE_NAME}-shm").unlink()
    assert (tmp_path / "two" / f"{FILE_NAME}-wal").stat().st_size
    monkeypatch.setattr("rag.opening.os.access", lambda _path, mode: mode == os.R_OK)
    with pytest.raises(StorageFull, match="holds changes"):
        opened(tmp_path / "two")


def test_nothing_depends_on_a_clock_that_goes_forward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Backwards(datetime):
        """A clock that goes back an hour with every look."""

        hour: ClassVar[int] = 0

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            Backwards.hour += 1
            return datetime.fromtimestamp(1_000_000_000 - 3600 * Backwards.hour, tz=tz or UTC)

    monkeypatch.setattr("rag.catalogue.datetime", Backwards)
    library, other = opened(tmp_path / "home"), opened(tmp_path / "home")
    seen = [other.catalogue.revision()]

    def step(work: Callable[[], Any]) -> None:
        work()
        seen.append(other.catalogue.revision())
        assert seen[-1] > seen[-2]

    step(lambda: library.add(SKY))
    step(lambda: library.add(debate()))
    assert [row.id for row in other.threads()] == ["sky", "bridge"]
    rows = {row.id: row.revision for row in other.threads()}
    assert library.catalogue.answers.remember("k", rows, "an answer")
    step(lambda: library.add(LATER))
    assert other.thread("bridge") == library.thread("bridge") != debate()
    assert other.catalogue.answers.recall("k") is None
    row = next(row for row in other.threads() if row.id == "bridge")
    assert row.updated_at < row.added_at  # told as the clock said it, and nothing follows from it
    assert library.add(LATER).embedded == 0
    backup(library.home, tmp_path / "b.zip")
    step(lambda: library.remove("sky"))
    for _ in range(2):  # also in the place of a library that is itself restored
        step(lambda: restore(library.home, tmp_path / "b.zip"))
    assert [row.id for row in other.threads()] == ["sky", "bridge"]
    for one in (library, other):
        check(one)
        one.close()
