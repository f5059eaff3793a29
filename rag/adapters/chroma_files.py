"""What an embedded Chroma leaves on disk: the graph of a deleted collection stays (chroma#5259), and we remove it.

A graph is a folder named by the id of a segment; Chroma's own database says which collection a segment belongs to.
"""

import contextlib
import shutil
import sqlite3
import uuid
from pathlib import Path

__all__ = ["remove_unused", "size", "unused"]

_DATABASE = "chroma.sqlite3"
_IN_USE = "SELECT segments.id FROM segments JOIN collections ON collections.id = segments.collection"


def unused(folder: Path) -> list[Path]:
    """Return the graph folders that belong to no collection.

    Nothing is said to be unused where Chroma's database cannot be read: then nobody knows.
    """
    try:
        address = f"{(folder / _DATABASE).absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=1.0)) as database:
            used = {segment for (segment,) in database.execute(_IN_USE)}
        found = sorted(folder.iterdir())
    except (OSError, sqlite3.Error):
        return []
    return [path for path in found if _is_graph(path) and path.name not in used]


def remove_unused(folder: Path) -> None:
    """Remove the graph folders that belong to no collection, and rewrite a database that is mostly free pages.

    Deleted vectors can be read in both until then (chroma#7662). Nobody may have the folder open meanwhile.
    """
    for path in unused(folder):
        shutil.rmtree(path, ignore_errors=True)
    with (
        contextlib.suppress(OSError, sqlite3.Error),  # no room: what is free is used again
        contextlib.closing(sqlite3.connect(folder / _DATABASE, timeout=1.0, isolation_level=None)) as database,
    ):
        free, pages = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
        if 2 * free > pages:
            database.execute("VACUUM")


def size(paths: list[Path]) -> int:
    """Return how many bytes some folders take."""
    total = 0
    for path in paths:
        with contextlib.suppress(OSError):  # its holder may be removing it
            total += sum(file.stat().st_size for file in path.iterdir())
    return total


def _is_graph(path: Path) -> bool:
    try:
        return str(uuid.UUID(path.name)) == path.name and path.is_dir() and not path.is_symlink()
    except ValueError:
        return False
