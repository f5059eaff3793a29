"""The SQLite file under a library: schema, connections, transactions, and SQLite's errors as our own."""

import contextlib
import json
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ingest.errors import LibraryBusy, LibraryDamaged, LibraryError, StorageFull
from rag.database import Database
from rag.locks import FileLock
from rag.opening import connect, only_readable, read_only
from rag.people_table import TABLES

__all__ = ["SCHEMA_VERSION", "TOKENIZER", "Store"]

SCHEMA_VERSION = 4
_WAIT = 2.0  # seconds that a writer waits for another one before it says so
_IDLE = 8  # connections kept open between calls
_CACHE_KIB = 16_384  # pages each connection keeps: the indexes of a large library do not fit into SQLite's own 2 MB

TOKENIZER = "porter unicode61 remove_diacritics 2"  # how texts and questions are cut for full text, everywhere
_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE threads(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, source TEXT NOT NULL,
    origin TEXT NOT NULL, comments INTEGER NOT NULL, people INTEGER NOT NULL, revision INTEGER NOT NULL,
    added_at TEXT NOT NULL, updated_at TEXT NOT NULL, body BLOB NOT NULL, renamed TEXT NOT NULL DEFAULT '');
-- What is written but not yet shown: the whole next state of a thread.
CREATE TABLE pending(
    id TEXT PRIMARY KEY, title TEXT NOT NULL, source TEXT NOT NULL, origin TEXT NOT NULL, comments INTEGER NOT NULL,
    people INTEGER NOT NULL, saved_at TEXT NOT NULL, body BLOB NOT NULL, passages BLOB NOT NULL);
