"""A library moves between a file and a real PostgreSQL server by backup and restore, either way, and loses nothing."""

import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.errors import LibraryBusy, LibraryError, StorageFull
from rag.backup import backup, on_server, restore
from rag.carry import carry
from rag.catalogue import FILE_NAME
from rag.library import Library
from rag.passages import passages, vector_texts
from rag.settings import Settings
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder, FakeIndex
from tests.rag.places import Place

if TYPE_CHECKING:
    from tests.servers import Postgres

pytestmark = pytest.mark.server

ODD = "A mark \x1a0041 and a nul\x00 within. Zeppelins hum over the fjord, æøå 日本 🎈."
SKY = thread(
    comment(1, "Dan O'Hara", ODD), comment(2, None, "Do they?", parent=1), thread_id="sky | x?y=z", title="Sky"
)
LATER = thread(comment(1, "Eve", "Half of this was encoded when the lights went out. It goes on."), thread_id="later")


@pytest.fixture
def places(postgres: "Postgres", tmp_path: Path) -> "Iterator[dict[str, Place]]":
    made = {
        "file": Place(tmp_path / "file"),
        "other file": Place(tmp_path / "other"),
        "server": Place(tmp_path / "server", postgres.create()),
        "other server": Place(tmp_path / "another", postgres.create()),
    }
    yield made
    for place in made.values():
        place.close()


def moved(old: Place, new: Place, file: Path) -> tuple[int, int]:
    """Move a library as the command line does; return how many threads were said to be in it."""
    with on_server(Settings(home=old.home, catalogue_url=old.url), to_read=True) as server:
        written = backup(old.home, file, server=server)
    with on_server(Settings(home=new.home, catalogue_url=new.url), to_read=False) as server:
        return written, restore(new.home, file, server=server)


def filled(place: Place) -> Library:
    """Return a library of two threads, one renamed and one read twice, and a third that is half done."""
    library = place.library(connect=lambda *_: FakeIndex())
    library.add(SKY)
    library.add(debate())
    library.rename("bridge", "Over the river")
    again = thread(*SKY.comments, comment(3, "Eve", "Loudly."), thread_id=SKY.id, title="Sky")
    library.add(again)
    library.catalogue.save_pending(LATER, passages(LATER))
    texts = [text for passage in passages(LATER) for text in vector_texts(passage)]
    library.catalogue.vectors.stage(texts[:1], FakeEncoder().encode([texts[0].text]))
    library.catalogue.answers.remember("key", {"": library.catalogue.revision()}, "an answer given before")
    place.home.mkdir(exist_ok=True)
    with closing(sqlite3.connect(place.home / "conversations.sqlite")) as said:
        said.execute("CREATE TABLE said(text)")
        said.execute("INSERT INTO said VALUES ('what was asked')")
        said.commit()
    return library


def content(library: Library) -> dict[str, object]:
    """Return all that a library holds and must keep, without its own numbers."""
    catalogue = library.catalogue
    rows = library.threads()
    ids = [row.id for row in rows]
    vectors = [catalogue.vectors.of_threads(ids, sentence=sentence) for sentence in (False, True)]
    return {
        "rows": [(row.id, row.title, row.comments, row.people, row.added_at, row.updated_at) for row in rows],
        "threads": [library.thread(thread_id) for thread_id in ids],
        "passages": [library.passages(thread_id) for thread_id in ids],
        "vectors": {
            found: vector.tobytes() for kind in vectors for found, vector in zip(kind.ids, kind.vectors, strict=True)
        },
        "states": [catalogue.states(thread_id) for thread_id in ids],
        "words": [catalogue.search([word], 9) and catalogue.search([word], 9)[0][0] for word in ("hum", "ferries")],
        "people": sorted((one.name, one.comments, one.threads) for one in catalogue.people.ranked(99, most=True)),
        "parts": sorted(one.name for one in catalogue.people.find(["dan", "ben"], 9)),
        "census": catalogue.people.census(),
        "pending": [(waiting, catalogue.pending_passages(waiting)) for waiting in catalogue.pending()],
        "encoder": catalogue.store.meta("encoder"),
        "chunker": catalogue.store.meta("chunker"),
    }


