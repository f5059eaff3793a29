"""Answers given before, in the library's own file: found by key, erased with anything that they rest on.

Erasing is the database's work, in the transaction that removes or changes a thread, whoever makes it: the triggers
stand in the schema (rag/store.py).
"""

from collections.abc import Mapping

from rag.database import Database

__all__ = ["MOST_ANSWERS", "MOST_BYTES", "AnswerTable"]

MOST_ANSWERS = 1_000
MOST_BYTES = 16_000_000  # of all answers together, as they are stored
_WAIT = 0.05  # seconds that an answer waits to be kept; nobody should wait for a convenience


class AnswerTable:
    """The `AnswerStore` of a library in a database."""

    def __init__(self, store: Database) -> None:
        self._store = store

    def recall(self, key: str) -> str | None:
        """Return what was stored under a key, or None."""
        with self._store.reading() as connection:
            row = connection.execute("SELECT payload FROM answers WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def remember(self, key: str, revisions: Mapping[str, int], payload: str) -> bool:
        """Store an answer that rests on threads as they were at these revisions; tell whether they still are.

        The id "" stands for the library as a whole and its revision. The oldest answers go where there are too many.
        """
        size = len(payload.encode("utf-8", "surrogatepass"))
        if size > MOST_BYTES // 16:
            return False
        with self._store.writing(wait=_WAIT) as connection:
            for thread_id, revision in revisions.items():
                row = (
                    connection.execute("SELECT revision FROM threads WHERE id = ?", (thread_id,)).fetchone()
                    if thread_id
                    else connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
                )
                if row is None or int(row[0]) != revision:
                    return False
            connection.execute("DELETE FROM answers WHERE key = ?", (key,))
            seq = connection.execute(
                "INSERT INTO answers(key, size, payload) VALUES (?,?,?) RETURNING seq", (key, size, payload)
            ).fetchone()[0]
            connection.executemany(
                "INSERT INTO answers_of VALUES (?, ?)", [(thread_id, seq) for thread_id in revisions]
            )
            connection.execute(
                "DELETE FROM answers WHERE seq IN (SELECT seq FROM (SELECT seq, row_number() OVER newest AS place,"
                " sum(size) OVER newest AS bytes FROM answers WINDOW newest AS (ORDER BY seq DESC)) AS ranked"
                " WHERE place > ? OR bytes > ?)",
                (MOST_ANSWERS, MOST_BYTES),
            )
        return True
