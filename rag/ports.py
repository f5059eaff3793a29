"""What the engine asks of the world, as Protocols. Adapters and the tests' fakes keep the same contracts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.thread import Thread
from rag.evidence import Passage

__all__ = [
    "AnswerStore",
    "Catalogue",
    "Encoder",
    "LanguageModel",
    "Message",
    "PassageState",
    "Progress",
    "SyncedIndex",
    "ThreadRow",
    "VectorIndex",
    "VectorReader",
    "Vectors",
]

Progress = Callable[[int, int], None]
"""Called with (done, total) while something takes its time."""

Vectors = NDArray[np.float32]
"""Shape (n, dimension), rows of unit length."""


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message for a language model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread as a list shows it. `revision` grows with every change of the thread; `indexed` tells it is whole."""

    id: str
    title: str
    source: str
    origin: str
    comments: int
    people: int
    revision: int
    indexed: bool
    added_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class PassageState:
    """What the catalogue knows of a stored passage: the hash of its embedded text, and whether its vector is in."""

    id: str
    embedded_hash: str
    indexed: bool


class Encoder(Protocol):
    """Text → unit vectors."""

    name: str

    @property
    def dimension(self) -> int:
        """Return the width of the vectors."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, in order; an empty sequence gives shape (0, dimension)."""
        ...


class VectorReader(Protocol):
    """Vectors by id with their thread, to search and look up."""

    def query(self, vector: Vectors, k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Return up to k (id, cosine) nearest to a vector of shape (dimension,), best first."""
        ...

    def fetch(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors, shape (dimension,), of those ids that are present."""
        ...

    def fetch_thread(self, thread_id: str) -> dict[str, Vectors]:
        """Return every vector of a thread by id."""
        ...

    def ids(self) -> set[str]:
        """Return every id present."""
        ...

    def count(self) -> int:
        """Return how many vectors are present."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


class VectorIndex(VectorReader, Protocol):
    """A cache of the vectors that the catalogue holds, made to search them fast."""

    def upsert(self, ids: Sequence[str], vectors: Vectors, thread_ids: Sequence[str]) -> None:
        """Write vectors, replacing those of the same id. Any number; batching is the adapter's."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove ids; unknown ones are ignored."""
        ...


class SyncedIndex(VectorIndex, Protocol):
    """A vector index that can be thrown away; `identity` changes whenever it is made anew."""

    @property
    def identity(self) -> str:
        """Return what tells this index from any other and from its own earlier lives."""
        ...

    def trial(self) -> AbstractContextManager[None]:
        """Return a context for the first look at stored data; if the process dies in it, the next one starts empty."""
        ...

    def filling(self, count: int) -> AbstractContextManager[None]:
        """Return a context for writing so many vectors at once."""
        ...

    def drop(self) -> None:
        """Empty the index; it has another identity then."""
        ...

    def tidy(self) -> None:
        """Remove what earlier indexes of the same kind left on disk; this one stays as it is."""
        ...

    def reset(self) -> None:
        """Throw away what is damaged on disk; the index is empty and has another identity then."""
        ...


class AnswerStore(Protocol):
    """Answers given before, a bounded number of them: `answers` of a library's catalogue. It may forget any.

    An answer is erased in the very transaction that removes or changes a thread it rests on, and one that rests on
    the whole library in the transaction of any change of it; nothing of it can be read in the file afterwards.
    """

    def recall(self, key: str) -> str | None:
        """Return what was stored under a key, or None."""
        ...

    def remember(self, key: str, revisions: Mapping[str, int], payload: str) -> bool:
        """Store an answer that rests on threads as they were at these revisions; False where one has changed since.

        The id "" stands for the library as a whole and `Catalogue.revision()`. An earlier answer of the same key is
        replaced. Does not wait for another writer: raises `LibraryBusy` soon.
        """
        ...


class Catalogue(Protocol):
    """The system of record: threads, passages, full text. Readers see only threads that are whole."""

    def threads(self, *, pending: bool = False) -> list[ThreadRow]:
        """List the whole threads, oldest first; with `pending` also those still being indexed."""
        ...

    def thread(self, thread_id: str) -> Thread | None:
        """Return a stored thread, or None."""
        ...

    def passages(self, thread_id: str) -> list[Passage]:
        """Return a thread's passages in document order."""
        ...

    def passages_by_id(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return those of the ids that exist and whose thread is whole."""
        ...

    def threads_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the thread's id of each of those passages that exist."""
        ...

    def search(self, terms: Sequence[str], k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Return up to k (passage id, BM25 score, higher is better) for any of the terms, best first."""
        ...

    def frequency(self, term: str, most: int) -> int:
        """Return how many passages of the library hold a term, counted no further than `most`."""
        ...

    def revision(self) -> int:
        """Return a number that grows with every change any process makes to the library."""
        ...

    def states(self, thread_id: str) -> list[PassageState]:
        """Return the embedding state of a thread's passages."""
        ...

    def save_pending(self, thread: Thread, passages: Sequence[Passage]) -> None:
        """Write a thread and its passages in one transaction, not yet visible to readers if new."""
        ...

    def mark_indexed(self, thread_id: str) -> bool:
        """Make the pending state of a thread the one that readers see; False where nothing or too little is there."""
        ...

    def remove(self, thread_id: str) -> bool:
        """Erase a thread with its text and full text; tell whether it was there."""
        ...

    def close(self) -> None:
        """Release the file or connection."""
        ...


class LanguageModel(Protocol):
    """A chat model that streams."""

    name: str
    remote: bool
    context_window: int

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        """Yield pieces of the reply. Raises `ModelError`s only."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens, estimated where the model cannot say."""
        ...
