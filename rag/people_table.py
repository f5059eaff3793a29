"""Who wrote how much in which thread: found by name over the whole library without reading a thread.

The tables are the same in every database. They are written in the transaction that shows or removes a thread, so
what they count is what readers see.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.thread import Thread
from rag.database import Connection, Database
from rag.names import fold, name_parts

__all__ = ["TABLES", "Census", "PeopleTable", "Writer"]

# `name` is '' for comments without one. A part is a folded name, or a piece of one, as somebody may type it.
TABLES = """
CREATE TABLE authors(
    thread BIGINT NOT NULL, name TEXT NOT NULL, comments INTEGER NOT NULL, PRIMARY KEY(thread, name));
CREATE INDEX authors_by_name ON authors(name, comments);
CREATE TABLE name_parts(part TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY(part, name));
CREATE INDEX name_parts_by_name ON name_parts(name);
"""
_DONE = "authors"  # a fact of libraries whose every thread is in the tables


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who comments: how many visible comments, in how many threads. The same spelling is the same person."""

    name: str
    comments: int
    threads: int


@dataclass(frozen=True, slots=True)
class Census:
    """What a library holds: whole threads, visible comments, people with a name, comments without one."""

    threads: int
    comments: int
    people: int
    unnamed: int


class PeopleTable:
    """Reads and writes the `authors` and `name_parts` tables."""

    def __init__(self, store: Database) -> None:
        self._store = store

    @staticmethod
    def replace_in(connection: Connection, seq: int, thread: Thread | None) -> None:
        """Write who wrote in a thread, inside the transaction that shows it; None: nobody any more."""
        counts = Counter(comment.author or "" for comment in thread.visible) if thread else Counter[str]()
        old = {row[0] for row in connection.execute("SELECT name FROM authors WHERE thread = ?", (seq,))}
        connection.execute("DELETE FROM authors WHERE thread = ?", (seq,))
        rows = [(seq, name, count) for name, count in counts.items()]
        connection.executemany("INSERT INTO authors(thread, name, comments) VALUES (?,?,?)", rows)
        parts = [(part, name) for name in counts.keys() - old if name for part in name_parts(name)]
        connection.executemany(
            "INSERT INTO name_parts(part, name) VALUES (?,?) ON CONFLICT(part, name) DO NOTHING", parts
        )
        connection.executemany(
            "DELETE FROM name_parts WHERE name = ? AND NOT EXISTS"
            " (SELECT 1 FROM authors WHERE authors.name = name_parts.name)",
            [(name,) for name in old - counts.keys()],
        )

    def whole(self) -> bool:
        """Tell whether every thread is in the tables; one of a library from before them may not be."""
        return self._store.meta(_DONE) is not None

    def fill(self, threads: Iterable[tuple[str, Thread | None]]) -> None:
        """Write the people of threads that were stored before these tables were."""
        for thread_id, thread in threads:
            with self._store.writing() as connection:
                row = connection.execute("SELECT seq FROM threads WHERE id = ?", (thread_id,)).fetchone()
                if row:
                    self.replace_in(connection, int(row[0]), thread)
        self._store.set_meta(_DONE, "1")

    def find(self, words: Sequence[str], k: int) -> list[Writer]:
        """Return up to k people whose name, or a part of it, is one of some words, folded; who wrote most first."""
        chosen, values = self._store.among([fold(word) for word in words])
        where = f"WHERE name IN (SELECT name FROM name_parts WHERE part {chosen})"  # noqa: S608 - a placeholder
        return self._writers(where, (values,), "DESC", k)

    def named(self, names: Sequence[str]) -> list[Writer]:
        """Return those of some people, exactly as spelled, who wrote; who wrote most first."""
        chosen, values = self._store.among(names)
        return self._writers(f"WHERE name {chosen}", (values,), "DESC", len(names))

    def ranked(self, k: int, *, most: bool) -> list[Writer]:
        """Return the k people of the whole library who wrote most, or least. Reads a row for each person a thread."""
        return self._writers("WHERE name <> ''", (), "DESC" if most else "ASC", k)

    def parts_like(self, word: str, room: int) -> list[str]:
        """Return the names and their parts that begin with a word's first letter and are about as long."""
        word = fold(word)
        if not word:
            return []
        query = "SELECT DISTINCT part FROM name_parts WHERE part >= ? AND part < ? AND length(part) BETWEEN ? AND ?"
        values = (word[0], chr(ord(word[0]) + 1), len(word) - room, len(word) + room)
        with self._store.reading() as connection:
            return [str(row[0]) for row in connection.execute(query, values)]

    def threads_of(self, names: Sequence[str], k: int) -> list[tuple[str, int]]:
        """Return up to k (thread id, comments) where these people wrote, the most comments first."""
        chosen, values = self._store.among(names)
        query = (
            f"SELECT t.id, sum(a.comments) FROM authors a JOIN threads t ON t.seq = a.thread WHERE a.name {chosen}"  # noqa: S608
            " GROUP BY t.id ORDER BY 2 DESC, t.id LIMIT ?"
        )
        with self._store.reading() as connection:
            return [(str(row[0]), int(row[1])) for row in connection.execute(query, (values, k))]

    def census(self) -> Census:
        """Count the library. Reads a row for each thread, and one for each person a thread."""
        with self._store.reading() as connection:
            totals = "SELECT count(*), coalesce(sum(comments), 0) FROM threads"
            threads, comments = connection.execute(totals).fetchone()
            people = connection.execute("SELECT count(DISTINCT name) FROM authors WHERE name <> ''").fetchone()[0]
            unnamed = connection.execute("SELECT coalesce(sum(comments), 0) FROM authors WHERE name = ''").fetchone()[0]
        return Census(int(threads), int(comments), int(people), int(unnamed))

    def _writers(self, where: str, values: Sequence[object], order: str, k: int) -> list[Writer]:
        query = (
            f"SELECT name, sum(comments) AS total, count(*) FROM authors {where}"  # noqa: S608 - constants
            f" GROUP BY name ORDER BY total {order}, name LIMIT ?"
        )
        with self._store.reading() as connection:
            return [Writer(str(row[0]), int(row[1]), int(row[2])) for row in connection.execute(query, (*values, k))]