@pytest.mark.parametrize(
    ("source", "target"),
    [("file", "server"), ("server", "file"), ("server", "other server"), ("file", "other file")],
)
def test_a_library_moves_whole_and_encodes_nothing(
    places: dict[str, Place], tmp_path: Path, source: str, target: str
) -> None:
    old = filled(places[source])
    held = content(old)
    assert moved(places[source], places[target], tmp_path / "b.zip") == (2, 2)
    encoder = FakeEncoder()
    new = places[target].library(encoder, connect=lambda *_: FakeIndex())
    assert content(new) == held
    assert new.catalogue.answers.recall("key") is None or source == "file"
    assert new.index.sync()
    assert new.index.ids() == old.index.ids()
    assert encoder.encoded == []
    with closing(sqlite3.connect(places[target].home / "conversations.sqlite")) as said:
        assert said.execute("SELECT text FROM said").fetchall() == [("what was asked",)]
    assert new.reconcile() == 1  # what was half done goes on, and what was encoded of it is not encoded again
    assert len(new.threads()) == 3
    assert 0 < len(encoder.encoded) < sum(len(vector_texts(passage)) for passage in passages(LATER))
    assert content(old) == held


def test_there_and_back_again_is_the_same_library(places: dict[str, Place], tmp_path: Path) -> None:
    old = filled(places["file"])
    moved(places["file"], places["server"], tmp_path / "there.zip")
    moved(places["server"], places["other file"], tmp_path / "back.zip")
    new = places["other file"].library()
    assert content(new) == content(old)
    assert new.catalogue.store.check() == []
    new.remove("bridge")
    new.add(debate())
    assert new.thread("bridge") == debate()


def test_a_restored_server_is_another_library_to_whoever_uses_it(places: dict[str, Place], tmp_path: Path) -> None:
    filled(places["file"])
    using = places["server"].library(connect=lambda *_: FakeIndex())
    using.add(thread(comment(1, "Ada", "Gone after the restore."), thread_id="gone"))
    using.catalogue.answers.remember("key", {"gone": using.threads()[0].revision}, "an answer about what is gone")
    assert using.index.uses_index
    before = using.catalogue.revision()
    moved(places["file"], places["server"], tmp_path / "b.zip")
    assert [row.id for row in using.threads()] == [SKY.id, "bridge"]
    assert using.thread("bridge") == debate()
    assert using.catalogue.revision() > before
    assert using.catalogue.answers.recall("key") is None
    found = using.index.query(FakeEncoder().encode(["zeppelins hum"])[0], 99)
    assert {hit for hit, _ in found} == {one.id for row in using.threads() for one in using.passages(row.id)}
    using.add(LATER)  # numbers of new rows do not run into those that came


def test_the_file_beside_a_server_is_not_what_is_backed_up(places: dict[str, Place], tmp_path: Path) -> None:
    stale = Place(places["server"].home)  # the library from before it moved
    stale.library().add(thread(comment(1, "Ada", "From before."), thread_id="stale"))
    stale.close()
    filled(places["server"])
    moved(places["server"], places["other file"], tmp_path / "b.zip")
    assert [row.id for row in places["other file"].library().threads()] == [SKY.id, "bridge"]


