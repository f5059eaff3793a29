"""A library on a real PostgreSQL server: its restarts and crashes, its refusals, its ranks beside SQLite's."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.errors import (
    CommentariatError,
    LibraryBusy,
    LibraryDamaged,
    LibraryError,
    LibraryUnreachable,
    SettingsError,
    StorageFull,
)
from rag.adapters.postgres_schema import VERSION
from rag.adapters.postgres_words import _Phrase, _times, vector
from rag.catalogue import SqliteCatalogue
from rag.doctor import diagnose
from rag.library import Library
from rag.passages import passages
from rag.settings import Settings
from rag.storage import open_catalogue, open_library
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder, FakeIndex
from tests.rag.places import Place, store

if TYPE_CHECKING:
    from tests.servers import Postgres

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]
SKY = thread(comment(1, "Dan", "Zeppelins over the fjord. They hum."), thread_id="sky", title="Sky")


@pytest.fixture
def home(postgres: "Postgres", tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "home", postgres.create())
    yield made
    made.close()


@pytest.fixture
def own() -> "Iterator[Postgres]":
    """Start a server that a test may crash."""
    from tests.servers import Postgres

    server = Postgres()
    yield server
    server.close()


@pytest.fixture
def crashing(own: "Postgres", tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "home", own.create())
    yield made
    made.close()


def settings(place: Place, **changes: object) -> Settings:
    return replace(Settings(home=place.home, answerer="quotes", catalogue_url=place.url), **changes)  # type: ignore[arg-type]


def test_a_restart_of_the_server_between_two_calls_is_not_felt(own: "Postgres", crashing: Place) -> None:
    library = crashing.library()
    library.add(debate())
    for _ in range(2):
        own.restart()
        assert library.thread("bridge") == debate()
        assert library.catalogue.search(["ferries"], 3)
        library.add(SKY)
    assert [row.id for row in library.threads()] == ["bridge", "sky"]


def test_a_server_that_is_gone_is_told_in_one_line_and_found_again_at_the_next_call(
    own: "Postgres", crashing: Place
) -> None:
    library = crashing.library()
    library.add(debate())
    own.stop()
    for call in (library.threads, lambda: library.add(SKY), lambda: library.catalogue.search(["ferries"], 3)):
        with pytest.raises(LibraryUnreachable, match="does not answer") as raised:
            call()
        told(raised.value, own)
    with pytest.raises(LibraryUnreachable):
        crashing.library()
    own.start()
    library.add(SKY)
    assert [row.id for row in library.threads()] == ["bridge", "sky"]


def test_a_server_that_crashes_again_and_again_loses_nothing_that_was_added(own: "Postgres", crashing: Place) -> None:
    threads = [thread(comment(n, "Dan", f"Zeppelin {n}. It hums."), thread_id=f"sky {n}") for n in range(1, 26)]
    library, reader = crashing.library(), crashing.library()
    added: list[str] = []

    def add() -> None:
        for one in threads:
            while one.id not in added:
                try:
                    library.add(one)
                except LibraryUnreachable:
                    time.sleep(0.01)
                else:
                    added.append(one.id)

    adding = threading.Thread(target=add)
    adding.start()
    for crash in range(4):
        while len(added) < 5 * crash and adding.is_alive():
            time.sleep(0.005)
        own.restart()
        noted = list(added)
        assert set(noted) <= {row.id for row in reader.threads()}
    adding.join(120)
    assert [row.id for row in reader.threads()] == [one.id for one in threads]
    assert reader.catalogue.pending() == []
    assert reader.catalogue.vectors.lacking() == 0
    assert reader.catalogue.store.check() == []
    assert len(reader.catalogue.search(["zeppelin"], 99)) == len(threads)


@pytest.mark.parametrize("method", ["save_pending", "mark_indexed", "remove", "search"])
def test_a_connection_lost_in_the_middle_of_a_call_changes_nothing_and_the_next_call_works(
    home: Place, postgres: "Postgres", method: str
) -> None:
    library = home.library()
    library.add(debate())
    found = passages(SKY)
    calls: dict[str, Callable[[], object]] = {
        "save_pending": lambda: library.catalogue.save_pending(SKY, found),
        "mark_indexed": lambda: library.add(SKY),
        "remove": lambda: library.remove("bridge"),
        "search": lambda: library.catalogue.search(["ferries"], 3),
    }
    before = library.threads()
    held = postgres.session(home.url)  # keeps the call waiting in its middle
    held.execute(b"LOCK pending" if method == "save_pending" else b"LOCK passages")
    failures: list[CommentariatError] = []

    def run() -> None:
        try:
            calls[method]()
        except CommentariatError as error:
            failures.append(error)

    running = threading.Thread(target=run)
    running.start()
    postgres.terminate_waiting()
    running.join(60)
    held.close()
    assert [type(error) for error in failures] == [LibraryUnreachable]
    told(failures[0], postgres)
    assert library.threads() == before
    calls[method]()
    assert library.catalogue.store.check() == []


def told(error: CommentariatError, server: "Postgres") -> None:
    """Check that an error is one line with a remedy, and tells no secret, not even in its traceback."""
    shown = "".join(traceback.format_exception(error))
    assert "\n" not in error.message
    assert error.remedy
    assert server.password not in shown
    assert server.quoted not in shown


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda server: server.url(password="wrong/pass@word"), LibraryUnreachable),
        (lambda server: server.url("no_such_database"), LibraryUnreachable),
        (lambda server: server.url().replace(f":{server.port}", ":9"), LibraryUnreachable),
        (lambda server: server.url().replace("127.0.0.1", "no-such-host.invalid"), LibraryUnreachable),
        (lambda server: server.url() + "?nonsense=secret", SettingsError),
        (lambda server: server.url().replace(server.quoted, "100%secret"), SettingsError),
        (lambda server: server.url() + "?options=-csearch_path%3Dno_such_schema", LibraryError),
    ],
    ids=["password", "database", "port", "host", "parameter", "escape", "schema"],
)
def test_a_bad_address_is_told_in_one_line_without_its_secrets(
    postgres: "Postgres", tmp_path: Path, change: "Callable[[Postgres], str]", kind: type[CommentariatError]
) -> None:
    with pytest.raises(kind) as raised:
        open_catalogue(Settings(home=tmp_path, catalogue_url=change(postgres)))
    told(raised.value, postgres)
    assert "secret" not in str(raised.value)
    assert "wrong/pass" not in str(raised.value)


def test_no_secret_is_shown_by_settings_store_or_doctor(home: Place, postgres: "Postgres") -> None:
    library = home.library()
    library.add(debate())
    findings = diagnose(settings(home))
    shown = repr((settings(home), library.catalogue.store, library.catalogue.store.where, findings))
    assert postgres.password not in shown
    assert postgres.quoted not in shown
    assert f"127.0.0.1:{postgres.port}/postgres" in library.catalogue.store.where


def ill(place: Place) -> dict[str, str]:
    return {one.name: one.message for one in diagnose(settings(place)) if one.severity != "ok"}


@pytest.mark.real
def test_doctor_tells_version_and_counts_and_makes_no_library(home: Place) -> None:
    well = {one.name: one.message for one in diagnose(settings(home))}
    assert well["library"] == "There is no library yet; the first add makes it."
    assert {one.name: one.message for one in diagnose(settings(home))} == well

    class Named(FakeEncoder):
        name = "all-MiniLM-L6-v2"

    library = home.library(Named(384))
    library.add(debate())
    found = {one.name: one.message for one in diagnose(settings(home)) if one.severity == "ok"}
    assert "1 thread, 6 comments, all sound, on PostgreSQL" in found["library"]
    assert "8 passages" in found["vectors"]


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        ("UPDATE commentariat_schema SET version = 99", "newer version (schema 99)"),
        ("UPDATE threads SET body = '\\x00', revision = 99", "'bridge' is damaged"),
        ("UPDATE passages SET words = ''", "8 passages have lost their words"),
        ("DROP TABLE passages", "is damaged"),
    ],
    ids=["newer", "damaged thread", "lost full text", "lost table"],
)
def test_doctor_tells_a_broken_library_by_its_ill(home: Place, postgres: "Postgres", harm: str, message: str) -> None:
    home.library().add(debate())
    with postgres.session(home.url) as session:
        session.execute(harm.encode())
        session.commit()
    assert message in ill(home)["library"]


def test_a_library_of_a_newer_version_is_left_alone(home: Place, postgres: "Postgres") -> None:
    home.catalogue()
    with postgres.session(home.url) as session:
        session.execute(b"UPDATE commentariat_schema SET version = 99")
        session.commit()
    with pytest.raises(LibraryError, match=r"newer version \(schema 99\)"):
        home.catalogue()


# What each schema brought is taken away again, the latest first: `_TAKEN[3]` makes a library of 3 one of 2.
_TAKEN = {
    4: "DROP TABLE authors, name_parts; DELETE FROM meta WHERE key = 'authors';",
    3: "DROP TRIGGER library_changed ON meta; DROP TRIGGER threads_changed ON threads;"
    " DROP TRIGGER threads_removed ON threads; DROP TABLE answers_of, answers;"
    " DROP FUNCTION forget_answers_of_thread, forget_answers_of_library;",
}


def taken_back(postgres: "Postgres", place: Place, version: int) -> None:
    """Make the library of today one of an earlier schema."""
    with postgres.session(place.url) as session:
        for later in range(VERSION, version, -1):
            session.execute(_TAKEN[later].encode())
        session.execute(f"UPDATE commentariat_schema SET version = {version}".encode())
        session.commit()


def columns(postgres: "Postgres", place: Place) -> list[tuple[object, ...]]:
    query = (
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = current_schema() UNION ALL SELECT event_object_table, trigger_name, event_manipulation"
        " FROM information_schema.triggers WHERE trigger_schema = current_schema() ORDER BY 1, 2, 3"
    )
    with postgres.session(place.url) as session:
        return session.execute(query.encode()).fetchall()


@pytest.mark.parametrize("version", range(2, VERSION))
def test_a_library_of_an_earlier_schema_is_upgraded_where_it_lies_and_loses_nothing(
    home: Place, postgres: "Postgres", version: int
) -> None:
    store(home.catalogue(), debate())
    before, today = home.catalogue().threads(), columns(postgres, home)
    taken_back(postgres, home, version)
    assert columns(postgres, home) != today
    for _ in range(2):  # the second time there is nothing to do
        again = home.catalogue()
        assert (again.threads(), again.thread("bridge")) == (before, debate())
        assert again.answers.remember("k", {"bridge": before[0].revision}, "one")
    assert columns(postgres, home) == today


def test_an_upgrade_that_fails_leaves_the_library_as_it_was(
    home: Place, postgres: "Postgres", monkeypatch: pytest.MonkeyPatch
) -> None:
    home.catalogue()
    taken_back(postgres, home, 2)
    before = columns(postgres, home)
    monkeypatch.setattr(
        "rag.adapters.postgres_schema._STEPS", {2: "CREATE TABLE answers(x TEXT); ALTER TABLE nowhere ADD y TEXT;"}
    )
    with pytest.raises(LibraryDamaged, match="nowhere"):
        home.catalogue()
    assert columns(postgres, home) == before
    monkeypatch.undo()
    home.catalogue()


def test_a_database_that_cannot_hold_every_text_is_refused(postgres: "Postgres", tmp_path: Path) -> None:
    postgres.execute("DROP DATABASE IF EXISTS latin")
    postgres.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(LibraryError, match="is in LATIN1") as raised:
        open_catalogue(Settings(home=tmp_path, catalogue_url=postgres.url("latin")))
    assert "UTF8" in raised.value.remedy


def test_a_database_of_another_program_is_left_alone(home: Place, postgres: "Postgres") -> None:
    with postgres.session(home.url) as session:
        session.execute(b"CREATE TABLE threads(name TEXT)")
        session.commit()
    before = columns(postgres, home)
    with pytest.raises(LibraryError, match="holds something else") as raised:
        home.catalogue()
    assert raised.value.remedy == "Give the library a database of its own."
    assert columns(postgres, home) == before


def test_a_library_that_may_only_be_read_is_read_and_says_so_to_who_writes(home: Place, postgres: "Postgres") -> None:
    home.library().add(debate())
    reader = Place(home.home, home.url.replace("options=", "options=-cdefault_transaction_read_only%3Don%20"))
    library = reader.library()
    assert library.thread("bridge") == debate()
    assert library.catalogue.search(["ferries"], 3)
    with pytest.raises(StorageFull, match="cannot be written") as raised:
        library.add(SKY)
    told(raised.value, postgres)
    reader.close()


def test_what_postgresql_cannot_hold_comes_back_the_same(home: Place) -> None:
    strange = thread(
        comment(1, "A\0da", "Nothing\0 between. \x1a0000 \x1a\x1a A \U0001f600 smile, and 100% ? of it."),
        title="Z\0ero",
        thread_id="strange\0",
    )
    library = home.library()
    library.add(strange)
    assert library.thread("strange\0") == strange
    assert library.passages("strange\0") == passages(strange)
    assert [row.title for row in library.threads()] == ["Z\0ero"]
    assert library.catalogue.search(["smile"], 1)
    assert library.find("ero") == "strange\0"
    library.remove("strange\0")
    assert library.threads() == []


def test_two_libraries_of_one_server_keep_out_of_each_others_way(postgres: "Postgres", tmp_path: Path) -> None:
    one, other = (Place(tmp_path / name, postgres.create()) for name in "ab")
    with one.catalogue().store.writing():
        other.library().add(debate())
    lock = one.catalogue().store.lock()
    assert lock.acquire(exclusive=True)
    other.library().add(SKY)
    with pytest.raises(LibraryBusy):
        one.library().add(SKY)
    lock.release()
    assert [row.id for row in one.catalogue().threads()] == []
    for place in (one, other):
        place.close()


def test_a_lock_ends_with_its_holder(home: Place, postgres: "Postgres") -> None:
    script = (
        "import sys; from rag.adapters.postgres import PostgresStore; lock = PostgresStore(sys.argv[1]).lock();"
        "print(lock.acquire(exclusive=True), flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, home.url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    mine = home.catalogue().store.lock()
    assert holder.stdout.readline() == "True\n"
    assert not mine.acquire(exclusive=False)
    holder.send_signal(signal.SIGKILL)
    assert mine.acquire(exclusive=True, wait=30)
    mine.release()
    holder.communicate()


def held(library: Library) -> bool:
    """Tell whether a machine's own index holds what the catalogue does."""
    assert library.index._index is not None
    return library.index._index.ids() == library.index.ids()


