"""Threads held in memory for retrieval, by revision, so that a question reads nothing from disk twice."""

import threading
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.thread import Thread
from rag.evidence import Passage, Scope
from rag.kept import Kept
from rag.passages import sentence_id
from rag.pool import Part, Pool
from rag.ports import Catalogue, Encoder, ThreadRow, VectorReader, Vectors
from rag.scope import admission
from rag.surroundings import Surroundings

__all__ = ["KEPT_PASSAGES", "Held", "Holdings"]

KEPT_PASSAGES = 40_000  # passages held, of threads and of pools each: about 300 MB with their sentences
_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Held:
    """A pool with the surroundings of its comments."""

    pool: Pool
    around: Surroundings


class Holdings:
    """Load parts and pools; the least recently asked are let go first. Safe to share between threads."""

    def __init__(
        self, catalogue: Catalogue, index: VectorReader, sentence_index: VectorReader, encoder: Encoder
    ) -> None:
        self._catalogue = catalogue
        self._index = index
        self._sentence_index = sentence_index
        self._encoder = encoder
        self._lock = threading.Lock()
        self._rows: tuple[int, dict[str, ThreadRow]] = (-1, {})
        self._parts: Kept[_Key, Part] = Kept(KEPT_PASSAGES)
        self._pools: Kept[tuple[_Key, ...], Held] = Kept(KEPT_PASSAGES)

    def rows(self) -> dict[str, ThreadRow]:
        """Return the library's threads by id, read again only after a change."""
        revision = self._catalogue.revision()
        with self._lock:
            seen, rows = self._rows
        if seen != revision:
            rows = {row.id: row for row in self._catalogue.threads()}
            with self._lock:
                self._rows = (revision, rows)
        return rows

    def whole(self, rows: Sequence[ThreadRow]) -> Held:
        """Return everything that these threads say."""
        key = tuple((row.id, row.revision) for row in rows)
        held = self._pools.get(key)
        if held is None:
            pool = Pool(self._load(key))
            held = Held(pool, Surroundings(pool))
            self._pools.keep(key, held, len(pool))
        return held

    def some(self, ids: Sequence[str], thread_ids: frozenset[str]) -> Held:
        """Return only the passages with these ids, of these threads, however many; nothing is kept."""
        found: dict[str, list[Passage]] = {}
        for passage in self._catalogue.passages_by_id(ids).values():
            if passage.thread_id in thread_ids:
                found.setdefault(passage.thread_id, []).append(passage)
        return self._only(found)

    def of(self, rows: Sequence[ThreadRow], ids: Container[str]) -> Held:
        """Return only the passages with these ids, of a few threads that are read anyway; nothing is kept."""
        every = ((row.id, self._catalogue.passages(row.id)) for row in rows)
        return self._only({name: [one for one in passages if one.id in ids] for name, passages in every})

    def _only(self, found: Mapping[str, Sequence[Passage]]) -> Held:
        threads = [(self._catalogue.thread(name), passages) for name, passages in found.items() if passages]
        pool = Pool(self._cut([(thread, passages) for thread, passages in threads if thread is not None]))
        return Held(pool, Surroundings(pool))

    def said(self, rows: Sequence[ThreadRow], scope: Scope) -> list[str]:
        """Return the ids of the passages of these threads that a scope lets in."""
        ids = []
        for row in rows:
            thread = self._catalogue.thread(row.id)
            if thread is not None:
                admits = admission(scope, thread)
                ids += [one.id for one in self._catalogue.passages(row.id) if admits(one.comment_id)]
        return ids

    def _load(self, keys: Sequence[_Key]) -> list[Part]:
        parts = {key: part for key in keys if (part := self._parts.get(key)) is not None}
        threads = [(key, self._catalogue.thread(key[0])) for key in keys if key not in parts]
        present = [(key, thread) for key, thread in threads if thread is not None]
        cut = self._cut([(thread, self._catalogue.passages(thread.id)) for _, thread in present])
        for (key, _), part in zip(present, cut, strict=True):
            parts[key] = part
            self._parts.keep(key, part, len(part.passages))
        return [parts[key] for key in keys if key in parts]

    def _cut(self, found: Sequence[tuple[Thread, Sequence[Passage]]]) -> list[Part]:
        if len(found) == 1:
            only = found[0][0].id
            vectors, of_sentences = self._index.fetch_thread(only), self._sentence_index.fetch_thread(only)
        else:
            every = [passage for _, passages in found for passage in passages]
            vectors = self._index.fetch([passage.id for passage in every])
            of_sentences = self._sentence_index.fetch(
                [sentence_id(passage.id, number) for passage in every for number in range(len(passage.sentences))]
            )
        titles = self._titles([thread for thread, _ in found])
        return [Part.build(thread, passages, vectors, of_sentences, titles[thread.id]) for thread, passages in found]

    def _titles(self, threads: Sequence[Thread]) -> dict[str, Vectors]:
        """Return the directions of the titles of threads that have no article to tell what they are about."""
        bare = [thread for thread in threads if thread.article.title and not thread.article.text.strip()]
        nothing = np.zeros(self._encoder.dimension, np.float32)
        titles = {thread.id: nothing for thread in threads}
        titles.update(
            zip((thread.id for thread in bare), self._encoder.encode([thread.title for thread in bare]), strict=True)
        )
        return titles
