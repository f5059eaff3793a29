"""What is measured: the product's engine, the two controls, and stored answers of other systems."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from eval.cases import Case
from ingest.errors import LibraryError
from rag.evidence import Answer, Answerer, Done, Event, Evidence, Scope, Token, Turn
from rag.present import answer_json
from rag.sentences import sentences

__all__ = ["Asks", "EngineSystem", "Reply", "StoredSystem", "System", "decline_always", "first_two_sentences"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system answered: the `ask --json` object, and the milliseconds that we measured from outside.

    `ms` holds evidence_ms, first_token_ms and total_ms where the system shows these moments.
    """

    answer: Mapping[str, Any]
    ms: Mapping[str, float] = field(default_factory=dict)


class Asks(Protocol):
    """The part of the engine that the evaluation calls."""

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = Scope(),  # noqa: B008 - frozen
        answerer: Answerer | None = None,
    ) -> Iterator[Event]:
        """Yield the events of an answer, `Done` last."""
        ...


class System(Protocol):
    """Anything that answers cases."""

    @property
    def name(self) -> str:
        """Return the name that tables show."""
        ...

    def reply(self, case: Case) -> Reply:
        """Answer one case. Whatever it raises is recorded as a crash and scores zero."""
        ...


@dataclass(frozen=True, slots=True)
class EngineSystem:
    """The shipped path: the events of `Engine.ask`."""

    engine: Asks
    answerer: Answerer
    scope: Scope
    name: str
    clock: Callable[[], float] = time.perf_counter

    def reply(self, case: Case) -> Reply:
        """Ask the engine and time its events from outside."""
        history = tuple(Turn(question, answer) for question, answer in case.history)
        start = self.clock()
        ms: dict[str, float] = {}
        answer: Answer | None = None
        pieces = 0
        for event in self.engine.ask(case.q, history, self.scope, self.answerer):
            match event:
                case Evidence():
                    ms.setdefault("evidence_ms", (self.clock() - start) * 1000)
                case Token():
                    pieces += 1
                    ms.setdefault("first_token_ms", (self.clock() - start) * 1000)
                case Done():
                    answer = event.answer
        ms["total_ms"] = (self.clock() - start) * 1000
        if answer is None:
            raise LibraryError("The engine ended without an answer.", remedy="Run `commentariat doctor`.")
        # A server streams about a token at a time, so the pieces tell what a model wrote.
        return Reply(answer_json(answer) | ({"completion_tokens": pieces} if answer.prompt_tokens else {}), ms)


@dataclass(frozen=True, slots=True)
class StoredSystem:
    """Answers that another system gave earlier, by question and history (`eval/peers/answers`)."""

    name: str
    answers: Mapping[str, Reply]

    def has(self, case: Case) -> bool:
        """Tell whether an answer to this case is stored."""
        return case.id in self.answers

    def reply(self, case: Case) -> Reply:
        """Return the stored answer. Raises `LibraryError` where there is none."""
        if case.id not in self.answers:
            raise LibraryError(
                f"{self.name} has no stored answer to {case.id}.", remedy=f"Run `python -m eval.peers {self.name}`."
            )
        return self.answers[case.id]


def decline_always(reply: Reply) -> Reply:
    """Return the control that declines every question; what it costs a good answer shows what declining is worth."""
    return Reply(_bare(reply, text="This is not discussed.", abstained=True, claims=[]))


def first_two_sentences(reply: Reply) -> Reply:
    """Return the shortcut control: the first two sentences of the top hit, cited, whatever was asked.

    It never declines, and its citations are faultless by construction: the product has to beat it on all the rest.
    """
    evidence = reply.answer.get("evidence") or ()
    if not evidence:
        return Reply(_bare(reply, text="", abstained=False, claims=[]))
    top = evidence[0]
    text = str(top["text"])
    spans = sentences(text)[:2]
    quote = text[spans[0][0] : spans[-1][1]] if spans else text
    citation = {key: top.get(key) for key in ("thread", "comment", "number", "author")} | {"quote": quote}
    claim = {"text": quote, "status": "supported", "citations": [citation]}
    return Reply(_bare(reply, text=quote, abstained=False, claims=[claim]))


def _bare(reply: Reply, *, text: str, abstained: bool, claims: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "question": reply.answer.get("question", ""),
        "answer": text,
        "abstained": abstained,
        "reason": "not_discussed" if abstained else None,
        "route": "declined" if abstained else "quotes",
        "claims": claims,
        "evidence": list(reply.answer.get("evidence") or ()),
        "rejected": [],
        "timings": {},
        "prompt_tokens": 0,
    }
