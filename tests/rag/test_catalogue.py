import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.errors import LibraryBusy, LibraryDamaged, LibraryError, StorageFull
from ingest.thread import Thread
from rag.catalogue import SqliteCatalogue
from rag.passages import passages, vector_texts
from rag.store import SCHEMA_VERSION, Store
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqliteCatalogue]:
    made = SqliteCatalogue(tmp_path / "catalogue.sqlite3")
    yield made
    made.close()


def store(catalogue: SqliteCatalogue, stored: Thread) -> None:
    """Walk a thread through the whole commit protocol."""
    found = passages(stored)
    catalogue.save_pending(stored, found)
    texts = [text for passage in found for text in vector_texts(passage)]
    missing = catalogue.vectors.missing(stored.id, texts)
    catalogue.vectors.stage(missing, FakeEncoder().encode([text.text for text in missing]))
    assert catalogue.mark_indexed(stored.id)


def test_a_stored_thread_comes_back_equal(catalogue: SqliteCatalogue) -> None:
    store(catalogue, debate())
    assert catalogue.thread("bridge") == debate()
    assert catalogue.passages("bridge") == passages(debate())
    assert catalogue.thread("elsewhere") is None


def test_a_new_thread_is_seen_only_when_it_is_whole(catalogue: SqliteCatalogue) -> None:
    found = passages(debate())
    catalogue.save_pending(debate(), found)
    assert catalogue.threads() == []
    assert catalogue.thread("bridge") is None
    assert catalogue.passages("bridge") == []
    assert catalogue.passages_by_id([found[0].id]) == {}
    assert catalogue.search(["ferries"], 5) == []
    assert [(row.id, row.indexed) for row in catalogue.threads(pending=True)] == [("bridge", False)]


def test_a_thread_without_all_its_vectors_stays_pending(catalogue: SqliteCatalogue) -> None:
    found = passages(debate())
    catalogue.save_pending(debate(), found)
    texts = [text for passage in found for text in vector_texts(passage)]
    catalogue.vectors.stage(texts[1:], FakeEncoder().encode([text.text for text in texts[1:]]))
    assert not catalogue.mark_indexed("bridge")
    assert [text.id for text in catalogue.vectors.missing("bridge", texts)] == [texts[0].id]


def test_readers_keep_the_old_state_until_the_new_one_is_whole(catalogue: SqliteCatalogue) -> None:
    store(catalogue, debate())
    changed = replace(debate(), article=replace(debate().article, title="Council postpones the vote"))
    catalogue.save_pending(changed, passages(changed))
    assert catalogue.thread("bridge") == debate()
    assert [row.title for row in catalogue.threads(pending=True)] == ["Council votes on the harbour bridge"]
    catalogue.drop_pending("bridge")
    assert not catalogue.mark_indexed("bridge")
    assert catalogue.thread("bridge") == debate()


def test_full_text_finds_inflected_words_best_first_and_within_threads(catalogue: SqliteCatalogue) -> None:
    store(catalogue, debate())
    store(catalogue, thread(comment(1, "Dan", "One ferry sank."), thread_id="other"))
    hits = catalogue.search(["ferry", "queues"], 9)
    found = catalogue.passages_by_id([hit for hit, _ in hits])
    assert found[hits[0][0]].comment_id == "t:2"
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    assert {found[hit].thread_id for hit, _ in hits} == {"bridge", "other"}
    assert [catalogue.passages_by_id([hit])[hit].thread_id for hit, _ in catalogue.search(["ferry"], 9, ["other"])] == [
        "other"
    ]


@pytest.mark.parametrize("terms", [[], [""], ["  "], ['"'], ["!!"], ["a OR b"], ["col:x", "NEAR(", "*"], ["\x00"]])
def test_no_term_can_break_the_full_text_query(catalogue: SqliteCatalogue, terms: list[str]) -> None:
    store(catalogue, debate())
    assert isinstance(catalogue.search(terms, 5), list)
    assert catalogue.search(["ferries"], 0) == []


def test_an_update_replaces_text_and_full_text(catalogue: SqliteCatalogue) -> None:
    store(catalogue, thread(comment(1, "Ada", "Zeppelins."), comment(2, "Ben", "Tunnels.")))
    store(catalogue, thread(comment(1, "Ada", "Balloons."), comment(2, "Ben", "Tunnels.")))
    assert catalogue.search(["zeppelins"], 5) == []
    assert len(catalogue.search(["balloons"], 5)) == len(catalogue.search(["tunnels"], 5)) == 1
    assert [passage.text for passage in catalogue.passages("t")] == ["Balloons.", "Tunnels."]
    assert catalogue.store.check() == []


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


def test_the_revision_grows_with_every_visible_change_and_others_see_it(catalogue: SqliteCatalogue) -> None:
    other = SqliteCatalogue(catalogue.store.path)
    seen = [other.revision()]
    store(catalogue, debate())
    seen.append(other.revision())
    catalogue.remove("bridge")
    seen.append(other.revision())
    assert seen == sorted(set(seen))
    catalogue.remove("bridge")
    assert other.revision() == seen[-1]
    other.close()


def test_states_tell_which_passages_have_vectors(catalogue: SqliteCatalogue) -> None:
    store(catalogue, debate())
    states = catalogue.states("bridge")
    assert [state.id for state in states] == [passage.id for passage in passages(debate())]
    assert all(state.indexed and state.embedded_hash for state in states)


def test_a_second_writer_is_told_that_the_library_is_busy(catalogue: SqliteCatalogue) -> None:
    other = SqliteCatalogue(catalogue.store.path)
    with catalogue.store.writing(), pytest.raises(LibraryBusy, match="Another process is writing"):
        other.store.set_meta("a", "b")
    other.store.set_meta("a", "b")
    assert catalogue.store.meta("a") == "b"
    other.close()


def test_a_failing_transaction_changes_nothing(catalogue: SqliteCatalogue) -> None:
    def fail() -> None:
        with catalogue.store.writing() as connection:
            connection.execute("INSERT INTO meta VALUES ('a', 'b')")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert catalogue.store.meta("a") is None


def test_many_threads_may_share_a_catalogue(catalogue: SqliteCatalogue) -> None:
    store(catalogue, debate())
    failures: list[object] = []

    def read() -> None:
        for _ in range(30):
            if catalogue.thread("bridge") != debate() or not catalogue.search(["ferries"], 3):
                failures.append(1)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for title in "abc":
        store(catalogue, thread(comment(1, "Ada", f"Words {title}."), thread_id=title))
    for reader in readers:
        reader.join()
    assert not failures


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


def test_a_damaged_thread_is_told_by_name(catalogue: SqliteCatalogue) -> None:
    store(catalogue, debate())
    with catalogue.store.writing() as connection:
        connection.execute("UPDATE threads SET body = x'00', revision = 99")
    with pytest.raises(LibraryDamaged, match="'bridge'"):
        catalogue.thread("bridge")


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


def test_threads_read_lately_are_kept_within_bounds(
    catalogue: SqliteCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.catalogue._KEPT", 7)
    for name in "abc":
        store(catalogue, replace(debate(), id=name))
    first = catalogue.thread("a")
    assert catalogue.thread("a") is first
    catalogue.thread("b")
    assert catalogue.thread("a") is not first
    assert catalogue.thread("a") == first


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
