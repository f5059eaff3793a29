"""Carry a catalogue over from one database to another: SQLite to PostgreSQL, and back.

Threads, renamed titles, what is half done, passages, vectors and people go along, so nothing is encoded again.
Answers given before stay behind, and the full text is made anew by whoever keeps it.
"""

from collections.abc import Iterable, Iterator, Sequence

from rag.catalogue import StoredCatalogue
from rag.database import Connection, note

__all__ = ["carry"]

_BATCH = 1_000  # rows written at once
_STAYS = ("revision", "library", "unscrubbed", "index-passages", "index-sentences")  # not of the content
_THREAD = (
    "id", "title", "source", "origin", "comments", "people", "revision", "added_at", "updated_at", "body", "renamed",
)  # fmt: skip
_PASSAGE = ("id", "place", "comment_id", "start", "stop", "sentences", "header", "text")
_VECTOR = ("id", "sentence", "digest", "vector")
_WHOLE = {  # tables that no other one refers to
    "pending": ("id", "title", "source", "origin", "comments", "people", "saved_at", "body", "passages"),
    "staged": ("digest", "vector"),
    "name_parts": ("part", "name"),
}
_EMPTIED = ("answers", "authors", "vectors", "gone", "passages", "threads", *_WHOLE)


def carry(source: StoredCatalogue, target: StoredCatalogue) -> int:
    """Put the content of one catalogue, as of one moment, in the place of another's; return how many threads it has.

    All of it or nothing; whoever uses the target sees the new content at the next look. Raises `LibraryError`s.
    """
    with source.store.snapshot() as old, target.store.writing() as new:
        for table in _EMPTIED:
            new.execute(f"DELETE FROM {table}")  # noqa: S608 - constants here and below
        new.execute("DELETE FROM meta WHERE key NOT IN ('revision', 'library')")
        for key, value in old.execute("SELECT key, value FROM meta").fetchall():
            if key not in _STAYS:
                note(new, key, value)
        for table, columns in _WHOLE.items():
            _write(new, table, columns, old.execute(f"SELECT {', '.join(columns)} FROM {table}"))  # noqa: S608
        order = [int(row[0]) for row in old.execute("SELECT seq FROM threads ORDER BY seq")]
        for seq in order:
            _carry_thread(old, new, target, seq)
        target.renew_in(new)
        note(new, "unscrubbed", "1")
    target.scrub_soon()
    return len(order)


def _carry_thread(old: Connection, new: Connection, target: StoredCatalogue, seq: int) -> None:
    """Write a thread and all that belongs to it; its number may be another one in the target."""
    row = old.execute(f"SELECT {', '.join(_THREAD)} FROM threads WHERE seq = ?", (seq,)).fetchone()  # noqa: S608
    marks = ",".join("?" * len(_THREAD))
    insert = f"INSERT INTO threads({', '.join(_THREAD)}) VALUES ({marks}) RETURNING seq"  # noqa: S608
    thread = int(new.execute(insert, tuple(row)).fetchone()[0])
    passages = f"SELECT {', '.join(_PASSAGE)} FROM passages WHERE thread = ? ORDER BY seq"  # noqa: S608
    words = target.store.text_columns
    for part in _parts(old.execute(passages, (seq,))):
        more = target.store.text_values([str(found[-1]) for found in part])
        rows = [(thread, *found, *values) for found, values in zip(part, more, strict=True)]
        _write(new, "passages", ("thread", *_PASSAGE, *words), rows)
    vectors = f"SELECT {', '.join(_VECTOR)} FROM vectors WHERE thread = ? ORDER BY seq"  # noqa: S608
    _write(new, "vectors", ("thread", *_VECTOR), ((thread, *found) for found in old.execute(vectors, (seq,))))
    people = old.execute("SELECT name, comments FROM authors WHERE thread = ?", (seq,))
    _write(new, "authors", ("thread", "name", "comments"), ((thread, *found) for found in people))


def _write(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    marks = ",".join("?" * len(columns))
    insert = f"INSERT INTO {table}({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    for part in _parts(rows):
        connection.executemany(insert, part)


def _parts(rows: Iterable[Sequence[object]]) -> Iterator[list[tuple[object, ...]]]:
    part: list[tuple[object, ...]] = []
    for row in rows:
        part.append(tuple(row))
        if len(part) == _BATCH:
            yield part
            part = []
    if part:
        yield part
