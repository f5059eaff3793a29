"""Chroma as a vector index: embedded in a folder, or a server by URL. It holds ids, thread ids and vectors; no text.

What Chroma 1.5 does that this file is about (FIELD notes): `add` ignores known ids, so everything is `upsert`; a batch
beyond the client's maximum fails; `delete(ids=[])` raises; the space is fixed at creation and defaults to l2; a
collection without `embedding_function=None` may download a model; a second process on one folder hangs or reads
stale vectors, so a folder is held under a lock.
"""

import contextlib
import json
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from ingest.errors import IndexUnavailable
from rag.locks import FileLock
from rag.ports import Vectors

if TYPE_CHECKING:
    import httpx

__all__ = ["ChromaFolder", "ChromaIndex", "ChromaServer", "collection_name"]

_STAMP = "commentariat.json"
_TRIAL = "first-look"
_GREETING = 2.0  # seconds for a server to be there at all
_REQUEST = 60.0  # seconds for one request to it: a large batch on a busy machine
_REMEDY = "The catalogue answers meanwhile; `commentariat reindex` rebuilds the index."


def collection_name(kind: str, encoder: str, dimension: int, chunker: int) -> str:
    """Name a collection by what its vectors depend on: a change of any makes another collection, never a mixture.

    >>> collection_name("passages", "all-MiniLM-L6-v2", 384, 1)
    'passages-all-MiniLM-L6-v2-384-v1'
    """
    safe = re.sub(r"[^a-zA-Z0-9]+", "-", encoder).strip("-")[-200:]
    return f"{kind}-{safe}-{dimension}-v{chunker}"


class ChromaFolder:
    """An embedded Chroma in a folder, held by one process at a time.

    Connecting raises `IndexUnavailable` at once where another process (or object) holds the folder. A folder written
    by another release series of Chroma is emptied: what it held is in the catalogue.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path.with_name(f"{path.name}.lock"))
        self._client: Any = None
        self.generation = 0  # grows when the folder is emptied under its users

    def connect(self) -> Any:
        """Return the client, opening the folder at the first call."""
        if self._client is not None:
            return self._client
        if not self._lock.acquire(exclusive=True):
            raise IndexUnavailable(f"Another process holds the vector index at {self.path}.", remedy=_REMEDY)
        try:
            with _plainly(str(self.path)):
                self._client = self._open_or_renew()
        except BaseException:
            self._lock.release()
            raise
        return self._client

    def clear(self) -> None:
        """Throw the folder away, to be filled again. Raises `IndexUnavailable` where another process holds it."""
        self._stop()
        if not self._lock.acquire(exclusive=True):
            raise IndexUnavailable(f"Another process holds the vector index at {self.path}.", remedy=_REMEDY)
        self.generation += 1
        shutil.rmtree(self.path, ignore_errors=True)

    @contextlib.contextmanager
    def trial(self) -> Iterator[None]:
        """Mark the folder while its data is first looked at: damaged graph files can crash Chroma's native code.

        A process that died in here left the mark, and the folder is thrown away before it kills the next one.
        """
        mark = self.path / _TRIAL
        if mark.exists():
            self.clear()
        self.path.mkdir(parents=True, exist_ok=True)
        mark.touch()
        try:
            yield
        finally:
            mark.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the client and let another process have the folder."""
        self._stop()
        self._lock.release()

    def _open_or_renew(self) -> Any:
        """Open the folder; throw a damaged one away, for what it held is in the catalogue.

        Twice: after a failed start Chroma keeps half a system in its cache, which the next start only clears.
        """
        for _ in range(2):
            try:
                return self._open()
            except BaseException as error:
                if not _is_chromas(error):
                    raise
                shutil.rmtree(self.path, ignore_errors=True)
        return self._open()

    def _open(self) -> Any:
        import chromadb
        from chromadb.config import Settings

        series = ".".join(chromadb.__version__.split(".")[:2])
        stamp = self.path / _STAMP
        if self.path.exists() and _read_stamp(stamp) != series:
            shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True, exist_ok=True)
        client = chromadb.PersistentClient(path=str(self.path), settings=Settings(anonymized_telemetry=False))
        stamp.write_text(json.dumps({"chroma": series}), encoding="utf-8")
        return client

    def _stop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(IndexUnavailable), _plainly(str(self.path)):
                client.close()


