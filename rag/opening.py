"""Open the SQLite file of a library: to write where that can be, else to read what stands in a folder of others."""

import os
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

from ingest.errors import StorageFull

__all__ = ["connect", "only_readable", "read_only"]

_REMEDY = "Make the folder writable for yourself, or choose another one with COMMENTARIAT_HOME."


def only_readable(path: Path) -> bool:
    """Tell whether a file is there that can be read and not written: on a disk, in a folder or by a mode that forbids.

    SQLite writes beside the file too, so the folder counts as well.
    """
    return path.is_file() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def read_only(path: Path) -> StorageFull:
    """Return the error of whoever would write there."""
    return StorageFull(f"The library at {path.parent} can be read here, not written.", remedy=_REMEDY)


def connect(path: Path, *, wait: float, writable: bool) -> sqlite3.Connection:
    """Return a connection in autocommit mode that waits for other writers for some seconds.

    Where the file cannot be written it is opened as it stands. With a log beside it that has not been taken over,
    that needs the log's index to be there: else `StorageFull` is raised, for what the log holds would be missed.
    """
    if writable:
        connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
        try:
            _into_wal(connection, wait)
        except BaseException:
            connection.close()
            raise
        return connection
    log = path.with_name(path.name + "-wal")
    index = path.with_name(path.name + "-shm")
    if log.exists() and log.stat().st_size and not index.exists():
        raise StorageFull(
            f"The library at {path.parent} holds changes that can only be taken over by whoever may write there.",
            remedy="Open it once with `commentariat list` as its owner. " + _REMEDY,
        )
    # Without a log SQLite may take the file for one that nobody changes, which needs nothing beside it.
    still = "" if index.exists() else "&immutable=1"
    where = f"file:{quote(str(path))}?mode=ro{still}"
    return sqlite3.connect(where, timeout=wait, isolation_level=None, check_same_thread=False, uri=True)


def _into_wal(connection: sqlite3.Connection, wait: float) -> None:
    """Put a file into WAL mode; SQLite does not wait by itself where two processes do so to a new file at once."""
    end = time.monotonic() + wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() >= end:
                raise
            time.sleep(0.02)
        else:
            return
