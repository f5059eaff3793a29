import zipfile
from pathlib import Path

import pytest

from ingest.errors import LibraryBusy, LibraryDamaged, LibraryError, StorageFull
from rag.backup import backup, restore
from rag.catalogue import FILE_NAME
from rag.library import Library
from rag.locks import FileLock
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder, FakeIndex

SKY = thread(comment(1, "Dan", "Zeppelins."), thread_id="sky", title="Sky")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    indexes: dict[str, FakeIndex] = {}
    made = Library(tmp_path / "home", FakeEncoder(), lambda kind, _: indexes.setdefault(kind, FakeIndex()))
    made.add(debate())
    return made


def test_a_backup_brings_back_a_library_that_answers_without_encoding(library: Library, tmp_path: Path) -> None:
    assert backup(library.home, tmp_path / "safe" / "b.zip") == 1
    assert restore(tmp_path / "elsewhere", tmp_path / "safe" / "b.zip") == 1
    again = Library(tmp_path / "elsewhere", FakeEncoder(), lambda *_: FakeIndex())
    assert again.thread("bridge") == debate()
    assert again.passages("bridge") == library.passages("bridge")
    assert again.catalogue.search(["ferries"], 3)
    assert again.index.sync()
    assert again.index.ids() == library.index.ids()
    assert again.encoder.encoded == []  # type: ignore[attr-defined]
    again.close()


def test_a_running_program_sees_the_restored_library(library: Library, tmp_path: Path) -> None:
    backup(library.home, tmp_path / "b.zip")
    before = library.catalogue.revision()
    library.add(thread(comment(1, "Ada", "Gone after the restore."), thread_id="later"))
    changed = debate().comments[0]
    library.add(thread(changed, title=debate().title, thread_id="bridge"))
    assert library.index.uses_index
    restore(library.home, tmp_path / "b.zip")
    assert [row.id for row in library.threads()] == ["bridge"]
    assert library.thread("bridge") == debate()
    assert library.catalogue.revision() > before
    found = library.index.query(FakeEncoder().encode(["moorings north quay"])[0], 99)
    assert {hit for hit, _ in found} == {passage.id for passage in library.passages("bridge")}


def test_a_backup_may_be_made_while_another_process_adds(library: Library, tmp_path: Path) -> None:
    other = FileLock(library.home / "add.lock")
    assert other.acquire(exclusive=False)
    assert backup(library.home, tmp_path / "b.zip") == 1
    with pytest.raises(LibraryBusy, match="adding"):
        restore(library.home, tmp_path / "b.zip")
    other.release()


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 but broken"])
def test_a_file_that_is_no_backup_changes_nothing(library: Library, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(data)
    with pytest.raises(LibraryDamaged, match="no backup"):
        restore(library.home, tmp_path / "b.zip")
    with pytest.raises(LibraryDamaged, match="no backup"):
        restore(library.home, tmp_path / "none.zip")
    assert library.thread("bridge") == debate()


@pytest.mark.parametrize("name", ["../evil.sqlite", "/tmp/evil.sqlite3", "a/b.sqlite"])
def test_a_backup_cannot_write_outside_the_library(library: Library, tmp_path: Path, name: str) -> None:
    backup(library.home, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "a") as archive:
        archive.writestr(name, "x")
    with pytest.raises(LibraryDamaged):
        restore(library.home, tmp_path / "b.zip")


def test_a_damaged_catalogue_in_a_backup_is_refused(library: Library, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("commentariat.json", '{"schema": 1}')
        archive.writestr(FILE_NAME, b"SQLite format 3\x00" + b"\xa5" * 9000)
    with pytest.raises(LibraryDamaged):
        restore(library.home, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("commentariat.json", '{"schema": 99}')
        archive.writestr(FILE_NAME, b"")
    with pytest.raises(LibraryError, match="newer version"):
        restore(library.home, tmp_path / "b.zip")
    assert library.thread("bridge") == debate()


def test_there_must_be_something_to_back_up_and_a_place_for_it(library: Library, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no library"):
        backup(tmp_path / "nowhere", tmp_path / "b.zip")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFull, match="cannot be written"):
        backup(library.home, tmp_path / "file" / "b.zip")
    backup(library.home, tmp_path / "b.zip")
    with pytest.raises(StorageFull, match="cannot be written"):
        restore(tmp_path / "file", tmp_path / "b.zip")
