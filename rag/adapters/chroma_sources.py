"""Where Chroma's data is: a folder held by one process at a time, or a server by URL; and its errors as our own.

A second process on one folder hangs or reads stale vectors (FIELD notes), so a folder is held under a lock.
"""

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ingest.errors import IndexUnavailable
from rag.adapters.chroma_files import remove_unused, unused
from rag.locks import FileLock, Lock, Locks

if TYPE_CHECKING:
    import httpx

__all__ = ["ChromaFolder", "ChromaServer", "plainly"]

_STAMP = "commentariat.json"
_TRIAL = "first-look"
_GREETING = 2.0  # seconds for a server to be there at all
_REQUEST = 60.0  # seconds for one request to it: a large batch on a busy machine
_REMEDY = "The catalogue answers meanwhile; `commentariat reindex` rebuilds the index."


class ChromaFolder:
    """An embedded Chroma in a folder, held by one process at a time.

    Connecting raises `IndexUnavailable` at once where another process (or object) holds the folder. A folder written
    by another release series of Chroma is emptied: what it held is in the catalogue. `also` is a lock to be held too.
    """

    def __init__(self, path: Path, also: Lock | None = None) -> None:
        self.path = path
        folder = FileLock(path.with_name(f"{path.name}.lock"))
        self._lock = Locks(folder, also) if also else folder
        self._client: Any = None
        self.generation = 0  # grows when the folder is emptied under its users

    def connect(self) -> Any:
        """Return the client, opening the folder at the first call."""
        if self._client is not None:
            return self._client
        if not self._lock.acquire(exclusive=True):
            raise IndexUnavailable(f"Another process holds the vector index at {self.path}.", remedy=_REMEDY)
        try:
            with plainly(str(self.path)):
                self._client = self._open_or_renew()
        except BaseException:
            self._lock.release()
            raise
        return self._client

    def check(self) -> None:
        """Raise `IndexUnavailable` where another machine may have become the one that keeps an index."""
        if self._client is not None and self._lock.lost():
            self.close()
            raise IndexUnavailable(f"The vector index at {self.path} may be another's turn.", remedy=_REMEDY)

    def clear(self) -> None:
        """Throw the folder away, to be filled again. Raises `IndexUnavailable` where another process holds it."""
        self._stop()
        if not self._lock.acquire(exclusive=True):
            raise IndexUnavailable(f"Another process holds the vector index at {self.path}.", remedy=_REMEDY)
        self.generation += 1
        shutil.rmtree(self.path, ignore_errors=True)

    def reopen(self) -> None:
        """Close the folder and keep its lock: the next use opens it anew."""
        self._stop()
        self.generation += 1

    def tidy(self, outlived: Callable[[str], bool]) -> None:
        """Delete the collections of outlived names, and what deleted ones left on disk: the folder is ours alone."""
        client = self.connect()
        for name in [collection.name for collection in client.list_collections()]:
            if outlived(name):
                client.delete_collection(name)
        if unused(self.path):
            self.reopen()  # now nobody has the files open
            remove_unused(self.path)

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
            with contextlib.suppress(IndexUnavailable), plainly(str(self.path)):
                client.close()


class ChromaServer:
    """A Chroma server by URL; any number of processes may share it. `token` is sent as a bearer token."""

    def check(self) -> None:
        """Do nothing: everybody may use a server."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self._token = token
        self._client: Any = None
        self._session: httpx.Client | None = None
        self.generation = 0

    def connect(self) -> Any:
        """Return the client. Raises `IndexUnavailable` where the server does not answer."""
        if self._client is None:
            with plainly(self.url):
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

    def tidy(self, outlived: Callable[[str], bool]) -> None:
        """Do nothing: other collections may be another library's, and the files are the server's."""

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
            with contextlib.suppress(IndexUnavailable), plainly(self.url):
                client.close()


def _read_stamp(stamp: Path) -> str | None:
    try:
        return str(json.loads(stamp.read_text(encoding="utf-8"))["chroma"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextlib.contextmanager
def plainly(what: str) -> Iterator[None]:
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
