"""The catalogue in a database: threads, passages and full text, the system of record.

The next state of a thread is written as *pending* beside the one that readers see, and replaces it in one
transaction once its vectors are there. So a reader finds a thread whole or not at all, whenever the writer is killed.
"""

import contextlib
import json
import threading
import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from ingest.dump import from_json, to_json
from ingest.errors import LibraryBusy, LibraryDamaged, MalformedSource
from ingest.thread import Span, Thread
from rag.answer_table import AnswerTable
from rag.database import Connection, Database, note
from rag.evidence import Passage
from rag.kept import Kept
from rag.passages import vector_texts
from rag.people_table import PeopleTable
from rag.ports import PassageState, ThreadRow
from rag.store import Store
from rag.vectors import VectorTable

__all__ = ["FILE_NAME", "SqliteCatalogue", "StoredCatalogue"]

FILE_NAME = "catalogue.sqlite3"
_UNSCRUBBED = "unscrubbed"  # the fact that something removed may still be readable in the files
_KEPT = 100_000  # comments of decoded threads kept in memory
_KEPT_PASSAGES = 100_000
_COLUMNS = ("id", "place", "comment_id", "start", "stop", "sentences", "header", "text")  # what may change, text last
_PASSAGE = """p.id, t.id, p.comment_id, p.start, p.stop, p.text, p.header, p.sentences
    FROM passages p JOIN threads t ON t.seq = p.thread"""


