"""What the catalogue asks of a database: connections, transactions, full text. SQLite and PostgreSQL keep it.

The catalogue's SQL is one for both; `?` stands for a value. What they spell differently is a method here.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from rag.locks import Lock

__all__ = ["Connection", "Database", "Rows", "note"]


class Rows(Protocol):
    """What a statement found."""

    @property
    def rowcount(self) -> int:
        """Return how many rows the statement changed."""
        ...

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection lent by `Database.reading` or `writing`."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> Rows:
        """Run one statement."""
        ...

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> object:
        """Run a statement once for each row of values."""
        ...


class Database(ABC):
    """A library's tables. Any number of readers in any number of processes, one writer at a time.

    Safe to share between threads. Everything raises `LibraryError`s alone.
    """

    text_columns: Sequence[str] = ()
    """Columns of a passage that the full text is searched by, where the database does not fill them itself."""

    snapshot_opening = "BEGIN"
    """What begins a transaction that reads one moment."""

    @property
    @abstractmethod
    def where(self) -> str:
        """Return where the library is, as a person may be told: never with a password."""

    @property
    @abstractmethod
    def engine(self) -> str:
        """Return the database's name and version."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """Lend a connection; every `SELECT` sees one moment of the library."""

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Lend a connection whose every `SELECT` sees the same moment of the library."""
        with self.reading() as connection:
            connection.execute(self.snapshot_opening)
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @abstractmethod
    def writing(self, wait: float | None = None) -> AbstractContextManager[Connection]:
        """Run a transaction: all of it or nothing.

        Raises `LibraryBusy` when another writer is at work for longer than two seconds, or than `wait`.
        """

    @abstractmethod
    def among(self, values: Iterable[str]) -> tuple[str, object]:
        """Return a condition, to be put after a column's name, that it is one of some values, and its value."""

    @abstractmethod
    def search(self, terms: Sequence[str], k: int, thread_ids: Sequence[str]) -> list[tuple[str, float]]:
        """Return up to k (passage id, BM25 score) for any of the terms, best first."""

    @abstractmethod
    def frequency(self, term: str, most: int) -> int:
        """Return how many passages hold a term, counted no further than `most`."""

    def text_values(self, texts: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the values of `text_columns` for some passages' texts."""
        return [()] * len(texts)

    @abstractmethod
    def lock(self) -> Lock:
        """Return the lock that keeps adding, re-indexing and reconciling apart; shared by all who only add."""

    def index_lock(self) -> Lock | None:
        """Return the lock that whoever keeps a vector index of his own must hold; None where the folder's suffices."""
        return None

    @abstractmethod
    def scrub(self) -> None:
        """Make what was deleted unreadable, as far as the database lets."""

    @abstractmethod
    def check(self) -> list[str]:
        """Return what the database's own integrity check complains of; empty when all is well."""

    @abstractmethod
    def close(self) -> None:
        """Close every idle connection; lent ones close when they come back."""

    @staticmethod
    def bump(connection: Connection) -> int:
        """Raise the library's revision inside a transaction and return it: every process sees that it changed."""
        raised = "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'revision'"
        return int(connection.execute(f"{raised} RETURNING value").fetchone()[0])

    def meta(self, key: str) -> str | None:
        """Return a stored fact about the library, or None."""
        with self.reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Store a fact about the library."""
        with self.writing() as connection:
            note(connection, key, value)


def note(connection: Connection, key: str, value: str) -> None:
    """Store a fact about the library inside a transaction."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", (key, value)
    )
