"""What all open pages share: the workspace being opened in the background, threads and their HTML by revision."""

import logging
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Protocol

from ingest.errors import CommentariatError
from ingest.thread import Thread
from rag.evidence import Answerer, Event, Scope, Turn
from rag.ports import ThreadRow
from rag.settings import Settings
from ui.conversations import Conversations
from ui.markup import hues
from ui.reader import reader_html
from ui.warming import warm
from ui.worker import Desk, Job

__all__ = ["Engine", "Library", "Model", "OpenWorkspace", "Shelf", "Status", "Workspace"]

_log = logging.getLogger(__name__)

DRAWING = 2.0
"""Seconds that the first page is given to be drawn before loading models takes the processor."""


class Library(Protocol):
    """The library as the page uses it."""

    def threads(self) -> list[ThreadRow]:
        """List the threads."""
        ...

    def thread(self, thread_id: str) -> Thread:
        """Return a thread."""
        ...

    def add(self, thread: Thread, progress: Callable[[int, int], None] | None = None) -> object:
        """Add or update a thread; `progress` gets (done, total)."""
        ...

    def remove(self, thread_id: str) -> object:
        """Remove a thread."""
        ...

    def rename(self, thread_id: str, title: str) -> str:
        """List a thread under another title, an empty one being its own; return it."""
        ...

    def warm(self) -> None:
        """Load the encoder."""
        ...


class Engine(Protocol):
    """The engine as the page uses it."""

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = ...,
        answerer: Answerer | None = None,
        *,
        fresh: bool = False,
    ) -> Iterator[Event]:
        """Answer a question; anew where `fresh`."""
        ...


class Status(Protocol):
    """What is told about the model."""

    @property
    def state(self) -> str:
        """Return missing, idle, loading, ready or failed."""
        ...

    @property
    def name(self) -> str:
        """Return the model's name."""
        ...

    @property
    def remote(self) -> bool:
        """Tell whether text leaves this computer."""
        ...

    @property
    def hint(self) -> str:
        """Return what to do where it is missing or failed."""
        ...


class Model(Protocol):
    """The model's slot as the page uses it."""

    @property
    def state(self) -> Status:
        """Return the present state; never waits."""
        ...

    @property
    def available(self) -> bool:
        """Tell whether loading it has a chance."""
        ...

    def warm(self) -> None:
        """Load it."""
        ...


class Workspace(Protocol):
    """What `rag.build.open_workspace` returns."""

    @property
    def settings(self) -> Settings:
        """Return the settings it was opened with."""
        ...

    @property
    def library(self) -> Library:
        """Return the library."""
        ...

    @property
    def engine(self) -> Engine:
        """Return the engine."""
        ...

    @property
    def model(self) -> Model:
        """Return the model's slot."""
        ...


OpenWorkspace = Callable[[Settings], Workspace]


class Shelf:
    """The workspace, opened once in the background, and what is drawn from it, kept by revision."""

    def __init__(self, open_workspace: OpenWorkspace, settings: Settings) -> None:
        self.settings = settings
        self.conversations = Conversations(settings.home)
        self.error: CommentariatError | None = None
        self._workspace: Workspace | None = None
        self._desks: weakref.WeakValueDictionary[str, Desk] = weakref.WeakValueDictionary()
        self._lock = threading.Lock()
        self._thread = lru_cache(maxsize=8)(self._load)
        self._reader = lru_cache(maxsize=4)(lambda thread_id, revision: reader_html(self._thread(thread_id, revision)))
        self._hues = lru_cache(maxsize=8)(lambda thread_id, revision: hues(self._thread(thread_id, revision)))
        self._opening = threading.Thread(target=self._open, args=(open_workspace,), name="open", daemon=True)
        self._opening.start()

    def wait(self, seconds: float) -> bool:
        """Wait for the library to be open; tell whether it is, or whether it failed."""
        self._opening.join(seconds)
        return not self._opening.is_alive()

    @property
    def workspace(self) -> Workspace:
        """Return the open workspace. Raises the error that opening it met."""
        self._opening.join()
        if self._workspace is None:
            raise self.error or CommentariatError("The library did not open.", remedy="Look at the log.")
        return self._workspace

    def rows(self) -> list[ThreadRow]:
        """List the threads of the library."""
        return self.workspace.library.threads()

    def thread(self, row: ThreadRow) -> Thread:
        """Return a thread as of a revision."""
        return self._thread(row.id, row.revision)

    def reader(self, row: ThreadRow) -> str:
        """Return the HTML of the reader pane for a thread."""
        return self._reader(row.id, row.revision)

    def colours(self, row: ThreadRow) -> dict[str, int]:
        """Return each author's colour."""
        return dict(self._hues(row.id, row.revision))

    def desk(self, conversation: str, thread_id: str) -> Desk:
        """Return the desk of a conversation: the living one, so that a page loaded again sees its answer go on."""
        with self._lock:
            desk = self._desks.get(conversation)
            if desk is None:
                store = self.conversations
                save: Callable[[Job], None] = partial(store.save, conversation, thread_id)
                desk = self._desks[conversation] = Desk(self.workspace.engine.ask, store.load(conversation), save)
            return desk

    def _load(self, thread_id: str, revision: int) -> Thread:
        thread = self.workspace.library.thread(thread_id)
        if thread is None:
            raise CommentariatError("That thread is gone.", remedy="Choose another one.")
        return thread

    def _open(self, open_workspace: OpenWorkspace) -> None:
        try:
            self._workspace = open_workspace(self.settings)
        except CommentariatError as error:
            self.error = error
        except Exception:  # noqa: BLE001 - a thread has no door above it; the page shows that it failed, the log why
            _log.exception("the library could not be opened")
            self.error = CommentariatError("The library could not be opened.", remedy="The log has the details.")
        if self._workspace is not None:
            warm(self._workspace, after=DRAWING)