def test_what_another_program_adds_meanwhile_is_whole_in_a_backup_or_absent(
    places: dict[str, Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = filled(places["server"])
    real, told = type(library.catalogue.store).snapshot, []

    def snapshot(self: object) -> object:
        context = real(self)  # type: ignore[arg-type]
        if not told:
            told.append(self)
            return _Interrupted(context, lambda: library.remove("bridge"))
        return context

    monkeypatch.setattr(type(library.catalogue.store), "snapshot", snapshot)
    moved(places["server"], places["other file"], tmp_path / "b.zip")
    assert [row.id for row in library.threads()] == [SKY.id]
    new = places["other file"].library()
    assert [row.id for row in new.threads()] == [SKY.id, "bridge"]
    assert new.catalogue.vectors.lacking() == 0
    assert new.passages("bridge")


class _Interrupted:
    """A snapshot whose first row has just been read when something happens."""

    def __init__(self, context: object, then: object) -> None:
        self._context, self._then = context, then

    def __enter__(self) -> object:
        connection = self._context.__enter__()  # type: ignore[attr-defined]
        connection.execute("SELECT 1 FROM meta").fetchall()
        self._then()  # type: ignore[operator]
        return connection

    def __exit__(self, *error: object) -> object:
        return self._context.__exit__(*error)  # type: ignore[attr-defined]


def test_a_restore_that_fails_half_way_leaves_the_server_as_it_was(
    places: dict[str, Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(places["file"])
    using = places["server"].library()
    using.add(LATER)
    with on_server(Settings(home=places["file"].home), to_read=True) as none:
        backup(places["file"].home, tmp_path / "b.zip", server=none)
    calls = []

    def failing(texts: list[str]) -> list[tuple[object, ...]]:
        calls.append(texts)
        raise StorageFull("no room", remedy="none")

    with on_server(Settings(home=places["server"].home, catalogue_url=places["server"].url), to_read=False) as server:
        assert server is not None
        monkeypatch.setattr(server.store, "text_values", failing)
        with pytest.raises(StorageFull):
            restore(places["server"].home, tmp_path / "b.zip", server=server)
    assert calls
    assert [row.id for row in using.threads()] == ["later"]
    assert using.thread("later") == LATER


def test_nothing_is_restored_while_another_program_adds(places: dict[str, Place], tmp_path: Path) -> None:
    filled(places["file"])
    backup(places["file"].home, tmp_path / "b.zip")
    adding = places["server"].catalogue().store.lock()
    assert adding.acquire(exclusive=False)
    with (
        on_server(Settings(home=places["server"].home, catalogue_url=places["server"].url), to_read=False) as server,
        pytest.raises(LibraryBusy, match="adding"),
    ):
        restore(places["server"].home, tmp_path / "b.zip", server=server)
    adding.release()


def test_an_empty_server_has_nothing_to_back_up_and_is_left_empty(
    places: dict[str, Place], postgres: "Postgres"
) -> None:
    place = places["server"]
    with (
        pytest.raises(LibraryError, match="no library at PostgreSQL") as raised,
        on_server(Settings(home=place.home, catalogue_url=place.url), to_read=True),
    ):
        pass
    assert postgres.quoted not in str(raised.value)
    schema = place.url.rpartition("%3D")[2]
    tables = f"SELECT count(*) FROM information_schema.tables WHERE table_schema = '{schema}'"
    assert postgres.execute(tables) == [(0,)]


def test_a_backup_of_a_server_appears_whole_or_not_at_all(places: dict[str, Place], tmp_path: Path) -> None:
    filled(places["server"])
    (tmp_path / "blocked").touch()
    with pytest.raises(StorageFull, match="cannot be written"):
        moved(places["server"], places["file"], tmp_path / "blocked" / "b.zip")
    moved(places["server"], places["file"], tmp_path / "safe" / "b.zip")
    assert [path.name for path in (tmp_path / "safe").iterdir()] == ["b.zip"]
    with zipfile.ZipFile(tmp_path / "safe" / "b.zip") as archive:
        assert set(archive.namelist()) == {"commentariat.json", FILE_NAME, "conversations.sqlite"}


def test_a_long_thread_is_carried_in_parts(places: dict[str, Place], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.carry._BATCH", 2)
    old, new = filled(places["file"]), places["server"].library()
    assert carry(old.catalogue, new.catalogue) == 2
    assert content(new) == content(old)
