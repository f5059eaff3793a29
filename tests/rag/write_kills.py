"""Kill a library before every single write of a work: each writing statement of the catalogue, each call of the index.

    python -m tests.rag.write_kills FOLDER WORK…

A work ends its last turn alive; so no write can be forgotten. The looks are those of `tests.rag.kill_jobs`.
"""

import importlib
import os
import re
import signal
import sqlite3
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rag.adapters.chroma import ChromaIndex
from tests.rag.kill_jobs import WORKS, Work, in_child, look, open_library, prepared

_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|COMMIT|CREATE|DROP|ALTER|PRAGMA wal_checkpoint)", re.IGNORECASE)
_MOST = 400


class Deadline:
    """Counts the writes of this process and ends it before the nth; says which that would be."""

    def __init__(self, deadly: int, told: Path) -> None:
        self._left = deadly
        self._told = told

    def write(self, what: str) -> None:
        self._left -= 1
        if self._left == 0:
            self._told.write_text(what)
            os.kill(os.getpid(), signal.SIGKILL)


def deadly(deadline: Deadline) -> None:
    """Make every write from now on look at the deadline first."""

    class Dying(sqlite3.Connection):
        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
            if _WRITES.match(statement):
                deadline.write(" ".join(statement.split())[:60])
            return super().execute(statement, *values)

        def executemany(self, statement: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
            deadline.write(" ".join(statement.split())[:60])
            return super().executemany(statement, *values)

    sqlite3.connect = partial(sqlite3.connect, factory=Dying)  # type: ignore[assignment]
    for name in ("upsert", "delete", "drop", "reset"):
        setattr(ChromaIndex, name, _watched(ChromaIndex.__dict__[name], f"Chroma {name}", deadline))


def _watched(inner: Callable[..., Any], what: str, deadline: Deadline) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        deadline.write(what)
        return inner(*args, **named)

    return call


def every_write(folder: Path, work: Work) -> list[str]:
    """Die before each write of a work in turn; return what they were."""
    told = folder / "told"
    writes: list[str] = []
    for number in range(1, _MOST):
        home = prepared(folder, work)

        def do(home: Path = home, number: int = number) -> None:
            deadline = Deadline(number, told)
            library = open_library(home, work.dimension)
            library.close()  # what opening writes is not the work's
            deadly(deadline)
            library = open_library(home, work.dimension)
            work.run(library)

        status = in_child(do)
        if status == 0:
            return writes
        assert status == -signal.SIGKILL, f"{work.name}: status {status} at write {number}"
        writes.append(told.read_text())
        if in_child(lambda home=home: look(home, work)) != 0:  # type: ignore[misc]
            raise AssertionError(f"BROKEN {work.name}: killed before write {number}, {writes[-1]}")
        if work.after is None:
            left = [path.name for path in home.glob("*.sqlite3*") if b"fishermen" in path.read_bytes()]
            assert not left, f"removed words stand in {left}: killed before write {number}, {writes[-1]}"
    raise AssertionError(f"{work.name} does not end")


def main(folder: Path, works: list[str]) -> None:
    """Die at every write of the works."""
    for name in works:
        writes = every_write(folder, WORKS[name])
        for number, write in enumerate(writes, 1):
            print(f"{name} {number}: {write}")  # noqa: T201
        print(f"{name}: {len(writes)} deaths survived")  # noqa: T201


if __name__ == "__main__":
    importlib.import_module("chromadb")  # loaded once, before forking
    where = Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    main(where, sys.argv[2:])
