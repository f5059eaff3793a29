"""What a peer says about a question, and how that becomes the answer that is scored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from eval.cases import Case
from eval.peers.layout import Layout, declines
from eval.systems import Reply

__all__ = ["Cites", "Meter", "Peer", "Said", "as_reply"]

Cites = Literal["marks", "sources"]
"""How a peer cites: by numbers in its text, or by the list of sources that a page would show below it."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as the other system gave it: free words, the texts of its sources in order, what it took."""

    text: str
    sources: tuple[str, ...]
    ms: float
    prompt_tokens: int = 0
    completion_tokens: int = 0
    notes: tuple[str, ...] = ()


@runtime_checkable
class Peer(Protocol):
    """Another system over one thread, opened and ready."""

    @property
    def name(self) -> str:
        """Return the name that tables show and files carry."""
        ...

    @property
    def cites(self) -> Cites:
        """Return how it cites."""
        ...

    def versions(self) -> dict[str, str]:
        """Return the versions of what its answers depend on."""
        ...

    def settings(self) -> dict[str, str | int | float]:
        """Return how it is set up."""
        ...

    def sources(self, questions: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the texts that it finds for each question, best first, without asking a model."""
        ...

    def ask(self, case: Case) -> Said:
        """Answer one case."""
        ...


@dataclass(slots=True)
class Meter:
    """Adds up the tokens that a server says it read and wrote."""

    prompt: int = 0
    completion: int = 0
    requests: int = field(default=0)

    def add(self, usage: object) -> None:
        """Add the `usage` object of one reply; anything else counts as a request without tokens."""
        self.requests += 1
        if isinstance(usage, dict):
            self.prompt += int(usage.get("prompt_tokens") or 0)
            self.completion += int(usage.get("completion_tokens") or 0)

    def reset(self) -> None:
        """Begin at zero."""
        self.prompt = self.completion = self.requests = 0


def as_reply(case: Case, said: Said, layout: Layout, cites: Cites) -> Reply:
    """Map an answer in free words to the form of `ask --json`, in the peer's favour.

    One that cites by marks has a claim a sentence. One that only lists its sources has one claim, and cites of each
    source the comment that shares most words with the whole answer.
    """
    text = said.text.strip()
    declined = declines(text)
    if cites == "marks":
        claims = layout.claims(text, said.sources)
    else:
        found = [layout.best(text, source) for source in said.sources]
        claims = [{"text": text, "status": "supported", "citations": [item for item in found if item]}]
    answer = {
        "question": case.q,
        "answer": text,
        "abstained": declined,
        "reason": "not_discussed" if declined else None,
        "route": "declined" if declined else "model",
        "claims": [] if declined else claims,
        "evidence": layout.evidence(said.sources),
        "rejected": [],
        "timings": {"total_ms": round(said.ms, 1)},
        "prompt_tokens": said.prompt_tokens,
        "completion_tokens": said.completion_tokens,
        "notes": list(said.notes),
    }
    return Reply(answer, {"total_ms": said.ms})
