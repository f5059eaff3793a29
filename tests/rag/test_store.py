"""The catalogue in one SQLite file: what holds beside the contract that it shares with PostgreSQL."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import LibraryDamaged, LibraryError, StorageFull
from rag.catalogue import SqliteCatalogue
from rag.passages import passages
from rag.store import SCHEMA_VERSION, Store
from tests.builders import comment, debate, thread
from tests.rag.places import store


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqliteCatalogue]:
    made = SqliteCatalogue(tmp_path / "catalogue.sqlite3")
    yield made
    made.close()


def test_removing_leaves_no_trace_of_the_words_on_disk(catalogue: SqliteCatalogue) -> None:
    store(catalogue, debate())
    store(catalogue, thread(comment(1, "Xanthippe", "Quokkas. Wombats."), title="Marsupials"))
    assert catalogue.remove("t")
    assert not catalogue.remove("t")
    assert [row.id for row in catalogue.threads()] == ["bridge"]
    written = b"".join(path.read_bytes() for path in catalogue.store.path.parent.iterdir())
    for word in (b"uokka", b"wombat", b"Xanthippe", b"arsupial"):
        assert word not in written
    assert b"fishermen" in written
    assert catalogue.search(["ferries"], 5)


def test_what_a_busy_reader_keeps_from_being_erased_is_erased_later(catalogue: SqliteCatalogue) -> None:
    store(catalogue, thread(comment(1, "Xanthippe", "Quokkas. Wombats."), title="Marsupials"))
    reader = sqlite3.connect(catalogue.store.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM passages").fetchone()
    assert catalogue.remove("t")
    assert catalogue.threads() == []
    reader.close()
    catalogue.scrub()
    assert b"ombat" not in b"".join(path.read_bytes() for path in catalogue.store.path.parent.iterdir())


def test_a_file_that_is_no_catalogue_is_named_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite3"
    path.write_bytes(b"this is not a database, it is a shopping list " * 100)
    with pytest.raises(LibraryDamaged, match="is damaged") as raised:
        SqliteCatalogue(path)
    assert raised.value.remedy
    assert path.read_bytes().startswith(b"this is not")


def test_a_damaged_page_is_told_and_not_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite3"
    made = SqliteCatalogue(path)
    for name in "abcdefgh":
        store(made, thread(comment(1, "Ada", f"Words of {name}. " * 500), thread_id=name))
    made.store.scrub()
    made.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    with pytest.raises(LibraryDamaged):
        SqliteCatalogue(path).threads()


def test_a_library_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite3"
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(LibraryError, match="newer version"):
        Store(path)


# What each schema brought is taken away again, the latest first: `_TAKEN[3]` makes a file of 3 one of 2.
_TAKEN = {
    4: "DROP TABLE authors; DROP TABLE name_parts; DELETE FROM meta WHERE key = 'authors';",
    3: "DROP TABLE answers; DROP TABLE answers_of; DROP TRIGGER threads_removed; DROP TRIGGER threads_changed;"
    " DROP TRIGGER library_changed;",
    2: "ALTER TABLE threads DROP COLUMN renamed;",
}


def taken_back(path: Path, version: int) -> None:
    """Make the catalogue of today one of an earlier schema."""
    with sqlite3.connect(path) as connection:
        for later in range(SCHEMA_VERSION, version, -1):
            connection.executescript(_TAKEN[later])
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


def schema(path: Path) -> list[tuple[str, ...]]:
    """Return every table, index and trigger of a file, its columns in their order."""
    with sqlite3.connect(path) as connection:
        made = connection.execute("SELECT type, name, tbl_name FROM sqlite_master ORDER BY 1, 2").fetchall()
        columns = [
            (row[1], *(f"{column[1]} {column[2]}" for column in connection.execute(f"PRAGMA table_info({row[1]})")))
            for row in made
            if row[0] == "table"
        ]
    connection.close()
    return made + columns


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_library_of_an_earlier_schema_is_upgraded_where_it_lies_and_loses_nothing(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "catalogue.sqlite3"
    old = SqliteCatalogue(path)
    store(old, debate())
    before = old.threads()
    today = schema(path)
    old.close()
    taken_back(path, version)
    assert schema(path) != today
    for _ in range(2):  # the second time there is nothing to do
        catalogue = SqliteCatalogue(path)
        assert catalogue.threads() == before
        assert catalogue.thread("bridge") == debate()
        assert catalogue.rename("bridge", "")
        catalogue.close()
    assert schema(path) == today
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    connection.close()


def test_an_upgrade_that_fails_leaves_the_library_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "catalogue.sqlite3"
    Store(path).close()
    taken_back(path, 1)
    step = "ALTER TABLE threads ADD COLUMN renamed TEXT NOT NULL DEFAULT '';\nALTER TABLE nowhere ADD COLUMN x;\n"
    monkeypatch.setattr("rag.store._STEPS", {1: step})
    with pytest.raises(LibraryDamaged, match="nowhere"):
        Store(path)
    monkeypatch.undo()
    Store(path).close()  # the first step was taken back, so it runs again


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFull, match="cannot be used"):
        Store(tmp_path / "file" / "library" / "catalogue.sqlite3")


def test_a_full_disk_is_told_and_changes_nothing(catalogue: SqliteCatalogue) -> None:
    store(catalogue, debate())
    with catalogue.store.reading() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    big = thread(*(comment(n, "Ada", f"{n} " * 5000) for n in range(1, 20)), thread_id="big")
    with pytest.raises(StorageFull, match="cannot be written"):
        catalogue.save_pending(big, passages(big))
    assert [row.id for row in catalogue.threads(pending=True)] == ["bridge"]


@pytest.mark.real
def test_many_processes_may_make_the_same_library_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from rag.store import Store; sys.stdin.read();"
        "[Store(Path(sys.argv[1]) / str(n) / 'x.sqlite3').set_meta(sys.argv[2], 'v') for n in range(40)]"
    )
    makers = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(n)], stdin=subprocess.PIPE) for n in range(6)
    ]
    for maker in makers:  # they start together when their input closes
        assert maker.stdin is not None
        maker.stdin.close()
    assert [maker.wait(60) for maker in makers] == [0] * 6
    for n in range(40):
        made = Store(tmp_path / str(n) / "x.sqlite3")
        assert [made.meta(str(maker)) for maker in range(6)] == ["v"] * 6
        made.close()