class StoredCatalogue:
    """A catalogue in a database; safe to share between threads, and between processes."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.vectors = VectorTable(self.store)
        self.answers = AnswerTable(self.store)
        self.people = PeopleTable(self.store)
        self.kept: Kept[str, tuple[int, Thread]] = Kept(_KEPT)
        self._kept_passages: Kept[str, tuple[int, tuple[Passage, ...]]] = Kept(_KEPT_PASSAGES)
        self._rows: tuple[int, list[ThreadRow]] = (-1, [])
        self._lock = threading.Lock()

    def threads(self, *, pending: bool = False) -> list[ThreadRow]:
        """List the whole threads, oldest first; with `pending` also those that were never whole yet.

        The whole ones are read once a revision: every question looks at the list.
        """
        revision = self.revision()  # read first: a change in between is seen the next time
        with self._lock:
            seen, found = self._rows
        if seen == revision and not pending:
            return list(found)
        with self.store.reading() as connection:
            rows = connection.execute(
                "SELECT id, CASE renamed WHEN '' THEN title ELSE renamed END, source, origin, comments, people,"
                " revision, added_at, updated_at FROM threads ORDER BY seq"
            ).fetchall()
            waiting = connection.execute(
                "SELECT id, title, source, origin, comments, people, 0, saved_at, saved_at FROM pending"
                " WHERE id NOT IN (SELECT id FROM threads) ORDER BY saved_at"
            ).fetchall()
        found = [_thread_row(row, indexed=True) for row in rows]
        with self._lock:
            self._rows = (revision, found)
        return found + [_thread_row(row, indexed=False) for row in waiting] if pending else list(found)

    def thread(self, thread_id: str) -> Thread | None:
        """Return a stored thread, or None."""
        with self.store.reading() as connection:
            row = connection.execute("SELECT revision FROM threads WHERE id = ?", (thread_id,)).fetchone()
            if row is None:
                return None
            kept = self.kept.get(thread_id)
            if kept and kept[0] == row[0]:
                return kept[1]
            row = connection.execute("SELECT revision, body FROM threads WHERE id = ?", (thread_id,)).fetchone()
        if row is None:
            return None
        thread = _unpack_thread(row[1], thread_id)
        self.kept.keep(thread_id, (int(row[0]), thread), len(thread.comments))
        return thread

    def passages(self, thread_id: str) -> list[Passage]:
        """Return a thread's passages in document order."""
        with self.store.reading() as connection:
            row = connection.execute("SELECT revision FROM threads WHERE id = ?", (thread_id,)).fetchone()
            kept = self._kept_passages.get(thread_id)
            if row is None or (kept and kept[0] == row[0]):
                return list(kept[1]) if row and kept else []
            query = f"SELECT t.revision, {_PASSAGE} WHERE t.id = ? ORDER BY p.place"
            rows = connection.execute(query, (thread_id,)).fetchall()
        found = _passages([row[1:] for row in rows])
        if rows:
            self._kept_passages.keep(thread_id, (int(rows[0][0]), tuple(found)), len(found))
        return found

    def passages_by_id(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return those of the ids that exist and whose thread is whole."""
        chosen, values = self.store.among(ids)
        with self.store.reading() as connection:
            rows = connection.execute(f"SELECT {_PASSAGE} WHERE p.id {chosen}", (values,)).fetchall()
        return {passage.id: passage for passage in _passages(rows)}

    def threads_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the thread's id of each of those passages that exist and whose thread is whole."""
        chosen, values = self.store.among(ids)
        query = f"SELECT p.id, t.id FROM passages p JOIN threads t ON t.seq = p.thread WHERE p.id {chosen}"  # noqa: S608
        with self.store.reading() as connection:
            return dict(connection.execute(query, (values,)).fetchall())

    def search(self, terms: Sequence[str], k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Return up to k (passage id, BM25 score, higher is better) for any of the terms, best first."""
        terms = [term for term in terms if term.strip()]
        return self.store.search(terms, k, thread_ids) if terms and k > 0 else []

    def frequency(self, term: str, most: int) -> int:
        """Return how many passages of the library hold a term, counted no further than `most`."""
        return self.store.frequency(term, most) if term.strip() and most > 0 else 0

    def revision(self) -> int:
        """Return a number that grows with every change any process makes to the library."""
        return int(self.store.meta("revision") or 0)

    def states(self, thread_id: str) -> list[PassageState]:
        """Return the embedding state of a thread's passages, in document order."""
        with self.store.reading() as connection:
            rows = connection.execute(
                "SELECT p.id, v.digest FROM passages p JOIN threads t ON t.seq = p.thread"
                " LEFT JOIN vectors v ON v.id = p.id WHERE t.id = ? ORDER BY p.place",
                (thread_id,),
            ).fetchall()
        return [PassageState(row[0], row[1].hex() if row[1] else "", row[1] is not None) for row in rows]

    def save_pending(self, thread: Thread, passages: Sequence[Passage]) -> None:
        """Write a thread and its passages in one transaction, beside the state that readers see."""
        people = len({comment.author for comment in thread.visible if comment.author})
        row = (thread.id, thread.title, thread.source, thread.origin, len(thread.visible), people, _now())
        bodies = (_pack(to_json(thread)), _pack([_flat(passage) for passage in passages]))
        with self.store.writing() as connection:
            connection.execute("DELETE FROM pending WHERE id = ?", (thread.id,))
            connection.execute("INSERT INTO pending VALUES (?,?,?,?,?,?,?,?,?)", (*row, *bodies))

    def pending(self) -> list[str]:
        """Return the ids of the threads whose next state waits for its vectors."""
        with self.store.reading() as connection:
            return [str(row[0]) for row in connection.execute("SELECT id FROM pending ORDER BY saved_at")]

    def pending_passages(self, thread_id: str) -> list[Passage]:
        """Return the passages of a thread's next state; empty where nothing is pending."""
        with self.store.reading() as connection:
            row = connection.execute("SELECT passages FROM pending WHERE id = ?", (thread_id,)).fetchone()
        return _unpack_passages(row[0], thread_id) if row else []

    def drop_pending(self, thread_id: str) -> None:
        """Forget a thread's next state; the one that readers see stays."""
        with self.store.writing() as connection:
            connection.execute("DELETE FROM pending WHERE id = ?", (thread_id,))

    def mark_indexed(self, thread_id: str) -> bool:
        """Make the next state of a thread the one that readers see, with the vectors staged for it.

        Nothing happens, and False is returned, where nothing is pending or a vector is missing.
        """
        with self.store.writing() as connection:
            row = connection.execute(
                "SELECT title, source, origin, comments, people, body, passages FROM pending WHERE id = ?", (thread_id,)
            ).fetchone()
            if row is None:
                return False
            passages = _unpack_passages(row[6], thread_id)
            texts = [text for passage in passages for text in vector_texts(passage)]
            if self.vectors.missing_in(connection, thread_id, texts):
                return False
            revision = self.store.bump(connection)
            seq = connection.execute(
                "INSERT INTO threads(id, title, source, origin, comments, people, revision, added_at, updated_at, body)"
                " VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET title = excluded.title,"
                " source = excluded.source, origin = excluded.origin, comments = excluded.comments,"
                " people = excluded.people, revision = excluded.revision, updated_at = excluded.updated_at,"
                " body = excluded.body RETURNING seq",
                (thread_id, *row[:5], revision, _now(), _now(), row[5]),
            ).fetchone()[0]
            self._replace_passages(connection, seq, passages)
            self.vectors.replace_in(connection, seq, texts)
            self.people.replace_in(connection, seq, _unpack_thread(row[5], thread_id))
            connection.execute("DELETE FROM pending WHERE id = ?", (thread_id,))
            connection.execute("DELETE FROM staged WHERE NOT EXISTS (SELECT 1 FROM pending)")
        return True

    def remove(self, thread_id: str) -> bool:
        """Erase a thread with its text, full text, vectors and answers; tell whether it was there."""
        with self.store.writing() as connection:
            waiting = connection.execute("DELETE FROM pending WHERE id = ?", (thread_id,)).rowcount
            row = connection.execute("SELECT seq FROM threads WHERE id = ?", (thread_id,)).fetchone()
            if row:
                self.vectors.replace_in(connection, row[0], ())
                self.people.replace_in(connection, row[0], None)
                connection.execute("DELETE FROM passages WHERE thread = ?", row)
                connection.execute("DELETE FROM threads WHERE seq = ?", row)
                self.store.bump(connection)
            connection.execute("DELETE FROM staged WHERE NOT EXISTS (SELECT 1 FROM pending)")
            if row or waiting:
                note(connection, _UNSCRUBBED, "1")
        self.kept.drop(thread_id)
        self._kept_passages.drop(thread_id)
        if not row and not waiting:
            return False
        self.scrub_soon()
        return True

    def scrub_soon(self) -> None:
        """Make what was removed unreadable now, if nobody is in the way: it is noted, and the next start does it."""
        with contextlib.suppress(LibraryBusy):
            self.scrub()

    def scrub(self) -> None:
        """Make what was removed unreadable, if that is still to be done: a run may have been killed before it was."""
        if self.store.meta(_UNSCRUBBED) is None:
            return
        self.store.scrub()
        with self.store.writing() as connection:
            connection.execute("DELETE FROM meta WHERE key = ?", (_UNSCRUBBED,))

    def rename(self, thread_id: str, title: str) -> bool:
        """Show a thread under another title from now on, whatever it is read as later; an empty one gives it its own.

        Tell whether the thread was there.
        """
        with self.store.writing() as connection:
            query = "UPDATE threads SET renamed = ? WHERE id = ?"
            found = connection.execute(query, (title, thread_id)).rowcount > 0
            if found:
                self.store.bump(connection)
        return found

    def change_encoder(self, name: str) -> None:
        """Note whose vectors the library holds from now on; those of another encoder are thrown away.

        The threads must be pending by then, so that a killed run goes on encoding them.
        """
        with self.store.writing() as connection:
            known = connection.execute("SELECT value FROM meta WHERE key = 'encoder'").fetchone()
            if known and known[0] != name:
                connection.execute(
                    "INSERT INTO gone SELECT id, sentence FROM vectors WHERE true ON CONFLICT(id) DO NOTHING"
                )
                connection.execute("DELETE FROM vectors")
                connection.execute("DELETE FROM staged")
            note(connection, "encoder", name)
            self.store.bump(connection)

    def renew(self, after: int = 0) -> None:
        """Take the content as another one than any seen before: after a restore no cache and no index may trust it.

        `after` is the revision of the library whose place it takes, whatever the clock says.
        """
        with self.store.writing() as connection:
            self.renew_in(connection, after)

    def renew_in(self, connection: Connection, after: int = 0) -> None:
        """Do what `renew` does inside a transaction."""
        clock = int(datetime.now(UTC).timestamp())  # beyond any count of changes that others have seen
        note(connection, "revision", str(max(self.store.bump(connection), clock, after + 1)))
        connection.execute("UPDATE threads SET revision = ?", (self.store.bump(connection),))
        connection.execute("UPDATE vectors SET synced = 0 WHERE synced <> 0")
        connection.execute("DELETE FROM gone")
        connection.execute("DELETE FROM meta WHERE key LIKE 'index-%'")

    def close(self) -> None:
        """Release the file or connections."""
        self.store.close()

    def _replace_passages(self, connection: Connection, thread: int, passages: Iterable[Passage]) -> None:
        """Write a thread's passages, touching the rows that differ."""
        query = f"SELECT {', '.join(_COLUMNS)} FROM passages WHERE thread = ?"  # noqa: S608 - constants
        old = {row[0]: tuple(row) for row in connection.execute(query, (thread,))}
        new, moved, changed = [], [], []
        for place, passage in enumerate(passages):
            span = (passage.comment_id, passage.start, passage.end, json.dumps(passage.sentences))
            row = (passage.id, place, *span, _header(passage), passage.text)
            before = old.pop(passage.id, None)
            if before is None:
                new.append(row)
            elif before[-1] != row[-1]:
                changed.append(row)
            elif before != row:
                moved.append(row)
        columns = (*_COLUMNS, *self.store.text_columns)
        marks = ",".join("?" * (1 + len(columns)))
        words = self.store.text_values([row[-1] for row in new])
        connection.executemany(
            f"INSERT INTO passages(thread, {', '.join(columns)}) VALUES ({marks})",  # noqa: S608 - constants
            [(thread, *row, *more) for row, more in zip(new, words, strict=True)],
        )
        words = self.store.text_values([row[-1] for row in changed])
        connection.executemany(
            _updating(columns), [(*row[1:], *more, row[0]) for row, more in zip(changed, words, strict=True)]
        )
        connection.executemany(_updating(_COLUMNS[:-1]), [(*row[1:-1], row[0]) for row in moved])
        connection.executemany("DELETE FROM passages WHERE id = ?", [(passage_id,) for passage_id in old])


class SqliteCatalogue(StoredCatalogue):
    """A catalogue in one file."""

    def __init__(self, path: Path) -> None:
        super().__init__(Store(path))


def _updating(columns: Sequence[str]) -> str:
    assigned = ", ".join(f"{column} = ?" for column in columns[1:])
    return f"UPDATE passages SET {assigned} WHERE id = ?"  # noqa: S608 - constants


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _pack(data: object) -> bytes:
    return zlib.compress(
        json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"), 3
    )


def _unpack(data: bytes, thread_id: str) -> Any:
    try:
        return json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))
    except (zlib.error, ValueError) as error:
        raise _damaged(thread_id, error) from error