def found(library: Library, words: str) -> str:
    hit = library.index.query(FakeEncoder().encode([words])[0], 1)[0][0]
    return library.catalogue.passages_by_id([hit])[hit].thread_id


@pytest.mark.real
def test_one_machine_at_a_time_keeps_an_index_of_its_own_and_none_finds_too_little(
    home: Place, postgres: "Postgres", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.indexes._RETRY", 0.0)
    monkeypatch.setattr("rag.indexes.EXACT", 0)  # otherwise so small a library is not asked of an index
    first, second = (open_library(settings(home, home=tmp_path / name), encoder=FakeEncoder()) for name in "ab")
    home.opened += [first, second]
    first.add(debate())
    assert first.index.uses_index
    assert not second.index.uses_index
    second.add(SKY)
    assert [found(library, "zeppelins over the fjord") for library in (first, second)] == ["sky", "sky"]
    assert first.index.sync()
    assert held(first)
    while postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"):
        time.sleep(0.05)  # the first machine is cut off …
    assert second.index.sync()  # … and the second takes its turn
    assert held(second)
    second.remove("sky")
    second.add(thread(comment(1, "Eve", "Balloons over the lake."), thread_id="air"))
    assert not first.index.uses_index
    assert [found(library, "balloons over the lake") for library in (first, second)] == ["air", "air"]
    second.close()
    assert first.index.sync()
    assert held(first)


def test_nothing_is_noted_for_an_index_whose_place_another_took(home: Place) -> None:
    indexes = [FakeIndex(), FakeIndex()]
    first, second = (home.library(connect=lambda kind, width, index=index: index) for index in indexes)  # type: ignore[misc]
    first.add(debate())
    real = indexes[0].upsert

    def upsert(*batch: object) -> None:
        real(*batch)  # type: ignore[arg-type]
        assert second.index.uses_index  # from now on everything waits for the second index

    indexes[0].upsert = upsert  # type: ignore[method-assign, assignment]
    first.add(SKY)
    assert second.index.sync()
    assert indexes[1].ids() == second.index.ids()


WORDS = re.split(
    " ",
    "ferry ferries queue queues bridge bridges moorings fishermen Ada's don't harbour winter naïve café 1,200 3.5 C++"
    " the of and running runner ran 你好 über",
)


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(3, 40))) + "."


