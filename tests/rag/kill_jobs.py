"""Kill a library at work and look at what is left: one program that forks a child for every death and every look.

    python -m tests.rag.kill_jobs FOLDER points [EACH]        `EACH`: only every so many of them
    python -m tests.rag.kill_jobs FOLDER random COUNT SEED

The children use the real catalogue, the real Chroma and the fake encoder; where `COMMENTARIAT_CATALOGUE_URL` names a
PostgreSQL server, a database of the name of each library's folder holds its catalogue. Exits with 1 and says so on the
first library that is not as it must be. Nothing that starts threads is opened before forking.
"""

import importlib
import os
import random
import re
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import rag.library
from ingest.thread import Thread
from rag.adapters.chroma import ChromaIndex, collection_name
from rag.adapters.chroma_sources import ChromaFolder
from rag.catalogue import FILE_NAME, SqliteCatalogue, StoredCatalogue
from rag.database import Database
from rag.indexes import LibraryIndex
from rag.library import Library
from rag.passages import CHUNKER, passages, vector_texts
from rag.store import Store
from rag.vectors import VectorTable
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder

rag.library._BATCH = 5  # several staged batches even for a small thread

OTHER = thread(comment(1, "Dan", "Zeppelins over the fjord. They hum."), thread_id="sky", title="Sky")
OLD = debate()
NEW = replace(
    debate(),
    comments=(
        replace(debate().comments[0], body="The new bridge will cost 90 million. I never wanted it. Ask Ben."),
        *debate().comments[1:5],
        replace(comment(7, "Dan", "Boats are cheaper. They always were."), id="t:late", number=6),
    ),
)


SERVER = os.environ.get("COMMENTARIAT_CATALOGUE_URL", "")


def database_of(home: Path) -> str:
    return re.sub(r"\W", "_", home.name)


def make_database(home: Path, template: Path | None = None) -> None:
    """Make the database of a library's folder anew, empty or a copy of another one's."""
    import psycopg

    name, copied = database_of(home), f" TEMPLATE {database_of(template)}" if template else ""
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}{copied}".encode())


def open_catalogue(home: Path) -> StoredCatalogue:
    if not SERVER:
        return SqliteCatalogue(home / FILE_NAME)
    from rag.adapters.postgres import PostgresStore

    return StoredCatalogue(PostgresStore(urlsplit(SERVER)._replace(path=f"/{database_of(home)}").geturl()))


def open_library(home: Path, dimension: int = 64) -> Library:
    encoder = FakeEncoder(dimension)
    catalogue = open_catalogue(home)
    folder = ChromaFolder(home / "chroma", catalogue.store.index_lock())

    def connect(kind: str, width: int) -> ChromaIndex:
        return ChromaIndex(folder, collection_name(kind, encoder.name, width, CHUNKER))

    return Library(home, encoder, connect, folder.close, catalogue=catalogue)


@dataclass(frozen=True)
class Work:
    """Something done to a prepared library, and the states of the thread `bridge` that may be seen after a death."""

    name: str
    prepare: Callable[[Library], Any]
    run: Callable[[Library], Any]
    before: Thread | None
    after: Thread | None
    dimension: int = 64


def merged(library: Library) -> Thread:
    return rag.library.merge(OLD, NEW).thread


WORKS = {
    work.name: work
    for work in (
        Work("add", lambda lib: lib.add(OTHER), lambda lib: lib.add(OLD), None, OLD),
        Work(
            "refresh",
            lambda lib: (lib.add(OTHER), lib.add(OLD)),
            lambda lib: lib.add(NEW),
            OLD,
            rag.library.merge(OLD, NEW).thread,
        ),
        Work("remove", lambda lib: (lib.add(OTHER), lib.add(OLD)), lambda lib: lib.remove("bridge"), OLD, None),
        Work("reindex", lambda lib: (lib.add(OTHER), lib.add(OLD)), lambda lib: lib.reindex(), OLD, OLD),
        Work("other encoder", lambda lib: (lib.add(OTHER), lib.add(OLD)), lambda lib: lib.reindex(), OLD, OLD, 32),
    )
}

