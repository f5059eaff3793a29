"""A zip of files that hold threads: every member is read as if it had been given alone.

Count and sizes are checked in the archive's table before anything is unpacked, and again while unpacking, because a
table can lie.
"""

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import PurePosixPath

from ingest.errors import MalformedSource, NoComments, SourceError, SourceTooLarge
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Thread

__all__ = ["LOADER"]

_MOST_MEMBERS = 1_000
_MOST_UNPACKED = 4
"""How many times the limit of a file all members together may hold."""
_OFFICE = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"})
_NOT_THREADS = frozenset(
    {
        ".css",
        ".js",
        ".mjs",
        ".map",
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".webp",
        ".svg",
        ".ico",
        ".woff",
        ".woff2",
        ".ttf",
        ".otf",
        ".eot",
        ".mp3",
        ".mp4",
        ".webm",
        ".avif",
    }
)
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    LookupError,
)


def _sniff(source: Source) -> float:
    if not source.data.startswith(b"PK\x03\x04"):
        return 0.0
    try:
        with zipfile.ZipFile(BytesIO(source.data)) as archive:
            return 0.0 if _OFFICE & set(archive.namelist()) else 0.9
    except _DAMAGE:
        return 0.5


def _load(source: Source) -> tuple[Thread, ...]:
    try:
        with zipfile.ZipFile(BytesIO(source.data)) as archive:
            members = _members(archive, source)
            sources = [_unpacked(archive, member, source) for member in members]
    except _DAMAGE as error:
        raise MalformedSource(
            f"{source.name} is a damaged archive: {' '.join(str(error).split())[:120]}.", remedy="Pack it again."
        ) from error
    return _threads([inner for inner in sources if inner is not None], source)


def _members(archive: zipfile.ZipFile, source: Source) -> list[zipfile.ZipInfo]:
    """Return the members worth reading; refuse too many, too large, and locked ones."""
    entries = archive.infolist()
    limit = source.limits.file_bytes
    if len(entries) > _MOST_MEMBERS:
        raise SourceTooLarge(
            f"{source.name} holds {len(entries):,} files; the limit is {_MOST_MEMBERS:,}.", remedy="Split it."
        )
    if sum(entry.file_size for entry in entries) > limit * _MOST_UNPACKED:
        raise SourceTooLarge(
            f"{source.name} unpacks to more than {limit * _MOST_UNPACKED:,} bytes.",
            remedy="Split it, or raise the limit with COMMENTARIAT_MAX_FILE_BYTES.",
        )
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise MalformedSource(f"{source.name} is locked with a password.", remedy="Unpack it and pack it without one.")
    return [entry for entry in entries if not entry.is_dir() and _may_hold_thread(entry.filename)]


def _may_hold_thread(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() not in _NOT_THREADS


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, source: Source) -> Source | None:
    """Unpack one member within the limit; None for an empty one."""
    with archive.open(member) as stream:
        data = stream.read(source.limits.file_bytes + 1)
    name = member.filename.replace("/", " – ")
    Source.check_size(name, len(data), source.limits)
    return Source(name, data, limits=source.limits) if data.strip() else None


def _threads(sources: Sequence[Source], source: Source) -> tuple[Thread, ...]:
    from ingest.registry import load  # the registry lists this module

    found: list[Thread] = []
    failures: list[str] = []
    for inner in sources:
        if inner.data.startswith(b"PK\x03\x04"):
            failures.append(f"{inner.name} is an archive inside the archive.")
            continue
        try:
            found += load(inner)
        except SourceError as error:
            failures.append(error.message)
    threads = [thread for thread in found if thread.comments] or found
    if not threads:
        raise NoComments(
            f"{source.name} holds no thread. {failures[0] if failures else ''}".strip(),
            remedy="Give an archive of files that Commentariat reads.",
        )
    skipped = len(sources) - len({thread.origin for thread in threads})
    note = f"{skipped:,} other file{'' if skipped == 1 else 's'} in the archive hold no comments."
    return tuple(replace(thread, notes=(*thread.notes, note)) if skipped else thread for thread in _distinct(threads))


def _distinct(threads: Sequence[Thread]) -> list[Thread]:
    """Keep one of several copies of a thread: the one with the most comments."""
    best: dict[str, Thread] = {}
    for thread in threads:
        if thread.id not in best or len(thread.comments) > len(best[thread.id].comments):
            best[thread.id] = thread
    return list(best.values())


LOADER = Loader("archive", "Zip archive", _sniff, _load)
