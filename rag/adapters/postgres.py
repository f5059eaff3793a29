"""A library on PostgreSQL: connections, transactions, locks, and the server's errors as our own.

One writer at a time holds the row of `meta` that names the library; readers never wait. Locks between processes are
advisory ones of a session, so the server lets them go when their holder dies. A connection that the server has closed
is noticed before it is lent, so a restart between two calls is not felt; one lost during a call is told in one line,
and the next call connects again.
"""

import contextlib
import selectors
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import conninfo, errors
from psycopg.pq import TransactionStatus

from ingest.errors import (
    LibraryBusy,
    LibraryDamaged,
    LibraryError,
    LibraryUnreachable,
    SettingsError,
    StorageFull,
)
from rag.adapters.postgres_schema import prepare, schema_version
from rag.adapters.postgres_text import adapt
from rag.adapters.postgres_words import Words, frequency, search, vector
from rag.database import Database
from rag.locks import Lock, tried

__all__ = ["PostgresStore"]

_WAIT = 2.0  # seconds that a writer waits for another one before it says so
_IDLE = 8  # connections kept open between calls
_DEFAULTS = {  # of the connection, where the URL does not say otherwise: a dead server is noticed within a minute
    "application_name": "commentariat",
    "connect_timeout": "5",
    "keepalives_idle": "20",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
_TURN = "SELECT value FROM meta WHERE key = 'library' FOR UPDATE"  # taken by one writer at a time
_SECRETS = ("password", "sslpassword")
_WRITTEN = ("threads", "passages", "vectors", "pending", "staged", "answers")


class _Lent:
    """A connection that takes the catalogue's SQL, where `?` stands for a value."""

    def __init__(self, raw: psycopg.Connection) -> None:
        self.raw = raw

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> psycopg.Cursor:
        """Run one statement."""
        return self.raw.cursor(binary=True).execute(_translated(statement), tuple(values))

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> None:
        """Run a statement once for each row of values."""
        if rows := [tuple(row) for row in values]:
            self.raw.cursor().executemany(_translated(statement), rows)


@lru_cache(maxsize=256)
def _translated(statement: str) -> bytes:
    return statement.replace("%", "%%").replace("?", "%s").encode()


class PostgresStore(Database):
    """A library in a PostgreSQL database. Connections are lent to one caller at a time.

    With `make` false nothing is made or upgraded, and nothing but `is_empty` may be called before that was done.
    """

    text_columns = ("words", "length")
    snapshot_opening = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def __init__(self, url: str, *, make: bool = True) -> None:
        self._parameters = _parameters(url)
        self._words = Words()
        self._totals: tuple[str, int, float] = ("", 0, 0.0)
        self._idle: list[_Lent] = []
        self._lock = threading.Lock()
        self._closed = False
        if make:
            try:
                with self.reading() as lent:
                    prepare(lent.raw, self.where)
            except LibraryError:
                self.close()
                raise

    @property
    def where(self) -> str:
        """Return the server and the database, without user and password."""
        known = self._parameters
        return f"{known.get('host') or 'localhost'}:{known.get('port') or 5432}/{known.get('dbname') or ''}"

    @property
    def engine(self) -> str:
        """Return the server's version, such as `PostgreSQL 15.18`."""
        with self.reading() as lent:
            return f"PostgreSQL {str(lent.raw.info.parameter_status('server_version')).split(' ')[0]}"

    @contextlib.contextmanager
    def reading(self) -> Iterator[_Lent]:
        """Lend a connection; every `SELECT` sees one moment of the library."""
        with self._said_plainly():
            lent = self._take()
            try:
                yield lent
            finally:
                self._give(lent)

    @contextlib.contextmanager
    def writing(self, wait: float | None = None) -> Iterator[_Lent]:
        """Run a transaction: all of it or nothing.

        Raises `LibraryBusy` when another writer is at work for longer than two seconds, or than `wait`.
        """
        patience = max(1, int((_WAIT if wait is None else wait) * 1000))
        with self.reading() as lent:
            opening = f"BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {patience}; {_TURN}"
            try:
                lent.raw.execute(opening.encode())  # one message to the server
                yield lent
                lent.raw.execute(b"COMMIT")
            except BaseException:
                with contextlib.suppress(psycopg.Error):  # a lost connection has taken everything back
                    lent.raw.execute(b"ROLLBACK")
                raise

    def among(self, values: Iterable[str]) -> tuple[str, object]:
        """Return a condition that a column is one of some values, and its value."""
        return "= ANY(?::text[])", list(values)

    def search(self, terms: Sequence[str], k: int, thread_ids: Sequence[str]) -> list[tuple[str, float]]:
        """Return up to k (passage id, BM25 score) for any of the terms, best first, as SQLite would."""
        with self.reading() as lent:
            return search(lent, self._words, terms, k, thread_ids, self._counted)

    def frequency(self, term: str, most: int) -> int:
        """Return how many passages hold a term, counted no further than `most`."""
        with self.reading() as lent:
            return frequency(lent, self._words, term, most)

    def text_values(self, texts: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the full-text vector of each text and its length in words."""
        return [(vector(words), sum(map(len, words.values()))) for words in self._words.cut(texts)]

    def lock(self) -> Lock:
        """Return the lock that keeps adding, re-indexing and reconciling apart."""
        return _AdvisoryLock(self, 0)

    def index_lock(self) -> Lock:
        """Return the lock that keeps the machines' embedded indexes apart: what is noted as indexed is one's own."""
        return _AdvisoryLock(self, 1)

    def scrub(self) -> None:
        """Let the server reuse the room of what was deleted; tables that another is at work on wait for its own turn.

        The write-ahead log and the server's backups are the server's to clean.
        """
        with self.reading() as lent:
            lent.raw.execute(f"VACUUM (SKIP_LOCKED) {', '.join(_WRITTEN)}".encode())

    def is_empty(self) -> bool:
        """Tell whether the database holds no library yet."""
        with self.reading() as lent:
            return schema_version(lent.raw) == 0

    def check(self) -> list[str]:
        """Return what does not fit together; empty when all is well."""
        orphans = "SELECT count(*) FROM passages WHERE thread NOT IN (SELECT seq FROM threads)"
        mute = "SELECT count(*) FROM passages WHERE length > 0 AND (length(words) = 0)"
        with self.reading() as lent:
            found = {
                "passages belong to no thread": lent.execute(orphans).fetchone(),
                "passages have lost their words for full text": lent.execute(mute).fetchone(),
            }
        return [f"{row[0]} {what}" for what, row in found.items() if row and row[0]]

    def close(self) -> None:
        """Close every idle connection; lent ones close when they come back."""
        with self._lock:
            self._closed = True
        self._forget()
        self._words.close()

    def _counted(self, connection: Any, revision: str) -> tuple[int, float]:
        """Return how many passages there are and their mean length, counted again after a change of the library."""
        known, count, mean = self._totals
        if known != revision:
            query = "SELECT count(*), coalesce(sum(length), 0)::bigint FROM passages"
            count, total = connection.execute(query).fetchone()
            mean = max(1.0, total / count) if count else 0.0
            self._totals = (revision, count, mean)
        return count, mean

    def _take(self) -> _Lent:
        while True:
            with self._lock:
                lent = self._idle.pop() if self._idle else None
            if lent is None:
                break
            if _alive(lent.raw):
                return lent
            lent.raw.close()
        raw = psycopg.Connection.connect(**self._parameters, autocommit=True)
        adapt(raw)
        return _Lent(raw)

    def _give(self, lent: _Lent) -> None:
        if lent.raw.info.transaction_status == TransactionStatus.IDLE:
            with self._lock:
                if not self._closed and len(self._idle) < _IDLE:
                    self._idle.append(lent)
                    return
        lost = lent.raw.closed
        lent.raw.close()
        if lost:
            self._forget()  # the others have most likely lost theirs too

    def _forget(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for lent in idle:
            lent.raw.close()

    @contextlib.contextmanager
    def _said_plainly(self) -> Iterator[None]:
        """Turn psycopg's errors into ours; no message tells a password."""
        try:
            yield
        except psycopg.Error as error:
            raise self._ours(error) from None

    def _ours(self, error: psycopg.Error) -> LibraryError:
        said = error.diag.message_primary or next(iter(str(error).splitlines()), "") or type(error).__name__
        for name in _SECRETS:
            if secret := self._parameters.get(name):
                said = said.replace(str(secret), "***")
        said = said[:300].rstrip(". ")
        mend = "Mend the server or COMMENTARIAT_CATALOGUE_URL, and try again."
        match error:
            case errors.LockNotAvailable() | errors.DeadlockDetected() | errors.SerializationFailure():
                return LibraryBusy(
                    f"Another process is writing to the library in {self.where}.",
                    remedy="Wait until it is done and try again.",
                )
            case (
                errors.DiskFull()
                | errors.ReadOnlySqlTransaction()
                | errors.InsufficientPrivilege()
                | errors.IoError()
                | errors.ProgramLimitExceeded()
            ):
                return StorageFull(f"The library in {self.where} cannot be written: {said}.", remedy=mend)
            case psycopg.OperationalError() | psycopg.InterfaceError():
                return LibraryUnreachable(
                    f"The PostgreSQL server of the library in {self.where} does not answer: {said}.",
                    remedy=f"What was written is safe. {mend}",
                )
        return LibraryDamaged(
            f"The catalogue in {self.where} is damaged: {said}.",
            remedy="Restore it with `pg_restore`, or choose another database and add the threads again.",
        )


class _AdvisoryLock(Lock):
    """A lock that a session of the server holds."""

    def __init__(self, store: PostgresStore, number: int) -> None:
        self._store = store
        self._number = number
        self._holder: _Lent | None = None

    def acquire(self, *, exclusive: bool, wait: float = 0.0) -> bool:
        """Take the lock, trying for `wait` seconds; tell whether it was had."""
        if self._holder is not None:
            return True
        key = 2 * int(str(self._store.meta("library"))[:15], 16) + self._number
        attempt = f"SELECT pg_try_advisory_lock{'' if exclusive else '_shared'}(?)"
        with self._store._said_plainly():
            lent = self._store._take()
            had = False
            try:
                had = tried(lambda: bool(lent.execute(attempt, (key,)).fetchone()[0]), wait)  # type: ignore[index]
            finally:
                if not had:
                    self._store._give(lent)
        self._holder = lent if had else None
        return had

    def lost(self) -> bool:
        """Tell whether the session that held the lock is gone."""
        return self._holder is not None and not _alive(self._holder.raw)

    def release(self) -> None:
        """Let the lock go; where the connection is lost, the server has done so."""
        lent, self._holder = self._holder, None
        if lent is None:
            return
        try:
            lent.execute("SELECT pg_advisory_unlock_all()")
        except psycopg.Error:
            lent.raw.close()
        self._store._give(lent)


def _parameters(url: str) -> dict[str, Any]:
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.Error:  # its message may hold the password
        raise SettingsError(
            "COMMENTARIAT_CATALOGUE_URL is not the URL of a PostgreSQL database.",
            remedy="Give one such as postgresql://user:password@host/name; write special characters as %40.",
        ) from None
    return {**_DEFAULTS, **given, "client_encoding": "utf8"}


def _alive(raw: psycopg.Connection) -> bool:
    """Tell whether an idle connection is still there: the server says nothing to one, except that it is closed."""
    if raw.closed:
        return False
    with selectors.DefaultSelector() as waiting:
        waiting.register(raw.fileno(), selectors.EVENT_READ)
        return not waiting.select(0)
