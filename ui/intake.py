"""What the doors read and say when a thread is added."""

import sys
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import FetchError, MalformedSource, ThreadNotFound
from ingest.registry import load
from ingest.source import Source
from ingest.thread import Thread
from ingest.wording import counted

if TYPE_CHECKING:
    from rag.build import Workspace
    from rag.library import AddReport
    from rag.settings import Settings

__all__ = ["add_sample_if_empty", "choose", "erase", "read_again", "read_source", "report_line", "sample"]


def read_source(item: str, *, name: str | None, format_name: str | None, settings: "Settings") -> tuple[Thread, ...]:
    """Read the threads of a file, a URL, or standard input (`-`). Raises `SourceError`s and `FetchError`s."""
    if item.startswith(("http://", "https://")):
        from ingest.fetch import fetch

        source = fetch(
            item, limits=settings.limits, timeout=settings.fetch_timeout, allow_private=settings.allow_private_urls
        )
    elif item == "-":
        source = Source(name or "stdin", sys.stdin.buffer.read(settings.max_file_bytes + 1), limits=settings.limits)
    else:
        path = Path(item)
        if path.is_dir():
            raise MalformedSource(f"{item} is a folder.", remedy="Name the files in it.")
        source = Source.from_path(path, name=name, limits=settings.limits)
    return load(source, format_name)


def read_again(thread: Thread, settings: "Settings") -> Thread:
    """Fetch a stored thread from where it came. Raises `FetchError` where that was no URL or the thread is gone."""
    if not thread.origin.startswith(("http://", "https://")):
        raise FetchError(f"{thread.id} was added from a file, {thread.origin}.", remedy="Add the newer file instead.")
    for found in read_source(thread.origin, name=None, format_name=None, settings=settings):
        if found.id == thread.id:
            return found
    raise FetchError(f"{thread.origin} no longer holds {thread.id}.", remedy="Look at the page; add its new address.")


def choose(threads: Sequence[Thread], chosen: Sequence[str], *, every: bool) -> list[Thread]:
    """Return the threads meant of those in a file.

    Raises `ThreadNotFound` for a choice that is not there, and for no choice among several.
    """
    if every or (len(threads) == 1 and not chosen):
        return list(threads)
    listing = "; ".join(
        f"{thread.id} ({thread.title[:50]}, {counted(len(thread.visible), 'comment')})" for thread in threads[:20]
    )
    if not chosen:
        raise ThreadNotFound(
            f"The file holds {len(threads)} threads: {listing}.", remedy="Choose with --thread ID, or take --all."
        )
    found: list[Thread] = []
    for wanted in chosen:
        fits = [t for t in threads if wanted == t.id] or [
            t for t in threads if t.id.startswith(wanted) or wanted.casefold() in t.title.casefold()
        ]
        if not fits:
            raise ThreadNotFound(f"The file holds no thread {wanted!r}.", remedy=f"It holds: {listing}.")
        found += [thread for thread in fits if thread not in found]
    return found


def report_line(thread: Thread, report: "AddReport") -> str:
    """Say what was added, in one line with what is worth knowing."""
    hidden = Counter(comment.status for comment in thread.comments if not comment.visible)
    parts = [counted(len(thread.visible), "comment")]
    parts += [f"{count} {status}" for status, count in sorted(hidden.items())]
    unnamed = sum(comment.author is None for comment in thread.visible)
    if unnamed:
        parts.append(f"{unnamed} without a name")
    if thread.missing:
        parts.append(f"{thread.missing:,} not in this file")
    embedded = counted(report.embedded, "text")
    changes = f"{report.new} new, {report.changed} changed, {report.deleted} gone, {embedded} embedded"
    return f"{thread.id}: {', '.join(parts)} ({changes})."


def erase(workspace: "Workspace", thread_id: str) -> None:
    """Erase a thread with the conversations about it. Raises `ThreadNotFound`."""
    workspace.library.remove(thread_id)
    if (workspace.settings.home / "conversations.sqlite").exists():
        from ui.conversations import Conversations

        Conversations(workspace.settings.home).erase_thread(thread_id)


def sample() -> Thread:
    """Return the thread that ships with the package."""
    data = files("ingest.samples").joinpath("idlib_thread.txt").read_bytes()
    return load(Source("idlib_thread.txt", data))[0]


def add_sample_if_empty(workspace: "Workspace") -> bool:
    """Give an empty library the sample thread; tell whether it was empty."""
    if workspace.library.threads():
        return False
    workspace.library.add(sample())
    return True