# (work, class, method, which call of it, before or after): the borders between two writes.
POINTS: list[tuple[str, type, str, int, str]] = [
    ("add", StoredCatalogue, "save_pending", 1, "before"),
    ("add", StoredCatalogue, "save_pending", 1, "after"),
    ("add", VectorTable, "stage", 1, "before"),
    ("add", VectorTable, "stage", 1, "after"),
    ("add", VectorTable, "stage", 3, "after"),
    ("add", StoredCatalogue, "mark_indexed", 1, "before"),
    ("add", Database, "bump", 1, "after"),  # inside the transaction that makes the thread visible
    ("add", VectorTable, "replace_in", 1, "after"),  # the same, with everything written
    ("add", StoredCatalogue, "mark_indexed", 1, "after"),
    ("add", ChromaIndex, "upsert", 1, "before"),
    ("add", ChromaIndex, "upsert", 1, "after"),
    ("add", VectorTable, "mark_synced", 1, "after"),
    ("refresh", VectorTable, "stage", 1, "after"),
    ("refresh", VectorTable, "replace_in", 1, "before"),
    ("refresh", VectorTable, "replace_in", 1, "after"),
    ("refresh", StoredCatalogue, "mark_indexed", 1, "after"),
    ("refresh", ChromaIndex, "delete", 1, "after"),
    ("refresh", ChromaIndex, "upsert", 1, "after"),
    ("remove", VectorTable, "replace_in", 1, "after"),
    ("remove", Store, "scrub", 1, "before"),
    ("remove", Store, "scrub", 1, "after"),
    ("remove", ChromaIndex, "delete", 1, "before"),
    ("remove", ChromaIndex, "delete", 1, "after"),
    ("reindex", StoredCatalogue, "save_pending", 1, "after"),
    ("reindex", StoredCatalogue, "mark_indexed", 1, "after"),
    ("reindex", ChromaIndex, "drop", 1, "after"),
    ("reindex", Database, "set_meta", 2, "after"),  # the new index has a name, and everything still counts as in it
    ("reindex", LibraryIndex, "_start_over", 1, "after"),
    ("other encoder", StoredCatalogue, "save_pending", 1, "after"),
    ("other encoder", StoredCatalogue, "change_encoder", 1, "before"),
    ("other encoder", StoredCatalogue, "change_encoder", 1, "after"),
    ("other encoder", VectorTable, "stage", 2, "after"),
    ("other encoder", StoredCatalogue, "mark_indexed", 1, "after"),
]


def die_at(owner: type, name: str, call: int, when: str) -> None:
    """Make the nth call of a method the death of this process."""
    if owner is Store and SERVER:
        from rag.adapters.postgres import PostgresStore as owner
    real = owner.__dict__[name]
    inner = real.__func__ if isinstance(real, staticmethod) else real
    calls = [0]

    def lethal(*args: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == call and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = inner(*args, **named)
        if calls[0] == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, staticmethod(lethal) if isinstance(real, staticmethod) else lethal)


def look(home: Path, work: Work) -> None:
    """Check every promise on a library whose last user was killed."""
    library = open_library(home, work.dimension)
    assert library.catalogue.store.check() == []
    seen = library.catalogue.thread("bridge")
    assert seen in (work.before, work.after), "a thread is half there"
    check_texts(library)
    foreign = library.foreign_encoder() is not None
    if work.name != "other encoder":
        check_stored(library)
    library.reconcile()
    if not foreign:
        check_texts(library)
        check_vectors(library)
    again = library.catalogue.thread("bridge")
    if again is not None or work.name != "remove":
        work.run(library)  # the user tries again, and now it works
    assert library.catalogue.thread("bridge") == work.after
    assert library.catalogue.thread("sky") == OTHER
    assert library.catalogue.pending() == []
    check_texts(library)
    check_vectors(library)
    library.close()


def check_texts(library: Library) -> None:
    """Visible threads have exactly their passages, in table and full text."""
    stored = library.catalogue
    for row in stored.threads():
        told = stored.thread(row.id)
        assert told is not None
        assert stored.passages(row.id) == passages(told)
    assert bool(stored.search(["ferries"], 3)) == (stored.thread("bridge") is not None)
    assert stored.search(["zeppelins"], 3)
    assert stored.store.check() == []


