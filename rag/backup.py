"""Backup and restore: the catalogue (threads, full text, vectors) and what else lives beside it, as one zip file.

The vector index is not in it: it is filled again from the catalogue's own vectors, without encoding. The file is the
same whether the catalogue is a file or on a server, so it also moves a library from one to the other.
"""

import contextlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ingest.errors import LibraryDamaged, LibraryError, StorageFull
from rag.carry import carry
from rag.catalogue import FILE_NAME, SqliteCatalogue, StoredCatalogue
from rag.locks import FileLock
from rag.opening import connect, only_readable
from rag.settings import Settings
from rag.storage import holds_library, open_catalogue
from rag.store import SCHEMA_VERSION

__all__ = ["backup", "on_server", "restore"]

_MANIFEST = "commentariat.json"
_WAIT = 2.0
_NOT_OURS = "Give a file that `commentariat backup` made."


@contextlib.contextmanager
def on_server(settings: Settings, *, to_read: bool) -> Iterator[StoredCatalogue | None]:
    """Lend the catalogue of settings that keep it on a server; None where it is in the folder.

    Raises `LibraryError` where it is to be read and there is none; else an empty one is made.
    """
    if not settings.catalogue_url:
        yield None
        return
    if to_read and not holds_library(settings):
        raise _nothing_at(settings.where)
    catalogue = open_catalogue(settings)
    try:
        yield catalogue
    finally:
        catalogue.close()


def backup(home: Path, target: Path, *, server: StoredCatalogue | None = None) -> int:
    """Write the library at `home` into a zip file while others go on using it; return how many threads it holds.

    `server` is the catalogue where it is not in the folder. The file appears whole or not at all. Raises `LibraryError`
    where there is no library, `StorageFull`.
    """
    if server is None and not (home / FILE_NAME).exists():
        raise _nothing_at(home)
    if server is None:
        _count(home / FILE_NAME)  # what is damaged or newer is said to be so
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name:
            folder = Path(name)
            _copy_catalogue(server, home, folder / FILE_NAME)
            for path in _databases(home):
                if path.name != FILE_NAME:
                    _copy_database(path, folder / path.name)
            threads = _count(folder / FILE_NAME)
            partial = folder / "backup.zip"
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr(
                    _MANIFEST, json.dumps({"commentariat": 1, "schema": SCHEMA_VERSION, "threads": threads})
                )
                for path in _databases(folder):
                    archive.write(path, path.name)
            os.replace(partial, target)
    except (OSError, sqlite3.Error, StorageFull) as error:
        why = (error.__cause__ or error.message) if isinstance(error, StorageFull) else error
        raise StorageFull(f"The backup {target} cannot be written: {why}.", remedy="Choose another place.") from error
    return threads


def restore(home: Path, source: Path, *, server: StoredCatalogue | None = None) -> int:
    """Put the library of a backup in the place of the one at `home`; return how many threads it holds.

    `server` is the catalogue to fill where it is not in the folder. Programs that use the library see the restored one
    at their next question. Raises `LibraryError` where the file is no backup, is damaged or of a newer version; the
    library is untouched then.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"The backup cannot be written to {home}: {error.strerror or error}."
        raise StorageFull(message, remedy="Choose another folder with COMMENTARIAT_HOME.") from error
    lock = server.store.lock() if server else FileLock(home / "add.lock")
    busy = f"Another process is adding to the library at {server.store.where if server else home}."
    with lock.held(exclusive=True, wait=_WAIT, busy=busy), tempfile.TemporaryDirectory(prefix="restore-") as folder:
        names = _unpack(source, Path(folder))
        _check(Path(folder) / FILE_NAME, source)
        if server is None:
            threads = _renew(Path(folder) / FILE_NAME, home / FILE_NAME)
        else:
            threads = _fill(server, Path(folder) / FILE_NAME)
            names.remove(FILE_NAME)
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


def _fill(server: StoredCatalogue, restored: Path) -> int:
    catalogue = SqliteCatalogue(restored)
    try:
        return carry(catalogue, server)
    finally:
        catalogue.close()


def _copy_catalogue(server: StoredCatalogue | None, home: Path, target: Path) -> None:
    if server is None:
        _copy_database(home / FILE_NAME, target)
        return
    catalogue = SqliteCatalogue(target)
    try:
        carry(server, catalogue)
    finally:
        catalogue.close()


def _count(path: Path) -> int:
    catalogue = SqliteCatalogue(path)
    try:
        return len(catalogue.threads())
    finally:
        catalogue.close()


def _databases(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.sqlite*") if path.suffix in (".sqlite", ".sqlite3"))


def _nothing_at(place: object) -> LibraryError:
    return LibraryError(f"There is no library at {place}.", remedy="Add a thread first, or mend COMMENTARIAT_HOME.")


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database as of one moment, while others read and write either."""
    opened = (
        connect(source, wait=_WAIT, writable=False) if only_readable(source) else sqlite3.connect(source, timeout=_WAIT)
    )
    with closing(opened) as old, closing(sqlite3.connect(target, timeout=_WAIT)) as new:
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
