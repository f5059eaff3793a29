"""The vectors in the catalogue: the truth that every vector index is filled from.

Stored as 16-bit floats (a cosine differs by less than 0.0002), so that a lost, stale or foreign index is rebuilt
without encoding anything, and a process without an index of its own can still search.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.passages import VectorText
from rag.ports import Vectors
from rag.store import Store

__all__ = ["VectorRows", "VectorTable"]


@dataclass(frozen=True, slots=True)
class VectorRows:
    """Vectors with their ids and the ids of their threads, in step; `vectors` has shape (n, dimension)."""

    ids: tuple[str, ...]
    threads: tuple[str, ...]
    vectors: Vectors


class VectorTable:
    """Reads and writes the `vectors`, `staged` and `gone` tables; `sentence` chooses the kind of vector."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def missing(self, thread_id: str, texts: Sequence[VectorText]) -> list[VectorText]:
        """Return the texts, one a digest, that have neither a staged vector nor one in the thread's visible state."""
        with self._store.reading() as connection:
            return self.missing_in(connection, thread_id, texts)

    def missing_in(
        self, connection: sqlite3.Connection, thread_id: str, texts: Sequence[VectorText]
    ) -> list[VectorText]:
        """Do what `missing` does inside a transaction."""
        query = "SELECT digest FROM vectors WHERE thread = (SELECT seq FROM threads WHERE id = ?)"
        known = {row[0] for row in connection.execute(query, (thread_id,))}
        known |= {row[0] for row in connection.execute("SELECT digest FROM staged")}
        return list({text.digest: text for text in texts if text.digest not in known}.values())

    def stage(self, texts: Sequence[VectorText], vectors: Vectors) -> None:
        """Keep vectors of texts whose thread is pending; a killed run goes on from here."""
        rows = [(text.digest, _pack(vector)) for text, vector in zip(texts, vectors, strict=True)]
        with self._store.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO staged VALUES (?, ?)", rows)

    def replace_in(self, connection: sqlite3.Connection, thread: int, texts: Iterable[VectorText]) -> None:
        """Give a thread exactly the vectors of these texts, from what it has and what is staged."""
        query = "SELECT id, digest, vector FROM vectors WHERE thread = ?"
        old = {row[0]: row[1] for row in connection.execute(query, (thread,))}
        by_digest: dict[bytes, bytes] | None = None
        for text in texts:
            digest = text.digest
            if old.pop(text.id, None) == digest:
                continue
            if by_digest is None:
                by_digest = {row[1]: row[2] for row in connection.execute(query, (thread,))}
                by_digest.update(connection.execute("SELECT digest, vector FROM staged"))
            connection.execute(
                "INSERT INTO vectors(id, sentence, thread, digest, vector) VALUES (?,?,?,?,?) ON CONFLICT(id)"
                " DO UPDATE SET digest = excluded.digest, vector = excluded.vector, synced = 0",
                (text.id, int(text.sentence), thread, digest, by_digest[digest]),
            )
            connection.execute("DELETE FROM gone WHERE id = ?", (text.id,))
        gone = [(vector_id,) for vector_id in old]
        connection.executemany(
            "INSERT OR REPLACE INTO gone SELECT id, sentence FROM vectors WHERE id = ?",
            gone,
        )
        connection.executemany("DELETE FROM vectors WHERE id = ?", gone)

    def count(self, *, sentence: bool, thread_ids: Sequence[str] = ()) -> int:
        """Return how many vectors there are, everywhere or in some threads."""
        where, values = _within(thread_ids)
        with self._store.reading() as connection:
            query = f"SELECT count(*) FROM vectors WHERE sentence = ? {where}"  # noqa: S608 - constants
            return int(connection.execute(query, (int(sentence), *values)).fetchone()[0])

    def lacking(self) -> int:
        """Return how many passages have no vector; 0 in a sound library."""
        query = "SELECT count(*) FROM passages p WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.id = p.id)"
        with self._store.reading() as connection:
            return int(connection.execute(query).fetchone()[0])

    def ids(self, *, sentence: bool) -> set[str]:
        """Return every id."""
        with self._store.reading() as connection:
            return {row[0] for row in connection.execute("SELECT id FROM vectors WHERE sentence = ?", (int(sentence),))}

    def of_threads(self, thread_ids: Sequence[str], *, sentence: bool) -> VectorRows:
        """Return every vector of some threads."""
        where, values = _within(thread_ids)
        return self._rows(f"WHERE v.sentence = ? {where}", (int(sentence), *values))

    def by_id(self, ids: Sequence[str]) -> VectorRows:
        """Return the vectors of those ids that exist."""
        return self._rows("WHERE v.id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))

    def present(self, ids: Sequence[str]) -> set[str]:
        """Return those of the ids that exist."""
        query = "SELECT id FROM vectors WHERE id IN (SELECT value FROM json_each(?))"
        with self._store.reading() as connection:
            return {row[0] for row in connection.execute(query, (json.dumps(list(ids)),))}

    def waiting(self, *, sentence: bool) -> tuple[int, int]:
        """Return how many vectors the index lacks, and how many it may hold too many."""
        with self._store.reading() as connection:
            return (
                connection.execute(
                    "SELECT count(*) FROM vectors WHERE synced = 0 AND sentence = ?", (int(sentence),)
                ).fetchone()[0],
                connection.execute("SELECT count(*) FROM gone WHERE sentence = ?", (int(sentence),)).fetchone()[0],
            )

    def unsynced(self, *, sentence: bool, limit: int) -> VectorRows:
        """Return vectors that the index lacks."""
        return self._rows("WHERE v.synced = 0 AND v.sentence = ? LIMIT ?", (int(sentence), limit))

    def sample(self, *, sentence: bool) -> VectorRows:
        """Return a few vectors that the index should hold, from the oldest to the newest."""
        query = "SELECT min(seq), max(seq) FROM vectors WHERE sentence = ? AND synced = 1"
        with self._store.reading() as connection:
            first, last = connection.execute(query, (int(sentence),)).fetchone()
            if first is None:
                return self.by_id(())
            places = sorted({first + (last - first) * step // 4 for step in range(5)})
            near = "SELECT id FROM vectors WHERE seq >= ? AND sentence = ? AND synced = 1 ORDER BY seq LIMIT 1"
            ids = [connection.execute(near, (place, int(sentence))).fetchone()[0] for place in places]
        return self.by_id(ids)

    def mark_synced(self, rows: VectorRows) -> None:
        """Note that the index holds these vectors, unless they changed meanwhile."""
        values = [(row_id, _pack(vector)) for row_id, vector in zip(rows.ids, rows.vectors, strict=True)]
        with self._store.writing() as connection:
            connection.executemany("UPDATE vectors SET synced = 1 WHERE id = ? AND vector = ?", values)

    def gone(self, *, sentence: bool, limit: int) -> list[str]:
        """Return ids that the index may still hold and the library does not."""
        query = "SELECT id FROM gone WHERE sentence = ? LIMIT ?"
        with self._store.reading() as connection:
            return [row[0] for row in connection.execute(query, (int(sentence), limit))]

    def forget_gone(self, ids: Sequence[str]) -> None:
        """Note that the index no longer holds these ids; one that came back meanwhile is to be written again."""
        with self._store.writing() as connection:
            connection.executemany("UPDATE vectors SET synced = 0 WHERE id = ?", [(gone,) for gone in ids])
            connection.executemany("DELETE FROM gone WHERE id = ?", [(gone,) for gone in ids])

    def unsync_all(self, *, sentence: bool) -> None:
        """Note that the index is empty: it is new, or another one."""
        with self._store.writing() as connection:
            connection.execute("UPDATE vectors SET synced = 0 WHERE sentence = ? AND synced = 1", (int(sentence),))
            connection.execute("DELETE FROM gone WHERE sentence = ?", (int(sentence),))

    def _rows(self, where: str, values: Sequence[object]) -> VectorRows:
        query = f"SELECT v.id, t.id, v.vector FROM vectors v JOIN threads t ON t.seq = v.thread {where}"  # noqa: S608 - constants
        with self._store.reading() as connection:
            rows = connection.execute(query, tuple(values)).fetchall()
        if not rows:
            return VectorRows((), (), np.zeros((0, 0), dtype=np.float32))
        matrix = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.float16)
        vectors = matrix.reshape(len(rows), -1).astype(np.float32)
        return VectorRows(tuple(row[0] for row in rows), tuple(row[1] for row in rows), vectors)


def _within(thread_ids: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    if not thread_ids:
        return "", ()
    query = "AND thread IN (SELECT seq FROM threads WHERE id IN (SELECT value FROM json_each(?)))"
    return query, (json.dumps(list(thread_ids)),)


def _pack(vector: Vectors) -> bytes:
    return vector.astype(np.float16).tobytes()
