"""Conversations on disk: one SQLite file in the library's folder, one row a question, written in one transaction."""

import json
import logging
import os
import sqlite3
import threading
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.errors import LibraryDamaged, StorageFull
from rag.evidence import Scope
from rag.opening import connect, only_readable
from rag.plain import answer_from, answer_to, built, claim_from, hit_from
from ui.worker import Job, JobView

__all__ = ["Conversations", "Saved"]

_WAIT = 10.0  # seconds for another page that writes

_log = logging.getLogger(__name__)

_SCHEMA = """
create table if not exists conversation (
  id text primary key, thread text not null, touched text not null
);
create table if not exists turn (
  conversation text not null references conversation(id) on delete cascade,
  job text not null, body text not null, primary key (conversation, job)
);
create table if not exists report (at text not null, body text not null);
"""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved conversation as a list shows it."""

    id: str
    thread: str
    touched: str
    turns: int
    first: str


class Conversations:
    """Save and restore conversations. Any thread may call; each call opens the file for itself.

    A conversation that an open page uses is claimed, so that a second page gets another and sees no other's answers.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "conversations.sqlite"
        self._claims: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
        self._begun: dict[str, str] = {}  # the thread of each conversation that has been opened, saved yet or not
        self._lock = threading.Lock()

    @property
    def kept(self) -> bool:
        """Tell whether conversations are saved: not where the library may be read and not written."""
        return os.access(self._path.parent, os.W_OK) or not self._path.parent.exists()

    def claim(self, thread_id: str, holder: object, wanted: str | None = None) -> str:
        """Return a conversation about a thread for a page: the one wanted, else the latest free one, else a new one.

        A page that is loaded again names the one it had, while the old page may still count as open.
        """
        with self._lock:
            if wanted is not None and self.thread_of(wanted) in (None, thread_id):
                chosen = wanted
            else:
                free = [saved.id for saved in self.about(thread_id) if saved.id not in self._claims]
                chosen = free[0] if free else uuid.uuid4().hex[:12]
            return self._take(chosen, thread_id, holder)

    def fresh(self, thread_id: str, holder: object) -> str:
        """Return a new conversation about a thread for a page."""
        with self._lock:
            return self._take(uuid.uuid4().hex[:12], thread_id, holder)

    def _take(self, conversation: str, thread_id: str, holder: object) -> str:
        self._claims[conversation] = holder
        self._begun[conversation] = thread_id
        return conversation

    def release(self, conversation: str) -> None:
        """Let another page take the conversation."""
        with self._lock:
            self._claims.pop(conversation, None)

    def about(self, thread_id: str) -> list[Saved]:
        """List the saved conversations about a thread, the latest first."""
        with self._reading() as db:
            rows = db.execute(
                "select c.id, c.thread, c.touched, count(t.job), min(t.rowid) from conversation c join turn t on "
                "t.conversation = c.id where c.thread = ? group by c.id order by c.touched desc, c.rowid desc",
                (thread_id,),
            ).fetchall()
            firsts = {
                key: json.loads(body)["question"]
                for key, body in db.execute(
                    f"select rowid, body from turn where rowid in ({','.join('?' * len(rows))})",  # noqa: S608 - marks
                    [row[4] for row in rows],
                )
            }
        return [Saved(row[0], row[1], row[2], row[3], firsts.get(row[4], "")) for row in rows]

    def save(self, conversation: str, thread_id: str, job: Job) -> None:
        """Write a finished question and its answer, replacing an earlier answer to the same one."""
        view = job.view()
        if view.open:
            return
        body = json.dumps(_view_to(view), ensure_ascii=False)
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        with self._open() as db:
            db.execute(
                "insert into conversation values (?, ?, ?) on conflict(id) do update set touched = excluded.touched",
                (conversation, thread_id, now),
            )
            db.execute(
                "insert into turn values (?, ?, ?) on conflict(conversation, job) do update set body = excluded.body",
                (conversation, job.id, body),
            )

    def load(self, conversation: str) -> list[Job]:
        """Return the saved questions and answers, in order; damaged rows are left out."""
        with self._reading() as db:
            rows = db.execute("select body from turn where conversation = ? order by rowid", (conversation,)).fetchall()
        jobs = []
        for (body,) in rows:
            try:
                view = _view_from(json.loads(body))
            except (ValueError, KeyError, TypeError):
                continue
            jobs.append(Job(view.id, view.question, view.scope).restore(view))
        return jobs

    def forget(self, conversation: str) -> None:
        """Erase a conversation."""
        with self._open() as db:
            db.execute("delete from turn where conversation = ?", (conversation,))
            db.execute("delete from conversation where id = ?", (conversation,))

    def erase_thread(self, thread_id: str) -> None:
        """Erase every answer that is about a thread or quotes it, in conversations about other threads too."""
        if not self._path.exists():
            return
        named = json.dumps(thread_id, ensure_ascii=False)
        with self._open() as db:
            db.execute("pragma secure_delete = on")
            db.execute(
                "delete from turn where instr(body, ?) "
                "or conversation in (select id from conversation where thread = ?)",
                (named, thread_id),
            )
            db.execute("delete from conversation where id not in (select conversation from turn)")
            db.execute("delete from report where instr(body, ?)", (named[1:-1],))

    def report(self, question: str, citation: str) -> None:
        """Note a citation that a reader calls wrong, for the evaluation."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        body = json.dumps({"question": question, "citation": citation}, ensure_ascii=False)
        with self._open() as db:
            db.execute("insert into report values (?, ?)", (now, body))

    def reports(self) -> list[dict[str, str]]:
        """Return the reported citations, oldest first."""
        with self._reading() as db:
            rows = db.execute("select at, body from report order by rowid").fetchall()
        return [{"at": at, **json.loads(body)} for at, body in rows]

    def thread_of(self, conversation: str) -> str | None:
        """Return the thread that a conversation is about, None if it was neither saved nor opened."""
        if conversation in self._begun:
            return self._begun[conversation]
        with self._reading() as db:
            row = db.execute("select thread from conversation where id = ?", (conversation,)).fetchone()
        return row[0] if row else None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._said_plainly():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self._path, timeout=_WAIT)
            try:
                db.execute("pragma journal_mode = wal")
                db.executescript(_SCHEMA)
                with db:
                    yield db
            finally:
                db.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Lend what is saved to be read; where nothing may be written, what stands there, or nothing."""
        if self.kept and not only_readable(self._path):
            with self._open() as db:
                yield db
            return
        with self._said_plainly():
            db = self._as_it_stands()
            try:
                yield db
            finally:
                db.close()

    def _as_it_stands(self) -> sqlite3.Connection:
        if self._path.exists():
            try:
                return connect(self._path, wait=_WAIT, writable=False)
            except StorageFull as error:  # the discussion can be read and asked all the same
                _log.warning("earlier conversations are not shown: %s", error)
        db = sqlite3.connect(":memory:")
        db.executescript(_SCHEMA)
        return db

    @contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise StorageFull(
                f"The conversation cannot be saved in {self._path.parent}: {error}.",
                remedy="Make room, or check the folder's permissions.",
            ) from error
        except sqlite3.DatabaseError as error:
            raise LibraryDamaged(
                f"{self._path} cannot be read: {error}.", remedy="Move the file away; a new one is made."
            ) from error


def _view_to(view: JobView) -> dict[str, Any]:
    return {
        "id": view.id,
        "question": view.question,
        "state": view.state,
        "resolved": view.resolved,
        "kind": view.kind,
        "error": view.error,
        "scope": asdict(view.scope),
        "claims": [asdict(claim) for claim in view.claims],
        "hits": [asdict(hit) for hit in view.hits],
        "answer": answer_to(view.answer) if view.answer else None,
    }


def _view_from(data: dict[str, Any]) -> JobView:
    return built(
        JobView,
        data,
        hits=tuple(hit_from(hit) for hit in data["hits"]),
        claims=tuple(claim_from(claim) for claim in data["claims"]),
        answer=answer_from(data["answer"]) if data["answer"] else None,
        scope=built(Scope, data["scope"]),
    )