def test_full_text_finds_the_same_in_the_same_order_as_sqlite(home: Place, tmp_path: Path) -> None:
    chance = random.Random(5)
    both = (home.catalogue(), SqliteCatalogue(tmp_path / "beside.sqlite3"))
    for number in range(6):
        body = [comment(n, "Ada", " ".join(sentence(chance) for _ in range(chance.randint(1, 4)))) for n in range(40)]
        for catalogue in both:
            store(catalogue, thread(*body, thread_id=f"t{number}"))
    for turn in range(80):
        terms = [chance.choice(WORDS) for _ in range(chance.randint(1, 5))]
        if turn % 4 == 0:
            terms.append(" ".join(chance.choice(WORDS) for _ in range(3)))
        scope = [f"t{chance.randrange(7)}" for _ in range(turn % 3)]
        here, there = (dict(catalogue.search(terms, 10_000, scope)) for catalogue in both)
        assert here == pytest.approx(there, rel=1e-9), terms
        first, second = ([key for key, _ in catalogue.search(terms, 20, scope)] for catalogue in both)
        assert [there[key] for key in first] == pytest.approx([there[key] for key in second], rel=1e-9), terms
    both[1].close()


def test_how_often_a_word_occurs_is_read_from_its_rank(postgres: "Postgres") -> None:
    counts = range(1, 257)  # PostgreSQL keeps no more places of a word
    phrase = _Phrase({"ferri": [1]})
    times = _times(phrase)[0].replace("?", "'ferri'")
    texts = [vector({"ferri": list(range(1, count + 1)), "slow": [9999]}) for count in counts]
    with postgres.session(postgres.url()) as session:
        query = f"SELECT {times} FROM unnest(%s::tsvector[]) WITH ORDINALITY AS p(words, place) ORDER BY place"
        assert [row[0] for row in session.execute(query.encode(), (texts,)).fetchall()] == list(counts)
        query = f"SELECT {times} FROM (SELECT 'slow:1,2,3'::tsvector AS words) AS p"
        assert session.execute(query.encode()).fetchone() == (0,)