class ChromaServer:
    """A Chroma server by URL; any number of processes may share it. `token` is sent as a bearer token."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self._token = token
        self._client: Any = None
        self._session: httpx.Client | None = None
        self.generation = 0

    def connect(self) -> Any:
        """Return the client. Raises `IndexUnavailable` where the server does not answer."""
        if self._client is None:
            with _plainly(self.url):
                self._client = self._open()
        return self._client

    def _open(self) -> Any:
        """Connect, within seconds: Chroma's own client waits for ever, so the server is greeted first."""
        import chromadb
        import httpx
        from chromadb.config import Settings

        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        with httpx.Client(timeout=_GREETING, trust_env=False, headers=headers) as greeter:
            greeter.get(f"{self.url.rstrip('/')}/api/v2/heartbeat").raise_for_status()
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        client = chromadb.HttpClient(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or (443 if secure else 80),
            ssl=secure,
            headers=headers,
            settings=Settings(anonymized_telemetry=False),
        )
        # The one way to bound its requests: the session is Chroma's own (chromadb/api/fastapi.py, timeout=None).
        session = getattr(getattr(client, "_server", None), "_session", None)
        if isinstance(session, httpx.Client):
            session.timeout = httpx.Timeout(_REQUEST, connect=_GREETING)
            self._session = session
        return client

    def clear(self) -> None:
        """Connect afresh; what is on the server is not ours to throw away."""
        self.close()
        self.generation += 1

    @contextlib.contextmanager
    def trial(self) -> Iterator[None]:
        """Do nothing: the data is the server's to look at."""
        yield

    def close(self) -> None:
        """Close the connection."""
        client, self._client = self._client, None
        session, self._session = self._session, None
        if session is not None:
            session.close()  # closing Chroma's client leaves its sockets open
        if client is not None:
            with contextlib.suppress(IndexUnavailable), _plainly(self.url):
                client.close()


class ChromaIndex:
    """One collection of vectors. Every method raises `IndexUnavailable` where Chroma fails."""

    def __init__(self, source: ChromaFolder | ChromaServer, name: str) -> None:
        self._source = source
        self._name = name
        self._collection: Any = None
        self._batch = 0
        self._generation = 0
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

    def query(self, vector: Vectors, k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Return up to k (id, cosine) nearest to a vector of shape (dimension,), best first."""
        with self._at_work() as collection:
            k = min(k, collection.count())
            if k < 1:
                return []
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
        with self._lock, _plainly(self._name):
            self._source.connect()  # only the folder's holder may mark it
            return self._source.trial()

    def drop(self) -> None:
        """Delete the collection; the next use makes it anew, empty."""
        with self._lock, _plainly(self._name):
            self._collection = None
            client = self._source.connect()
            if self._name in {collection.name for collection in client.list_collections()}:
                client.delete_collection(self._name)

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
        with _plainly(self._name):
            with self._lock:
                if self._collection is None or self._generation != self._source.generation:
                    self._generation = self._source.generation
                    client = self._source.connect()
                    self._batch = int(client.get_max_batch_size())
                    self._collection = client.get_or_create_collection(
                        self._name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
                    )
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


def _read_stamp(stamp: Path) -> str | None:
    try:
        return str(json.loads(stamp.read_text(encoding="utf-8"))["chroma"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextlib.contextmanager
def _plainly(what: str) -> Iterator[None]:
    """Turn Chroma's errors into ours; its Rust core panics with a `BaseException` on damaged files."""
    try:
        yield
    except IndexUnavailable:
        raise
    except BaseException as error:
        if not _is_chromas(error):
            raise
        line = " ".join(str(error).split())[:200]
        raise IndexUnavailable(f"The vector index {what} failed: {line}.", remedy=_REMEDY) from error


def _is_chromas(error: BaseException) -> bool:
    # AttributeError: its clean-up after a start that failed on a damaged folder stumbles over its own missing parts.
    if isinstance(error, (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, ImportError)):
        return True
    return any(kind.__module__.startswith(("chromadb", "httpx", "httpcore", "pyo3")) for kind in type(error).__mro__)
