import shutil
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rag.catalogue import FILE_NAME
from rag.doctor import diagnose
from rag.library import Library
from rag.passages import passages
from rag.settings import Settings
from rag.storage import open_library
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", cache=tmp_path / "cache", answerer="quotes")


class Stand384(FakeEncoder):
    """Stands in for the bundled encoder: its name and width, without its weight."""

    name = "all-MiniLM-L6-v2"

    def __init__(self) -> None:
        super().__init__(384)


@pytest.fixture
def healthy(settings: Settings) -> Settings:
    library = open_library(settings, encoder=Stand384())
    library.add(debate())
    library.close()
    return settings


def ill(settings: Settings) -> dict[str, str]:
    """Return what is not well, by name."""
    findings = diagnose(settings)
    assert all(finding.remedy for finding in findings if finding.severity != "ok")
    return {finding.name: finding.message for finding in findings if finding.severity != "ok"}


@pytest.mark.real
def test_a_healthy_library_has_nothing_to_mend(healthy: Settings) -> None:
    assert ill(healthy) == {}
    told = {finding.name: finding.message for finding in diagnose(healthy)}
    assert told["library"].startswith("1 thread, 6 comments, all sound, on SQLite")
    assert {finding.name for finding in diagnose(healthy)} == {
        "packages", "encoder", "language model", "folder", "library", "pending", "vectors",
        "index of passages",
    }  # fmt: skip


@pytest.mark.real
def test_no_library_yet_is_no_trouble_and_none_is_made(settings: Settings) -> None:
    assert ill(settings) == {}
    assert not settings.home.exists()


def break_catalogue(home: Path) -> None:
    (home / FILE_NAME).write_bytes(b"not a database " * 1000)


def sql(statement: str) -> Callable[[Path], None]:
    def run(home: Path) -> None:
        library = Library(home, FakeEncoder())
        with library.catalogue.store.writing() as connection:
            connection.execute(statement)
        library.close()

    return run


def leave_pending(home: Path) -> None:
    library = Library(home, FakeEncoder())
    other = thread(comment(1, "Dan", "Zeppelins."), thread_id="sky")
    library.catalogue.save_pending(other, passages(other))
    library.close()


@pytest.mark.real
@pytest.mark.parametrize(
    ("harm", "name", "message"),
    [
        (break_catalogue, "library", "is damaged"),
        (sql("PRAGMA user_version = 99"), "library", "newer version"),
        (sql("UPDATE threads SET body = x'00', revision = 99"), "library", "'bridge' is damaged"),
        (sql("INSERT INTO words(words) VALUES ('delete-all')"), "library", "is damaged"),
        (leave_pending, "pending", "1 thread is not finished: sky"),
        (sql("DELETE FROM vectors WHERE sentence = 0"), "vectors", "8 passages have no vector"),
        (sql("UPDATE meta SET value = 'other/32' WHERE key = 'encoder'"), "vectors", "indexed with other"),
        (lambda home: shutil.rmtree(home / "chroma"), "index of passages", "does not hold what the catalogue says"),
        (lambda home: (home / "chroma" / "chroma.sqlite3").write_bytes(b"x" * 9000), "index of passages", "not hold"),
        (sql("UPDATE vectors SET synced = 0 WHERE sentence = 0"), "index of passages", "lacks"),
    ],
    ids=[
        "no database", "newer", "damaged thread", "lost full text", "pending", "lost vectors", "other encoder",
        "lost index", "damaged index", "index behind",
    ],
)  # fmt: skip
def test_each_broken_library_is_told_by_its_ill(
    healthy: Settings, harm: Callable[[Path], None], name: str, message: str
) -> None:
    harm(healthy.home)
    assert message in ill(healthy)[name]


@pytest.mark.real
def test_graphs_of_earlier_indexes_are_told_and_not_touched(healthy: Settings) -> None:
    old = healthy.home / "chroma" / str(uuid.uuid4())
    old.mkdir()
    (old / "data_level0.bin").write_bytes(b"x" * 2_500_000)
    said = "1 folder of an earlier index serves nothing and takes 2.5 MB."
    assert ill(healthy) == {"files of the index": said}
    assert old.is_dir()
    assert ill(replace(healthy, chroma_url="http://127.0.0.1:9")).keys() == {"index of passages"}


@pytest.mark.parametrize(
    ("change", "name", "message"),
    [
        ({"encoder": "/nowhere/at-all"}, "encoder", "is no folder"),
        ({"answerer": "auto", "model": "/nowhere/model.gguf"}, "language model", "not there"),
        ({"answerer": "auto", "endpoint": "http://127.0.0.1:9/v1"}, "language model", "does not answer"),
        ({"answerer": "auto", "endpoint": "::::"}, "language model", "does not answer"),
    ],
)
def test_each_bad_setting_is_told(settings: Settings, change: dict[str, str], name: str, message: str) -> None:
    assert message in ill(replace(settings, **change))[name]  # type: ignore[arg-type]


def test_a_folder_in_the_way_and_a_full_disk_are_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.doctor.shutil.disk_usage", lambda path: shutil._ntuple_diskusage(9, 8, 1))  # type: ignore[attr-defined]
    assert "are free" in ill(settings)["folder"]
    settings.home.write_text("in the way")
    assert "not a folder" in ill(settings)["folder"]


def test_a_missing_package_is_told_by_name(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    needs = ["no-such-package>=1,<2", "numpy", 'also-absent; extra == "dev"']
    monkeypatch.setattr("rag.doctor.importlib.metadata.requires", lambda name: needs)
    assert ill(settings)["packages"] == "Not installed: no-such-package."