def test_a_word_longer_than_postgresql_allows_is_found_by_its_start(home: Place) -> None:
    library = home.library()
    library.add(thread(comment(1, "Ada", f"Look: {'é' * 3000} and {'x' * 3000}b.")))
    assert library.catalogue.search(["é" * 3000], 3)
    assert library.catalogue.search([f"{'x' * 3000}b"], 3)


def test_removing_leaves_no_trace_in_any_table(home: Place, postgres: "Postgres") -> None:
    library = home.library()
    library.add(debate())
    library.add(thread(comment(1, "Xanthippe", "Quokkas. Wombats."), title="Marsupials", thread_id="t"))
    library.remove("t")
    with postgres.session(home.url) as session:
        tables = [
            row[0] for row in session.execute(b"SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        ]
        dump = "".join(str(session.execute(f"SELECT * FROM {table}".encode()).fetchall()) for table in tables)
    assert "fishermen" in dump
    for word in ("uokka", "ombat", "Xanthippe", "arsupial"):
        assert word not in dump


def test_answers_go_with_what_they_rest_on(home: Place) -> None:
    library = home.library()
    library.add(debate())
    library.add(SKY)
    answers = library.catalogue.answers
    now = {row.id: row.revision for row in library.threads()}
    assert answers.remember("its", {"bridge": now["bridge"]}, "one")
    assert answers.remember("other", {"sky": now["sky"]}, "two")
    assert answers.remember("all", {"": library.catalogue.revision()}, "three")
    assert answers.remember("its", {"bridge": now["bridge"]}, "again\0")
    assert not answers.remember("stale", {"bridge": now["bridge"] - 1}, "four")
    assert [answers.recall(key) for key in ("its", "other", "all", "stale")] == ["again\0", "two", "three", None]
    library.add(replace(debate(), comments=debate().comments[:5]))
    assert [answers.recall(key) for key in ("its", "other", "all")] == [None, "two", None]
    library.remove("sky")
    assert answers.recall("other") is None


def test_an_answer_does_not_wait_for_another_writer(home: Place) -> None:
    library, other = home.library(), home.catalogue()
    library.add(debate())
    now = library.threads()[0].revision
    with library.catalogue.store.writing(), pytest.raises(LibraryBusy):
        other.answers.remember("k", {"bridge": now}, "one")


def command(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "COMMENTARIAT_HOME": str(place.home),
        "COMMENTARIAT_CATALOGUE_URL": place.url,
        "COMMENTARIAT_ANSWERER": "quotes",
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.run(
        [str(Path(sys.executable).with_name("commentariat")), *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.real
def test_the_command_line_works_on_postgresql_from_end_to_end(home: Place, postgres: "Postgres") -> None:
    said = []

    def ok(*arguments: str) -> str:
        done = command(home, *arguments)
        assert done.returncode == 0, done.stderr[-2000:]
        said.append(done.stdout + done.stderr)
        return done.stdout

    ok("add", str(ROOT / "ingest/samples/idlib_thread.txt"))
    listed = json.loads(ok("list", "--json"))
    assert [row["indexed"] for row in listed] == [True]
    assert "Bianca" in ok("show", listed[0]["id"])
    assert "8" in ok("ask", "How many comments did Bianca write?")
    assert "Bianca" in ok("ask", "What does Bianca say about people on Facebook?")
    assert "PostgreSQL" in ok("doctor")
    assert "1 thread is safe" in ok("backup", str(home.home / "b.zip"))
    ok("remove", listed[0]["id"], "--yes")
    assert json.loads(ok("list", "--json")) == []
    assert "1 thread is restored" in ok("restore", str(home.home / "b.zip"), "--yes")
    assert "Bianca" in ok("show", listed[0]["id"])
    assert not (home.home / "catalogue.sqlite3").exists()
    broken = command(Place(home.home, postgres.url(password="wrong/pass@word")), "list")
    assert broken.returncode == 2
    assert len(broken.stderr.splitlines()) == 2
    log = (home.home / "commentariat.log").read_text()
    for text in (*said, broken.stderr, log):
        assert postgres.password not in text
        assert postgres.quoted not in text
        assert "wrong" not in text


def test_without_psycopg_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("rag.adapters.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match="not installed") as raised:
        open_catalogue(Settings(home=tmp_path, catalogue_url="postgresql://localhost/x"))
    assert "commentariat[postgres]" in raised.value.remedy


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("postgresql://me:s%40cret@host:5433/shelf?options=x", "PostgreSQL, host:5433/shelf"),
        ("postgresql:///shelf?host=/run&password=secret", "PostgreSQL, localhost/shelf"),
        ("postgresql://me:s@cret@host/shelf", "PostgreSQL, localhost/shelf"),
        ("postgresql://host/shelf", "PostgreSQL, host/shelf"),
    ],
)
def test_the_page_tells_the_server_and_not_who_signs_in_there(tmp_path: Path, url: str, where: str) -> None:
    assert Settings(home=tmp_path, catalogue_url=url).where == where
    assert Settings(home=tmp_path).where == str(tmp_path)


def test_another_kind_of_url_is_refused_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not the URL of a PostgreSQL database") as raised:
        Settings.from_environment({"COMMENTARIAT_CATALOGUE_URL": "mysql://me:secret@host/x"})
    assert "secret" not in str(raised.value)
