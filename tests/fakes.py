"""Fakes that keep the ports' contracts: the contract suites run over them too, so they cannot drift."""

import hashlib
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from rag.ports import Message, Vectors

_WORD = re.compile(r"\w+")


class FakeEncoder:
    """Hash words into a bag of words of unit length: texts that share words are near, the same everywhere."""

    name = "fake"

    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension
        self.encoded: list[str] = []

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text.casefold()) or [""]:
                digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
                row[int.from_bytes(digest[:4], "big") % self.dimension] += 1.0 if digest[4] % 2 else -1.0
                row[int.from_bytes(digest[5:], "big") % self.dimension] += 0.5
            norm = float(np.linalg.norm(row))
            row /= norm or 1.0
            if not norm:
                row[0] = 1.0
        return rows


class FakeIndex:
    """A vector index in memory, exact."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[Vectors, str]] = {}
        self._identity = uuid.uuid4().hex

    @property
    def identity(self) -> str:
        return self._identity

    def upsert(self, ids: Sequence[str], vectors: Vectors, thread_ids: Sequence[str]) -> None:
        for row_id, vector, thread_id in zip(ids, vectors, thread_ids, strict=True):
            self._rows[row_id] = (np.array(vector, dtype=np.float32), thread_id)

    def query(self, vector: Vectors, k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        found = [
            (row_id, float(row @ vector))
            for row_id, (row, thread_id) in self._rows.items()
            if not thread_ids or thread_id in thread_ids
        ]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[: max(k, 0)]

    def fetch(self, ids: Sequence[str]) -> dict[str, Vectors]:
        return {row_id: self._rows[row_id][0] for row_id in ids if row_id in self._rows}

    def fetch_thread(self, thread_id: str) -> dict[str, Vectors]:
        return {row_id: row for row_id, (row, thread) in self._rows.items() if thread == thread_id}

    def delete(self, ids: Sequence[str]) -> None:
        for row_id in ids:
            self._rows.pop(row_id, None)

    def ids(self) -> set[str]:
        return set(self._rows)

    def count(self) -> int:
        return len(self._rows)

    def trial(self) -> AbstractContextManager[None]:
        return nullcontext()

    def filling(self, count: int) -> AbstractContextManager[None]:
        return nullcontext()

    def drop(self) -> None:
        self._rows.clear()
        self._identity = uuid.uuid4().hex

    def tidy(self) -> None:
        """Do nothing: what is in memory leaves nothing behind."""

    def reset(self) -> None:
        self.drop()

    def close(self) -> None:
        """Keep everything: what is in memory stays for the next look."""


class ScriptedModel:
    """A language model that says what it was told to, reply by reply, a word at a time; it keeps what it was asked."""

    name = "scripted"

    def __init__(self, replies: Sequence[str], *, remote: bool = False, context_window: int = 4096) -> None:
        self.remote = remote
        self.context_window = context_window
        self.asked: list[list[Message]] = []
        self._replies = list(replies)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        self.asked.append(list(messages))
        assert self._replies, "the model was asked more often than it has replies"
        reply = self._replies.pop(0)
        for mark in stop:
            reply = reply.split(mark)[0]
        yield from re.findall(r"\S+\s*|\s+", reply)[:max_tokens]

    def count_tokens(self, text: str) -> int:
        return len(_WORD.findall(text))