def check_stored(library: Library) -> None:
    """Each text of each visible thread has its own vector in the catalogue, and there is no other."""
    passages_shown = [passage for row in library.threads() for passage in library.passages(row.id)]
    texts = [text for passage in passages_shown for text in vector_texts(passage)]
    for index, sentence in ((library.index, False), (library.sentence_index, True)):
        wanted = {text.id: text.text for text in texts if text.sentence == sentence}
        assert index.ids() == set(wanted)
        stored = index.fetch(list(wanted))
        vectors = FakeEncoder(library.encoder.dimension).encode(list(wanted.values()))
        for text_id, vector in zip(wanted, vectors, strict=True):
            assert abs(stored[text_id] - vector).max() < 1e-3, f"{wanted[text_id]!r} has another text's vector"


def check_vectors(library: Library) -> None:
    """The same, and Chroma holds exactly those of passages."""
    check_stored(library)
    assert library.index.sync()
    assert library.index._index is not None
    assert library.index._index.ids() == library.index.ids()


def in_child(job: Callable[[], None], kill_after: float | None = None) -> int:
    """Run a job in a forked child; return its exit status, -9 where it was killed."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            job()
            status = 0
        except BaseException:  # noqa: BLE001 - a child reports everything and ends here
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def prepared(folder: Path, work: Work) -> Path:
    """Return a fresh copy of the library in the state that the work starts from."""
    template, home = folder / f"{work.name}.template", folder / "home"
    if not template.exists():
        if SERVER:
            make_database(template)

        def prepare() -> None:
            library = open_library(template)
            work.prepare(library)
            library.close()

        assert in_child(prepare) == 0
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template, home)
    if SERVER:
        make_database(home, template)
    return home


def at_points(folder: Path, each: int = 1) -> int:
    """Die once at each point."""
    for name, owner, method, call, when in POINTS[::each]:
        work = WORKS[name]
        home = prepared(folder, work)

        def do(
            work: Work = work, home: Path = home, at: tuple[type, str, int, str] = (owner, method, call, when)
        ) -> None:
            library = open_library(home, work.dimension)
            die_at(*at)
            work.run(library)

        label = f"{name}: {when} call {call} of {owner.__name__}.{method}"
        if in_child(do) != -signal.SIGKILL:
            print(f"NOT REACHED {label}")  # noqa: T201
            return 1
        if in_child(lambda home=home, work=work: look(home, work)) != 0:  # type: ignore[misc]
            print(f"BROKEN {label}")  # noqa: T201
            return 1
    print(f"{len(POINTS[::each])} deaths survived")  # noqa: T201
    return 0


def at_random(folder: Path, count: int, seed: int) -> int:
    """Die at moments that nobody chose, spread over the time that the work takes."""
    chance = random.Random(seed)
    span: dict[str, float] = {}
    died = 0
    for turn in range(count):
        work = WORKS[chance.choice(sorted(WORKS))]
        home = prepared(folder, work)

        def do(work: Work = work, home: Path = home) -> None:
            library = open_library(home, work.dimension)
            work.run(library)
            library.close()

        if work.name not in span:
            start = time.monotonic()
            assert in_child(do) == 0
            span[work.name] = time.monotonic() - start
            home = prepared(folder, work)
        moment = chance.uniform(0, 1.1 * span[work.name])
        died += in_child(do, moment) == -signal.SIGKILL
        if in_child(lambda home=home, work=work: look(home, work)) != 0:  # type: ignore[misc]
            print(f"BROKEN {work.name} killed after {moment:.4f} s, turn {turn} of seed {seed}")  # noqa: T201
            return 1
    print(f"{died} deaths in {count} runs survived")  # noqa: T201
    return 0


if __name__ == "__main__":
    importlib.import_module("chromadb")  # loaded once, before forking
    where = Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    numbers = [int(number) for number in sys.argv[3:]]
    sys.exit(at_points(where, *numbers) if sys.argv[2] == "points" else at_random(where, *numbers))
