"""Settings → a working whole. The single composition root; engines load when first needed."""

from types import TracebackType
from typing import Self

from rag.adapters.encoders import open_encoder
from rag.answers import RememberingEngine
from rag.chat import Engine
from rag.library import Library
from rag.models import ModelSlot
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.storage import open_library
from rag.support import Supporter

__all__ = ["Workspace", "open_workspace"]


class Workspace:
    """A library, its engine and its model. Close it, or use `with`."""

    def __init__(self, settings: Settings, library: Library, engine: RememberingEngine, model: ModelSlot) -> None:
        self.settings = settings
        self.library = library
        self.engine = engine
        self.model = model

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


def open_workspace(settings: Settings) -> Workspace:
    """Open the library that the settings name, finish what a killed run left, and wire the engine.

    Raises `LibraryError`s. Opening is cheap: encoder, Chroma and model load when first needed.
    """
    encoder = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
    library = open_library(settings, encoder=encoder)
    library.reconcile()
    model = ModelSlot(settings)
    engine = Engine(
        library=library,
        retriever=Retriever(library.catalogue, library.index, library.sentence_index, encoder),
        supporter=Supporter(encoder),
        model=model,
        settings=settings,
    )
    remembering = RememberingEngine(engine, library=library, model=model, settings=settings)
    return Workspace(settings, library, remembering, model)
