"""Settings → a working whole. The single composition root; engines load when first needed."""

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rag import garbage
from rag.library import Library
from rag.models import ModelSlot
from rag.settings import Settings
from rag.storage import open_library

if TYPE_CHECKING:
    from rag.answers import RememberingEngine

__all__ = ["Workspace", "open_workspace"]


class Workspace:
    """A library, its engine and its model. Close it, or use `with`."""

    def __init__(self, settings: Settings, library: Library, model: ModelSlot) -> None:
        self.settings = settings
        self.library = library
        self.model = model
        self._engine: RememberingEngine | None = None
        self._lock = threading.Lock()

    @property
    def engine(self) -> "RememberingEngine":
        """Return what answers questions, wired at the first call: who only lists threads need not load it."""
        with self._lock:
            if self._engine is None:
                self._engine = _engine(self.settings, self.library, self.model)
            return self._engine

    def read_ahead(self) -> None:
        """Let the local model, where it may be asked, read in the background what every prompt begins with."""
        if self.settings.answerer != "quotes" and self.model.available and not self.model.state.remote:
            self.model.ahead()

    def close(self) -> None:
        """Release files, connections and the local model."""
        self.model.close()
        self.library.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_workspace(settings: Settings, *, anew: bool = False) -> Workspace:
    """Open the library that the settings name, and finish what a killed run left; `anew` as for `open_library`.

    Raises `LibraryError`s. Opening is cheap: encoder, Chroma and model load when first needed.
    """
    library = open_library(settings, anew=anew)
    library.reconcile()
    return Workspace(settings, library, ModelSlot(settings))


def _engine(settings: Settings, library: Library, model: ModelSlot) -> "RememberingEngine":
    from rag.answers import RememberingEngine
    from rag.chat import Engine
    from rag.retrieve import Retriever
    from rag.support import Supporter

    garbage.postpone()
    engine = Engine(
        library=library,
        retriever=Retriever(library.catalogue, library.index, library.sentence_index, library.encoder),
        supporter=Supporter(library.encoder),
        model=model,
        settings=settings,
    )
    return RememberingEngine(engine, library=library, model=model, settings=settings)
