"""Which language model answers: a configured endpoint, the local GGUF, or none. Loaded when first needed."""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ingest.errors import ModelError, ModelMissing
from rag.adapters.local_model import BUNDLED, LocalServer, bundled_installed, joined_weights
from rag.ports import LanguageModel
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.adapters.llama_index import ChatModel

__all__ = ["ModelSlot", "ModelState"]

_log = logging.getLogger("commentariat.models")


@dataclass(frozen=True, slots=True)
class ModelState:
    """What a person is told about the model: its state, name, where it runs, and what to do if it is missing."""

    state: Literal["missing", "idle", "loading", "ready", "failed"]
    name: str
    remote: bool
    hint: str = ""


class ModelSlot:
    """Holds the language model that the settings name; thread-safe.

    An endpoint wins over a local file, a local file over the bundled weights.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._reading = threading.Lock()  # held for one step of reading ahead
        self._asked = threading.Event()
        self._model: ChatModel | None = None
        self._server: LocalServer | None = None
        self._state = self._first_state()

    @property
    def state(self) -> ModelState:
        """Return the present state; never waits."""
        return self._state

    @property
    def available(self) -> bool:
        """Tell whether `get` has a chance: an endpoint or weights are there."""
        return self._state.state not in ("missing", "failed")

    def get(self) -> LanguageModel:
        """Return the model for a question, loading it first if needed. Raises `ModelError`s.

        A question goes first: what is being read ahead ends with its present step, which the question needs anyway.
        """
        self._asked.set()
        with self._reading:
            return self._loaded()

    def ahead(self) -> None:
        """Start `warm` in the background; what fails is told when a question needs the model."""
        threading.Thread(target=self._quietly, name="ahead", daemon=True).start()

    def _quietly(self) -> None:
        try:
            self.warm()
        except ModelError as error:
            _log.warning("not read ahead: %s", error)

    def _loaded(self) -> LanguageModel:
        with self._lock:
            if self._model is None:
                self._become("loading")
                try:
                    self._model = self._load()
                except ModelError as error:
                    self._become("missing" if isinstance(error, ModelMissing) else "failed", str(error))
                    raise
                self._become("ready")
            return self._model

    def warm(self) -> None:
        """Load the model and let it read the beginning of every prompt, step by step until a question comes.

        An endpoint is left alone: reading there may cost money. Raises `ModelError`s.
        """
        from rag.prompt import BEGINNINGS

        self._asked.clear()
        model = self._loaded()
        for messages in BEGINNINGS if not model.remote else ():
            with self._reading:
                if self._asked.is_set():
                    return
                for _ in model.stream(messages, max_tokens=1):
                    pass

    def close(self) -> None:
        """Stop the local server, if one runs."""
        with self._lock:
            if self._model is not None:
                self._model.close()
                self._model = None
            if self._server is not None:
                self._server.close()
                self._server = None

    def _first_state(self) -> ModelState:
        settings = self._settings
        if settings.endpoint:
            return ModelState("idle", settings.model or "the endpoint's model", settings.endpoint_is_remote)
        if settings.model:
            if Path(settings.model).expanduser().is_file():
                return ModelState("idle", Path(settings.model).stem, remote=False)
            return ModelState("missing", settings.model, remote=False, hint=f"There is no file {settings.model}.")
        if bundled_installed():
            return ModelState("idle", BUNDLED.name, remote=False)
        return ModelState("missing", BUNDLED.name, remote=False, hint="pip install 'commentariat[local]'")

    def _become(self, state: Literal["missing", "loading", "ready", "failed"], hint: str = "") -> None:
        self._state = ModelState(state, self._state.name, self._state.remote, hint)

    def _load(self) -> "ChatModel":
        from rag.adapters.llama_index import ChatModel
        from rag.adapters.patience import Patience

        settings = self._settings
        if settings.endpoint:
            return ChatModel(
                name=settings.model or "default",
                url=settings.endpoint,
                key=settings.api_key,
                remote=settings.endpoint_is_remote,
                context_window=settings.context_window,
                patience=Patience(
                    silence=settings.endpoint_silence, whole=settings.endpoint_limit, retry=settings.endpoint_retry
                ),
            )
        if settings.model:
            path, name = Path(settings.model).expanduser(), Path(settings.model).stem
        else:
            path, name = joined_weights(settings.cache), BUNDLED.name
        self._server = LocalServer(
            path, name=name, context_window=settings.context_window, threads=settings.model_threads
        )
        return ChatModel(
            name=name,
            url=f"{self._server.url}/v1",
            key=self._server.key,
            context_window=settings.context_window,
            patience=Patience(silence=180.0, whole=900.0),  # a long prompt takes a slow machine minutes
            tokenize_url=f"{self._server.url}/tokenize",
        )
