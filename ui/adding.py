"""Add threads to the library in the background, with progress and a result in one sentence."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.errors import CommentariatError
from ingest.thread import Thread
from ui.shelf import Library

__all__ = ["Adding", "AddingView", "described"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AddingView:
    """How far an addition has come: `share` from 0 to 1, the result or the error once it has ended."""

    name: str
    share: float = 0.0
    ended: bool = False
    result: str = ""
    error: str = ""
    thread_ids: tuple[str, ...] = ()


class Adding:
    """One addition on its way; written by its own thread, read by any."""

    def __init__(self, name: str, read: Callable[[], Sequence[Thread]], library: Library) -> None:
        self._read, self._library = read, library
        self._view = AddingView(name)
        self._thread = threading.Thread(target=self._work, name="adding", daemon=True)
        self._thread.start()

    def view(self) -> AddingView:
        """Return the present state; the object is whole and never changes."""
        return self._view

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end."""
        self._thread.join(timeout)

    def _work(self) -> None:
        name = self._view.name
        try:
            threads = list(self._read())
            for at, thread in enumerate(threads):

                def progress(done: int, total: int, at: int = at) -> None:
                    self._view = AddingView(name, (at + min(done / max(total, 1), 1.0)) / len(threads))

                self._library.add(thread, progress)
            said = " ".join(described(thread) for thread in threads)
            self._view = AddingView(name, 1.0, True, said, "", tuple(thread.id for thread in threads))
        except CommentariatError as error:
            self._view = AddingView(name, 1.0, True, "", str(error))
        except Exception:  # noqa: BLE001 - a thread has no door above it; the reader sees an end, the log the traceback
            _log.exception("%s could not be added", name)
            said = f"{name} could not be added. The log has the details."
            self._view = AddingView(name, 1.0, True, "", said)


def described(thread: Thread) -> str:
    """Say what was read, as in `Title: 74 comments by 20 people, 3 hidden or deleted, 1 name lost`."""
    visible = thread.visible
    people = len({comment.author for comment in visible if comment.author})
    hidden = len(thread.comments) - len(visible)
    lost = sum(1 for comment in visible if comment.author is None)
    parts = [f"{len(visible):,} comment{'' if len(visible) == 1 else 's'}"]
    parts[0] += f" by {people:,} {'person' if people == 1 else 'people'}"
    if hidden:
        parts.append(f"{hidden:,} hidden or deleted")
    if lost:
        parts.append(f"{lost:,} name{'' if lost == 1 else 's'} lost")
    if thread.missing:
        parts.append(f"{thread.missing:,} not in the file")
    return f"{thread.title}: {', '.join(parts)}."