def _unpack_thread(data: bytes, thread_id: str) -> Thread:
    try:
        return from_json(_unpack(data, thread_id))
    except MalformedSource as error:
        raise _damaged(thread_id, error) from error


def _damaged(thread_id: str, error: Exception) -> LibraryDamaged:
    return LibraryDamaged(
        f"The stored thread {thread_id!r} is damaged: {error}.",
        remedy="Remove it and add it again, or restore a backup with `commentariat restore`.",
    )


def _thread_row(row: Sequence[Any], *, indexed: bool) -> ThreadRow:
    thread_id, title, source, origin, comments, people, revision, added_at, updated_at = row
    return ThreadRow(thread_id, title, source, origin, comments, people, revision, indexed, added_at, updated_at)


def _flat(passage: Passage) -> list[object]:
    place = [passage.id, passage.comment_id, passage.start, passage.end]
    return [*place, passage.text, passage.sentences, _header(passage)]


def _header(passage: Passage) -> str:
    return passage.embedded[: len(passage.embedded) - len(passage.text)]


def _unpack_passages(data: bytes, thread_id: str) -> list[Passage]:
    return [
        _passage(passage_id, thread_id, comment_id, start, end, text, header, spans)
        for passage_id, comment_id, start, end, text, spans, header in _unpack(data, thread_id)
    ]


def _passages(rows: Sequence[Sequence[Any]]) -> list[Passage]:
    """Read rows of `_PASSAGE`. The lists of their sentences are read as one: JSON's reader is slow to start."""
    spans = json.loads(f"[{','.join(row[-1] for row in rows)}]")
    return [
        _passage(passage_id, thread_id, comment_id, start, end, text, header, found)
        for (passage_id, thread_id, comment_id, start, end, text, header, _), found in zip(rows, spans, strict=True)
    ]


def _passage(
    passage_id: str,
    thread_id: str,
    comment_id: str,
    start: int,
    end: int,
    text: str,
    header: str,
    spans: Sequence[Sequence[int]],
) -> Passage:
    sentences = cast(tuple[Span, ...], tuple(map(tuple, spans)))
    return Passage(passage_id, thread_id, comment_id, start, end, text, sentences, header + text)
