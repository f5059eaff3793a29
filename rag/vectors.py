"""The vectors in the catalogue: the truth that every vector index is filled from.

Stored as 16-bit floats (a cosine differs by less than 0.0002), so that a lost, stale or foreign index is rebuilt
without encoding anything, and a process without an index of its own can still search.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.database import Connection, Database
from rag.passages import VectorText
from rag.ports import Vectors

__all__ = ["VectorRows", "VectorTable"]

_ALL = 1 << 40  # rows: more than there are


@dataclass(frozen=True, slots=True)
class VectorRows:
    """Vectors with their ids and the ids of their threads, in step; `vectors` has shape (n, dimension)."""

    ids: tuple[str, ...]
    threads: tuple[str, ...]
    vectors: Vectors


class VectorTable:
    """Reads and writes the `vectors`, `staged` and `gone` tables; `sentence` chooses the kind of vector."""

    def __init__(self, store: Database) -> None:
        self._store = store

    def missing(self, thread_id: str, texts: Sequence[VectorText]) -> list[VectorText]:
        """Return the texts, one a digest, that have neither a staged vector nor one in the thread's visible state."""
        with self._store.reading() as connection:
            return self.missing_in(connection, thread_id, texts)

    def missing_in(self, connection: Connection, thread_id: str, texts: Sequence[VectorText]) -> list[VectorText]:
        """Do what `missing` does inside a transaction."""
        query = "SELECT digest FROM vectors WHERE thread = (SELECT seq FROM threads WHERE id = ?)"
        known = {row[0] for row in connection.execute(query, (thread_id,))}
        known |= {row[0] for row in connection.execute("SELECT digest FROM staged")}
        return list({text.digest: text for text in texts if text.digest not in known}.values())

    def stage(self, texts: Sequence[VectorText], vectors: Vectors) -> None:
        """Keep vectors of texts whose thread is pending; a killed run goes on from here."""
        rows = [(text.digest, _pack(vector)) for text, vector in zip(texts, vectors, strict=True)]
        with self._store.writing() as connection:
            connection.executemany(
                "INSERT INTO staged VALUES (?, ?) ON CONFLICT(digest) DO UPDATE SET vector = excluded.vector", rows
            )

    def replace_in(self, connection: Connection, thread: int, texts: Iterable[VectorText]) -> None:
        """Give a thread exactly the vectors of these texts, from what it has and what is staged."""
        old = dict(connection.execute("SELECT id, digest FROM vectors WHERE thread = ?", (thread,)).fetchall())
        changed = [text for text in texts if old.pop(text.id, None) != text.digest]
        if changed:
            by_digest = dict(connection.execute("SELECT digest, vector FROM vectors WHERE thread = ?", (thread,)))
            by_digest.update(connection.execute("SELECT digest, vector FROM staged"))
            connection.executemany(
                "INSERT INTO vectors(id, sentence, thread, digest, vector) VALUES (?,?,?,?,?) ON CONFLICT(id)"
                " DO UPDATE SET digest = excluded.digest, vector = excluded.vector, synced = 0",
                [(text.id, int(text.sentence), thread, text.digest, by_digest[text.digest]) for text in changed],
            )
            chosen, values = self._store.among([text.id for text in changed])
            connection.execute(f"DELETE FROM gone WHERE id {chosen}", (values,))  # noqa: S608 - a constant
        if old:
            chosen, values = self._store.among(old)
            ids = f"SELECT id, sentence FROM vectors WHERE id {chosen}"  # noqa: S608 - a constant
            connection.execute(f"INSERT INTO gone {ids} ON CONFLICT(id) DO NOTHING", (values,))
            connection.execute(f"DELETE FROM vectors WHERE id {chosen}", (values,))  # noqa: S608 - a constant

    def count(self, *, sentence: bool, thread_ids: Sequence[str] = ()) -> int:
        """Return how many vectors there are, everywhere or in some threads."""
        where, values = self._within(thread_ids)
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
        where, values = self._within(thread_ids)
        return self._rows(f"WHERE v.sentence = ? {where}", (int(sentence), *values))

    def by_id(self, ids: Sequence[str]) -> VectorRows:
        """Return the vectors of those ids that exist."""
        chosen, values = self._store.among(ids)
        return self._rows(f"WHERE v.id {chosen}", (values,))

    def present(self, ids: Sequence[str]) -> set[str]:
        """Return those of the ids that exist."""
        chosen, values = self._store.among(ids)
        query = f"SELECT id FROM vectors WHERE id {chosen}"  # noqa: S608 - a constant
        with self._store.reading() as connection:
            return {row[0] for row in connection.execute(query, (values,))}

    def waiting(self, *, sentence: bool) -> tuple[int, int]:
        """Return how many vectors the index lacks, and how many it may hold too many."""
        with self._store.reading() as connection:
            return (
                connection.execute(
                    "SELECT count(*) FROM vectors WHERE synced = 0 AND sentence = ?", (int(sentence),)
                ).fetchone()[0],
                connection.execute("SELECT count(*) FROM gone WHERE sentence = ?", (int(sentence),)).fetchone()[0],
            )

    def unsynced(self, *, sentence: bool, limit: int | None = None) -> VectorRows:
        """Return vectors that the index lacks, all of them or so many."""
        return self._rows(
            "WHERE v.synced = 0 AND v.sentence = ? LIMIT ?", (int(sentence), _ALL if limit is None else limit)
        )

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

    def mark_synced(self, rows: VectorRows, index: tuple[str, str]) -> bool:
        """Note that the index holds these vectors, unless they changed meanwhile.

        `index` is the fact that names the library's index. False, and nothing is noted, where another took its place.
        """
        values = [(row_id, _pack(vector)) for row_id, vector in zip(rows.ids, rows.vectors, strict=True)]
        with self._store.writing() as connection:
            if connection.execute("SELECT 1 FROM meta WHERE key = ? AND value = ?", index).fetchone() is None:
                return False
            connection.executemany("UPDATE vectors SET synced = 1 WHERE id = ? AND vector = ?", values)
        return True

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

    def _within(self, thread_ids: Sequence[str]) -> tuple[str, tuple[object, ...]]:
        if not thread_ids:
            return "", ()
        chosen, values = self._store.among(thread_ids)
        return f"AND thread IN (SELECT seq FROM threads WHERE id {chosen})", (values,)  # noqa: S608 - a constant

    def _rows(self, where: str, values: Sequence[object]) -> VectorRows:
        query = f"SELECT v.id, t.id, v.vector FROM vectors v JOIN threads t ON t.seq = v.thread {where}"  # noqa: S608 - constants
        with self._store.reading() as connection:
            rows = connection.execute(query, tuple(values)).fetchall()
        if not rows:
            return VectorRows((), (), np.zeros((0, 0), dtype=np.float32))
        matrix = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.float16)
        vectors = matrix.reshape(len(rows), -1).astype(np.float32)
        return VectorRows(tuple(row[0] for row in rows), tuple(row[1] for row in rows), vectors)


def _pack(vector: Vectors) -> bytes:
    return vector.astype(np.float16).tobytes()
