"""Chroma as a vector index. A collection holds ids, thread ids and vectors; no text.

What Chroma 1.5 does that this file is about (FIELD notes): `add` ignores known ids, so everything is `upsert`; a batch
beyond the client's maximum fails; `delete(ids=[])` raises; the space is fixed at creation and defaults to l2; a
collection without `embedding_function=None` may download a model.
"""

import contextlib
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rag.adapters.chroma_sources import ChromaFolder, ChromaServer, plainly
from rag.ports import Vectors

__all__ = ["ChromaIndex", "collection_name"]

_AT_REST = 1_000
"""Vectors after which Chroma writes its graph to disk, all of it; younger ones it reads from its log at the start."""
_MANY = 20_000
"""Vectors to write from which on the graph is written ten times on the way, not at every thousand."""


def collection_name(kind: str, encoder: str, dimension: int, chunker: int) -> str:
    """Name a collection by what its vectors depend on: a change of any makes another collection, never a mixture.

    >>> collection_name("passages", "all-MiniLM-L6-v2", 384, 1)
    'passages-all-MiniLM-L6-v2-384-v1'
    """
    safe = re.sub(r"[^a-zA-Z0-9]+", "-", encoder).strip("-")[-200:]
    return f"{kind}-{safe}-{dimension}-v{chunker}"


class ChromaIndex:
    """One collection of vectors. Every method raises `IndexUnavailable` where Chroma fails."""

    def __init__(self, source: ChromaFolder | ChromaServer, name: str) -> None:
        self._source = source
        self._name = name
        self._collection: Any = None
        self._batch = 0
        self._generation = 0
        self._graph_at = _AT_REST
        self._lock = threading.RLock()

    @property
    def identity(self) -> str:
        """Return Chroma's own id of the collection: another one means that it was made anew."""
        with self._at_work() as collection:
            return str(collection.id)

    def upsert(self, ids: Sequence[str], vectors: Vectors, thread_ids: Sequence[str]) -> None:
        """Write vectors, replacing those of the same id."""
        with self._at_work() as collection:
            for at in range(0, len(ids), self._batch):
                part = slice(at, at + self._batch)
                collection.upsert(
                    ids=list(ids[part]),
                    embeddings=np.asarray(vectors[part], dtype=np.float32),
                    metadatas=[{"thread": thread} for thread in thread_ids[part]],
                )

    @contextlib.contextmanager
    def filling(self, count: int) -> Iterator[None]:
        """Write the graph ten times while many vectors are written: at every thousand, a million would take terabytes.

        A process that dies in here leaves a long log behind, which is read at the next start and written into the
        graph with the next vectors.
        """
        if count < _MANY or not isinstance(self._source, ChromaFolder):
            yield
            return
        self._write_graph_at(self._source, max(_AT_REST, count // 10))
        try:
            yield
        finally:
            self._write_graph_at(self._source, _AT_REST)
            self._touch()

    def _write_graph_at(self, folder: ChromaFolder, vectors: int) -> None:
        with self._lock:
            self._graph_at = vectors
            folder.reopen()

    def _heed(self, collection: Any) -> None:
        """Tell Chroma when to write its graph, before it loads it; after a filling that was cut off too."""
        if collection.configuration_json["hnsw"].get("sync_threshold", _AT_REST) != self._graph_at:
            collection.modify(configuration={"hnsw": {"sync_threshold": self._graph_at}})

    def _touch(self) -> None:
        """Write one vector again, upon which Chroma writes its log into the graph where that has become long."""
        with self._at_work() as collection:
            found = collection.get(limit=1, include=["embeddings", "metadatas"])
            if found["ids"]:
                collection.upsert(ids=found["ids"], embeddings=found["embeddings"], metadatas=found["metadatas"])

    def query(self, vector: Vectors, k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Return up to k (id, cosine) nearest to a vector of shape (dimension,), best first."""
        if k < 1:
            return []
        with self._at_work() as collection:  # more than there are may be asked for; `count` would read every row
            found = collection.query(
                query_embeddings=np.asarray(vector, dtype=np.float32)[None, :],
                n_results=k,
                where=_where(thread_ids),
                include=["distances"],
            )
        ids, distances = found["ids"][0], (found["distances"] or [[]])[0]
        return [(str(found_id), 1.0 - float(distance)) for found_id, distance in zip(ids, distances, strict=True)]

    def fetch(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors of those ids that are present."""
        if not ids:
            return {}
        with self._at_work() as collection:
            return _by_id(collection.get(ids=list(dict.fromkeys(ids)), include=["embeddings"]))

    def fetch_thread(self, thread_id: str) -> dict[str, Vectors]:
        """Return every vector of a thread by id."""
        with self._at_work() as collection:
            return _by_id(collection.get(where={"thread": thread_id}, include=["embeddings"]))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove ids; unknown ones are ignored."""
        with self._at_work() as collection:
            for at in range(0, len(ids), self._batch):
                collection.delete(ids=list(ids[at : at + self._batch]))

    def ids(self) -> set[str]:
        """Return every id present."""
        with self._at_work() as collection:
            found: set[str] = set()
            while page := collection.get(limit=self._batch, offset=len(found), include=[])["ids"]:
                found.update(page)
            return found

    def count(self) -> int:
        """Return how many vectors are present."""
        with self._at_work() as collection:
            return int(collection.count())

    def trial(self) -> contextlib.AbstractContextManager[None]:
        """Return a context for the first look at stored data."""
        with self._lock, plainly(self._name):
            self._source.connect()  # only the folder's holder may mark it
            return self._source.trial()

    def drop(self) -> None:
        """Delete the collection; the next use makes it anew, empty."""
        with self._lock, plainly(self._name):
            self._collection = None
            client = self._source.connect()
            if self._name in {collection.name for collection in client.list_collections()}:
                client.delete_collection(self._name)

    def tidy(self) -> None:
        """Remove collections of this kind that came before this one, and the files that deleted ones left."""
        kind = self._name.split("-")[0]
        with self._lock, plainly(self._name):
            self._source.tidy(lambda name: name != self._name and name.split("-")[0] == kind)

    def reset(self) -> None:
        """Throw away the whole folder; on a server, delete the collection."""
        with self._lock:
            self._collection = None
            self._source.clear()
            if isinstance(self._source, ChromaServer):
                self.drop()

    def close(self) -> None:
        """Let go of the collection; its folder or server is closed by who opened it."""
        with self._lock:
            self._collection = None

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[Any]:
        """Lend the collection. Chroma's client may be used by several threads, so a long write holds up no question."""
        with plainly(self._name):
            with self._lock:
                self._source.check()
                if self._collection is None or self._generation != self._source.generation:
                    self._generation = self._source.generation
                    client = self._source.connect()
                    self._batch = int(client.get_max_batch_size())
                    self._collection = client.get_or_create_collection(
                        self._name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
                    )
                    if isinstance(self._source, ChromaFolder):
                        self._heed(self._collection)
                collection = self._collection
            yield collection


def _where(thread_ids: Sequence[str]) -> Any:
    if not thread_ids:
        return None
    return {"thread": thread_ids[0]} if len(thread_ids) == 1 else {"thread": {"$in": list(thread_ids)}}


def _by_id(found: Any) -> dict[str, Vectors]:
    return {
        str(found_id): np.asarray(vector, dtype=np.float32)
        for found_id, vector in zip(found["ids"], found["embeddings"], strict=True)
    }