-- Vectors computed for pending threads, by the digest of their text.
CREATE TABLE staged(digest BLOB PRIMARY KEY, vector BLOB NOT NULL);
CREATE TABLE passages(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, thread INTEGER NOT NULL, place INTEGER NOT NULL,
    comment_id TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, sentences TEXT NOT NULL,
    header TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX passages_by_thread ON passages(thread, place);
CREATE TABLE vectors(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, sentence INTEGER NOT NULL,
    thread INTEGER NOT NULL, digest BLOB NOT NULL, vector BLOB NOT NULL, synced INTEGER NOT NULL DEFAULT 0);
CREATE INDEX vectors_by_thread ON vectors(thread, sentence);
CREATE INDEX vectors_unsynced ON vectors(sentence) WHERE synced = 0;
-- Vectors that the index may still hold and the library no longer does.
CREATE TABLE gone(id TEXT PRIMARY KEY, sentence INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(
    text, content='passages', content_rowid='seq', tokenize='TOKENIZER');
CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
    INSERT INTO words(rowid, text) VALUES (new.seq, new.text);
END;
CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
    INSERT INTO words(words, rowid, text) VALUES ('delete', old.seq, old.text);
END;
CREATE TRIGGER passages_changed AFTER UPDATE OF text ON passages BEGIN
    INSERT INTO words(words, rowid, text) VALUES ('delete', old.seq, old.text);
    INSERT INTO words(rowid, text) VALUES (new.seq, new.text);
END;
""".replace("TOKENIZER", TOKENIZER)
# Answers given before. `thread` is '' for those that rest on the library as a whole.
_ANSWERS = """
CREATE TABLE answers(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, payload TEXT NOT NULL);
CREATE TABLE answers_of(thread TEXT NOT NULL, answer INTEGER NOT NULL, PRIMARY KEY(thread, answer)) WITHOUT ROWID;
CREATE INDEX answers_of_answer ON answers_of(answer);
CREATE TRIGGER answers_removed AFTER DELETE ON answers BEGIN
    DELETE FROM answers_of WHERE answer = old.seq;
END;
CREATE TRIGGER threads_removed AFTER DELETE ON threads BEGIN
    DELETE FROM answers WHERE seq IN (SELECT answer FROM answers_of WHERE thread = old.id);
END;
CREATE TRIGGER threads_changed AFTER UPDATE OF revision ON threads BEGIN
    DELETE FROM answers WHERE seq IN (SELECT answer FROM answers_of WHERE thread = old.id);
END;
CREATE TRIGGER library_changed AFTER UPDATE OF value ON meta WHEN old.key = 'revision' BEGIN
    DELETE FROM answers WHERE seq IN (SELECT answer FROM answers_of WHERE thread = '');
END;
"""
# What makes a file of a schema one of the next; each runs once, in one transaction with the version's step.
_STEPS = {1: "ALTER TABLE threads ADD COLUMN renamed TEXT NOT NULL DEFAULT '';", 2: _ANSWERS, 3: TABLES}


class Store(Database):
    """One SQLite file in WAL mode. Connections are lent to one caller at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        with _said_plainly(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._writable = not only_readable(path)
        with self.reading() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._create()
        elif version > SCHEMA_VERSION:
            raise LibraryError(
                f"The library at {path.parent} was made by a newer version (schema {version}).",
                remedy="Upgrade Commentariat, or choose another folder with COMMENTARIAT_HOME.",
            )
        elif version < SCHEMA_VERSION:
            self._upgrade()

    @property
    def where(self) -> str:
        """Return the library's folder."""
        return str(self.path.parent)

    @property
    def engine(self) -> str:
        """Return SQLite's version."""
        return f"SQLite {sqlite3.sqlite_version}"

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; every `SELECT` sees one moment of the library."""
        with _said_plainly(self.path):
            connection = self._take()
            try:
                yield connection
            finally:
                self._give(connection)

    @contextlib.contextmanager
    def writing(self, wait: float | None = None) -> Iterator[sqlite3.Connection]:
        """Run a transaction: all of it or nothing.

        Raises `LibraryBusy` when another writer holds the file for longer than two seconds, or than `wait`.
        """
        if not self._writable:
            raise read_only(self.path)
        with self.reading() as connection:
            if wait is not None:
                connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
            try:
                connection.execute("BEGIN IMMEDIATE")
            finally:
                if wait is not None:
                    connection.execute(f"PRAGMA busy_timeout = {int(_WAIT * 1000)}")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise

    def among(self, values: Iterable[str]) -> tuple[str, object]:
        """Return a condition that a column is one of some values, and its value."""
        return "IN (SELECT value FROM json_each(?))", json.dumps(list(values))

    def search(self, terms: Sequence[str], k: int, thread_ids: Sequence[str]) -> list[tuple[str, float]]:
        """Return up to k (passage id, BM25 score) for any of the terms, best first."""
        where, values = "", [" OR ".join(map(_phrase, terms))]
        # Scored and cut before anything else is looked up: what is asked for is a few of very many.
        found = "SELECT rowid AS seq, bm25(words) AS score FROM words WHERE words MATCH ? ORDER BY score, seq LIMIT ?"
        if thread_ids:
            where = "AND p.thread IN (SELECT seq FROM threads WHERE id IN (SELECT value FROM json_each(?)))"
            values.append(json.dumps(list(thread_ids)))
            found = (
                "SELECT p.seq, bm25(words) AS score FROM words JOIN passages p ON p.seq = words.rowid"  # noqa: S608
                f" WHERE words MATCH ? {where} ORDER BY score, p.seq LIMIT ?"
            )
        query = f"SELECT p.id, -f.score FROM ({found}) AS f JOIN passages p ON p.seq = f.seq ORDER BY f.score, f.seq"  # noqa: S608
        with self.reading() as connection:
            rows = connection.execute(query, (*values, k)).fetchall()
        return [(str(row[0]), float(row[1])) for row in rows]

    def frequency(self, term: str, most: int) -> int:
        """Return how many passages hold a term, counted no further than `most`."""
        query = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
        with self.reading() as connection:
            return int(connection.execute(query, (_phrase(term), most)).fetchone()[0])

    def lock(self) -> FileLock:
        """Return the lock that keeps adding, re-indexing and reconciling apart: a file beside the library's."""
        return FileLock(self.path.parent / "add.lock")

    def scrub(self) -> None:
        """Make what was deleted unreadable: merge the full-text index, empty the write-ahead log."""
        with self.writing() as connection:
            connection.execute("INSERT INTO words(words) VALUES ('optimize')")
        with self.reading() as connection:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise LibraryBusy(
                f"Another process is reading the library at {self.path.parent}; what was removed is erased later.",
                remedy="Close it, or do nothing: the next start erases it.",
            )

    def check(self) -> list[str]:
        """Return what SQLite's own integrity check complains of; empty when all is well."""
        with self.reading() as connection:
            rows = connection.execute("PRAGMA quick_check(20)").fetchall()
            if self._writable:
                connection.execute("INSERT INTO words(words, rank) VALUES ('integrity-check', 1)")
        return [str(row[0]) for row in rows if row[0] != "ok"]

    def close(self) -> None:
        """Close every idle connection; lent ones close when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _create(self) -> None:
        with self.writing() as connection:
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in _statements(_SCHEMA + _ANSWERS + TABLES):
                    connection.execute(statement)
                facts = [("revision", "0"), ("library", uuid.uuid4().hex), ("authors", "1")]
                connection.executemany("INSERT INTO meta VALUES (?, ?)", facts)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _upgrade(self) -> None:
        """Bring the file of an earlier version up to this one, all steps or none."""
        with self.writing() as connection:
            found = connection.execute("PRAGMA user_version").fetchone()[0]  # another process may have been faster
            for version in range(found, SCHEMA_VERSION):
                for statement in _statements(_STEPS[version]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        connection = connect(self.path, wait=_WAIT, writable=self._writable)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _give(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if self._writable and not self._closed and len(self._idle) < _IDLE:  # else each one sees the file anew
                self._idle.append(connection)
                return
        connection.close()


def _phrase(term: str) -> str:
    return '"' + term.replace('"', '""').replace("\x00", " ") + '"'


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one: `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextlib.contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into ours."""
    try:
        yield
    except OSError as error:
        raise StorageFull(
            f"The library folder {path.parent} cannot be used: {error.strerror or error}.",
            remedy="Free space or mend its permissions, or choose another folder with COMMENTARIAT_HOME.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise _ours(path, error) from error


def _ours(path: Path, error: sqlite3.DatabaseError) -> LibraryError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LibraryBusy(
            f"Another process is writing to the library at {path.parent}.",
            remedy="Wait until it is done and try again.",
        )
    if name.startswith(("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_PERM")):
        return StorageFull(
            f"The library at {path.parent} cannot be written: {error}.",
            remedy="Free space or mend its permissions, or choose another folder with COMMENTARIAT_HOME.",
        )
    return LibraryDamaged(
        f"The catalogue {path} is damaged: {error}.",
        remedy="Restore it with `commentariat restore`, or move it away and add the threads again.",
    )
