"""A library held in memory: the ports of `rag` for sets that are measured and thrown away."""

from collections.abc import Iterable, Sequence

import numpy as np

from ingest.thread import Thread
from rag.evidence import Passage
from rag.lexical import BM25, terms
from rag.passages import passages as cut
from rag.passages import sentence_id
from rag.ports import Encoder, PassageState, ThreadRow, Vectors

__all__ = ["MemoryCatalogue", "MemoryIndex", "fill", "sentence_texts"]


class MemoryIndex:
    """Vectors by id, compared one by one."""

    def __init__(self) -> None:
        self._vectors: dict[str, Vectors] = {}
        self._threads: dict[str, dict[str, None]] = {}

    def upsert(self, ids: Sequence[str], vectors: Vectors, thread_ids: Sequence[str]) -> None:
        """Write vectors, replacing those of the same id."""
        for key, vector, thread_id in zip(ids, vectors, thread_ids, strict=True):
            self._vectors[key] = np.asarray(vector, np.float32)
            self._threads.setdefault(thread_id, {})[key] = None

    def query(self, vector: Vectors, k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Return up to k (id, cosine) nearest to a vector, best first."""
        ids = [key for thread_id in thread_ids or self._threads for key in self._threads.get(thread_id, ())]
        if not ids:
            return []
        cosines = np.stack([self._vectors[key] for key in ids]) @ vector
        return [(ids[row], float(cosines[row])) for row in np.argsort(-cosines, kind="stable")[:k]]

    def fetch(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors of those ids that are present."""
        return {key: self._vectors[key] for key in ids if key in self._vectors}

    def fetch_thread(self, thread_id: str) -> dict[str, Vectors]:
        """Return every vector of a thread by id."""
        return self.fetch(list(self._threads.get(thread_id, ())))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove ids; unknown ones are ignored."""
        for key in ids:
            self._vectors.pop(key, None)
            for keys in self._threads.values():
                keys.pop(key, None)

    def ids(self) -> set[str]:
        """Return every id present."""
        return set(self._vectors)

    def count(self) -> int:
        """Return how many vectors are present."""
        return len(self._vectors)

    def close(self) -> None:
        """Forget everything."""
        self._vectors.clear()
        self._threads.clear()


class MemoryCatalogue:
    """Threads and their passages; full text by our own BM25 over passages, computed at the first search."""

    def __init__(self, threads: Iterable[Thread] = ()) -> None:
        self._threads: dict[str, tuple[Thread, list[Passage], int]] = {}
        self._revision = 0
        self._texts: tuple[int, list[Passage], BM25] | None = None
        for thread in threads:
            self.save_pending(thread, cut(thread))

    def threads(self, *, pending: bool = False) -> list[ThreadRow]:
        """List the threads, oldest first; here none is ever pending."""
        return [_row(thread, revision) for thread, _, revision in self._threads.values()]

    def thread(self, thread_id: str) -> Thread | None:
        """Return a stored thread, or None."""
        return self._threads[thread_id][0] if thread_id in self._threads else None

    def passages(self, thread_id: str) -> list[Passage]:
        """Return a thread's passages in document order."""
        return self._threads[thread_id][1] if thread_id in self._threads else []

    def passages_by_id(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return those of the ids that exist."""
        wanted = set(ids)
        every = {
            passage.id: passage for _, found, _ in self._threads.values() for passage in found if passage.id in wanted
        }
        return {key: every[key] for key in ids if key in every}

    def threads_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the thread's id of each of those passages that exist."""
        return {key: passage.thread_id for key, passage in self.passages_by_id(ids).items()}

    def search(self, terms: Sequence[str], k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Return up to k (passage id, BM25 score) for any of the terms, best first."""
        passages, index = self._index()
        scores = index.scores(dict.fromkeys(terms, 1.0))
        order = np.argsort(-scores, kind="stable")
        allowed = set(thread_ids)
        found = [
            (passages[row].id, float(scores[row]))
            for row in order
            if scores[row] > 0 and (not allowed or passages[row].thread_id in allowed)
        ]
        return found[:k]

    def frequency(self, term: str, most: int) -> int:
        """Return how many passages hold a term, counted no further than `most`."""
        return min(most, self._index()[1].frequency(term))

    def _index(self) -> tuple[list[Passage], BM25]:
        if self._texts is None or self._texts[0] != self._revision:
            passages = [passage for _, found, _ in self._threads.values() for passage in found]
            self._texts = (self._revision, passages, BM25(terms(passage.text) for passage in passages))
        return self._texts[1], self._texts[2]

    def revision(self) -> int:
        """Return a number that grows with every change."""
        return self._revision

    def states(self, thread_id: str) -> list[PassageState]:
        """Return the passages of a thread, all of them indexed."""
        return [PassageState(passage.id, "", True) for passage in self.passages(thread_id)]

    def save_pending(self, thread: Thread, passages: Sequence[Passage]) -> None:
        """Write a thread and its passages, visible at once."""
        self._revision += 1
        self._threads[thread.id] = (thread, list(passages), self._revision)

    def mark_indexed(self, thread_id: str) -> bool:
        """Tell whether the thread is here; it was visible from the first."""
        return thread_id in self._threads

    def remove(self, thread_id: str) -> bool:
        """Erase a thread; tell whether it was there."""
        self._revision += 1
        return self._threads.pop(thread_id, None) is not None

    def close(self) -> None:
        """Forget everything."""
        self._threads.clear()


def _row(thread: Thread, revision: int) -> ThreadRow:
    people = len({comment.author for comment in thread.visible if comment.author})
    count = len(thread.visible)
    return ThreadRow(thread.id, thread.title, thread.source, thread.origin, count, people, revision, True, "", "")


def sentence_texts(thread: Thread, passages: Sequence[Passage]) -> tuple[list[str], list[str]]:
    """Return the ids and texts of every sentence of a thread's passages."""
    ids, texts = [], []
    for passage in passages:
        body = thread.text_of(passage.comment_id) or ""
        for number, (start, end) in enumerate(passage.sentences):
            ids.append(sentence_id(passage.id, number))
            texts.append(body[start:end])
    return ids, texts


def fill(catalogue: MemoryCatalogue, index: MemoryIndex, sentence_index: MemoryIndex, encoder: Encoder) -> None:
    """Fill both indexes with the vectors of every thread of a catalogue."""
    for row in catalogue.threads():
        thread, passages = catalogue.thread(row.id), catalogue.passages(row.id)
        if thread is None or not passages:
            continue
        vectors = encoder.encode([passage.embedded for passage in passages])
        index.upsert([passage.id for passage in passages], vectors, [row.id] * len(passages))
        ids, texts = sentence_texts(thread, passages)
        sentence_index.upsert(ids, encoder.encode(texts), [row.id] * len(ids))
