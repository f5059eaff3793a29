"""The vocabulary of answering: passages, hits, citations, claims, answers, and the events that carry them.

Frozen, standard library only. A citation is (thread, comment, start, end), and `text[start:end]` is what it quotes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingest.thread import Span

__all__ = [
    "Answer",
    "Answerer",
    "Citation",
    "Claim",
    "ClaimDone",
    "ClaimStatus",
    "Done",
    "Event",
    "Evidence",
    "Hit",
    "Passage",
    "Reason",
    "Route",
    "Scope",
    "Token",
    "Turn",
    "Understood",
]

Answerer = Literal["auto", "quotes", "model"]
ClaimStatus = Literal["supported", "repaired", "struck"]
Reason = Literal["not_discussed", "person_absent", "detail_absent", "no_reply", "ambiguous"]
Route = Literal["structure", "quotes", "model", "stance", "overview", "declined"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one comment's own words, or of the article: sentence-aligned, about 80 words at most.

    `text == body[start:end]`, and every span in `sentences` is an offset pair into the same body. `embedded` is what
    the encoder reads: a header (author, whom they answer, a gist of the parent for short replies) and the text.
    """

    id: str
    thread_id: str
    comment_id: str
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    embedded: str

    def at(self, span: Span) -> str:
        """Return the text of a span of the body that lies inside the passage."""
        return self.text[span[0] - self.start : span[1] - self.start]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look. Empty tuples mean everywhere; `branch` is a comment id whose subtree is meant.

    `chosen_from` tells that the threads were chosen for the question, and out of how many; 0: by the reader.
    """

    thread_ids: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    branch: str | None = None
    part: Literal["all", "article", "comments"] = "all"
    chosen_from: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question; higher scores are better, comparable within one question only.

    `fits` tells of each sentence of the passage how well it fits the question; empty where nobody looked.
    """

    passage: Passage
    score: float
    author: str | None
    number: str
    best_sentence: Span | None = None
    fits: tuple[float, ...] = ()

    @property
    def source(self) -> tuple[str, str]:
        """Return whose words these are: the thread and the comment."""
        return self.passage.thread_id, self.passage.comment_id

    @property
    def sentence(self) -> Span:
        """Return the best sentence, the first one where none was told apart."""
        return self.best_sentence or self.passage.sentences[0]


@dataclass(frozen=True, slots=True)
class Citation:
    """A verified span. `comment` is the comment's id or `"article"`; `number` is `c10` or `"article"`."""

    thread: str
    comment: str
    number: str
    author: str | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer and what it rests on. `speaker` is whom it says the words are by, if it names one.

    `text` carries no citation markers; doors add them. `cause` says why a claim was repaired or struck.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    status: ClaimStatus = "supported"
    speaker: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question and answer of the conversation; citations where the door still has them."""

    question: str
    answer: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `claims` is what is shown, `rejected` what was struck; `text` is the whole as one would read it.

    `timings` are milliseconds since the question: evidence_ms, first_token_ms, total_ms. `notes` tell what went
    otherwise than asked, such as a model that failed half-way. `cached` marks an answer that was given before, to the
    same question about unchanged threads.
    """

    question: str
    text: str
    claims: tuple[Claim, ...]
    evidence: tuple[Hit, ...]
    abstained: bool = False
    reason: Reason | None = None
    rejected: tuple[Claim, ...] = ()
    route: Route = "quotes"
    timings: Mapping[str, float] = field(default_factory=dict)
    prompt_tokens: int = 0
    resolved: str = ""
    notes: tuple[str, ...] = ()
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """The question was understood: its kind, and how it reads on its own."""

    kind: str
    resolved: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The best passages, attributed: useful before any answer."""

    hits: tuple[Hit, ...]
    ms: float


@dataclass(frozen=True, slots=True)
class Token:
    """A draft piece of the answer, shown as a draft; it becomes part of the answer at `ClaimDone`."""

    text: str


@dataclass(frozen=True, slots=True)
class ClaimDone:
    """A sentence is finished and checked."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is whole. Always the last event."""

    answer: Answer


Event = Understood | Evidence | Token | ClaimDone | Done
