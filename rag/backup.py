"""Backup and restore: the catalogue (threads, full text, vectors) and what else lives beside it, as one zip file.

The vector index is not in it: it is filled again from the catalogue's own vectors, without encoding.
"""

import json
import os
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

from ingest.errors import LibraryDamaged, LibraryError, StorageFull
from rag.catalogue import FILE_NAME, SqliteCatalogue
from rag.locks import FileLock
from rag.settings import Settings
from rag.store import SCHEMA_VERSION

__all__ = ["backup", "folder_of", "restore"]

_MANIFEST = "commentariat.json"
_WAIT = 2.0
_NOT_OURS = "Give a file that `commentariat backup` made."


def folder_of(settings: Settings) -> Path:
    """Return the folder that holds the whole library.

    Raises `LibraryError` where the catalogue is on a server, which has better tools for its backups.
    """
    if settings.catalogue_url:
        raise LibraryError(
            "The library is on PostgreSQL: its backups are the server's.",
            remedy="Write one with `pg_dump -Fc`; after `pg_restore`, restart what uses it and run"
            " `commentariat reindex`.",
        )
    return settings.home


def backup(home: Path, target: Path) -> int:
    """Write the library at `home` into a zip file while others go on using it; return how many threads it holds.

    The file appears whole or not at all. Raises `LibraryError` where there is no library, `StorageFull`.
    """
    if not (home / FILE_NAME).exists():
        raise LibraryError(f"There is no library at {home}.", remedy="Add a thread first, or mend COMMENTARIAT_HOME.")
    catalogue = SqliteCatalogue(home / FILE_NAME)
    try:
        threads = len(catalogue.threads())
    finally:
        catalogue.close()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
            partial = Path(folder) / "backup.zip"
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr(
                    _MANIFEST, json.dumps({"commentariat": 1, "schema": SCHEMA_VERSION, "threads": threads})
                )
                for path in sorted(home.glob("*.sqlite*")):
                    if path.suffix in (".sqlite", ".sqlite3"):
                        copy = Path(folder) / path.name
                        _copy_database(path, copy)
                        archive.write(copy, path.name)
            os.replace(partial, target)
    except (OSError, sqlite3.Error) as error:
        raise StorageFull(f"The backup {target} cannot be written: {error}.", remedy="Choose another place.") from error
    return threads


def restore(home: Path, source: Path) -> int:
    """Put the library of a backup in the place of the one at `home`; return how many threads it holds.

    Programs that use the library see the restored one at their next question. Raises `LibraryError` where the file
    is no backup, is damaged or of a newer version; the library is untouched then.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / "add.lock")
    busy = f"Another process is adding to the library at {home}."
    with lock.held(exclusive=True, wait=_WAIT, busy=busy), tempfile.TemporaryDirectory(prefix="restore-") as folder:
        names = _unpack(source, Path(folder))
        _check(Path(folder) / FILE_NAME, source)
        threads = _renew(Path(folder) / FILE_NAME, home / FILE_NAME)
        for name in names:
            try:
                _copy_database(Path(folder) / name, home / name)
            except sqlite3.Error as error:
                message = f"The backup cannot be written to {home}: {error}."
                raise StorageFull(message, remedy="Free space, close other programs, try again.") from error
    return threads


def _renew(restored: Path, present: Path) -> int:
    """Make the restored catalogue another one than any seen before, the present one's included; count its threads.

    It is done before the catalogue takes its place, so that it does so in one step.
    """
    seen = 0
    if present.exists():
        try:
            catalogue = SqliteCatalogue(present)
            seen = catalogue.revision()
            catalogue.close()
        except LibraryError:
            seen = 0  # what cannot be read is what is being replaced
    catalogue = SqliteCatalogue(restored)
    try:
        catalogue.renew(seen)
        return len(catalogue.threads())
    finally:
        catalogue.close()


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database as of one moment, while others read and write either."""
    with closing(sqlite3.connect(source, timeout=_WAIT)) as old, closing(sqlite3.connect(target, timeout=_WAIT)) as new:
        old.backup(new)


def _unpack(source: Path, folder: Path) -> list[str]:
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            schema = int(manifest["schema"])
            names = [name for name in archive.namelist() if Path(name).suffix in (".sqlite", ".sqlite3")]
            if FILE_NAME not in names or any(Path(name).name != name for name in names):
                raise KeyError(FILE_NAME)
            for name in names:
                archive.extract(name, folder)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise LibraryDamaged(f"{source} is no backup, or is damaged: {error}.", remedy=_NOT_OURS) from error
    if schema > SCHEMA_VERSION:
        raise LibraryError(f"{source} was made by a newer version.", remedy="Upgrade Commentariat first.")
    return names


def _check(path: Path, source: Path) -> None:
    catalogue = SqliteCatalogue(path)
    try:
        troubles = catalogue.store.check()
    finally:
        catalogue.close()
    if troubles:
        raise LibraryDamaged(f"The catalogue in {source} is damaged: {troubles[0]}.", remedy="Use another backup.")
