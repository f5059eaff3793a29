"""A workspace over a small real library: a fake encoder, quotes or a scripted model."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from ingest.errors import ModelMissing
from rag.build import Workspace
from rag.library import Library
from rag.models import ModelSlot, ModelState
from rag.ports import LanguageModel, Message
from rag.settings import Settings
from tests.builders import debate
from tests.fakes import FakeEncoder


class Slot:
    """A slot that holds the model given, or none."""

    def __init__(self, model: LanguageModel | None) -> None:
        self._model = model
        self.warmed = threading.Event()
        self.state = ModelState("ready" if model else "missing", "scripted", remote=False)

    @property
    def available(self) -> bool:
        return self._model is not None

    def warm(self) -> None:
        self.warmed.set()

    def get(self) -> LanguageModel:
        if self._model is None:
            raise ModelMissing("There is no model.", remedy="Install one.")
        return self._model

    def close(self) -> None:
        """Hold nothing."""


class EndlessModel:
    """A model that never stops talking; `said` counts its words."""

    name = "endless"
    remote = False
    context_window = 4096

    def __init__(self) -> None:
        self.said = 0
        self.closed = False

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        import time

        try:
            while True:
                self.said += 1
                time.sleep(0.01)
                yield "and "
        finally:
            self.closed = True

    def count_tokens(self, text: str) -> int:
        return len(text.split())


@contextmanager
def workspace(home: Path, model: LanguageModel | None = None, **settings: object) -> Iterator[Workspace]:
    """Open a library that holds the debate."""
    library = Library(home, FakeEncoder())
    library.add(debate())
    chosen = Settings.from_environment({}, home=home, **settings)
    slot = cast(ModelSlot, Slot(model))
    with Workspace(chosen, library, slot) as opened:
        yield opened
