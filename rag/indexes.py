"""What the library searches by: Chroma where this process has it, exact search in the catalogue's vectors elsewhere.

Every answer is true to the catalogue at the moment of the question. What Chroma lacks yet is searched exactly and
merged in; what it holds too much is left out; within threads of up to `EXACT` vectors the search is exact anyway,
which is faster than Chroma's filter. So a second process, a stale folder or a killed server changes speed, never an
answer. A process that asks one question of a small library does not even load Chroma.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IndexUnavailable, LibraryError
from ingest.wording import counted
from rag.catalogue import StoredCatalogue
from rag.kept import Kept
from rag.ports import Progress, SyncedIndex, Vectors
from rag.vectors import VectorRows

__all__ = ["EXACT", "LibraryIndex"]

EXACT = 20_000  # vectors of the threads asked about, up to which exact search beats an index with a filter
_KEPT_BYTES = 256_000_000
_BATCH = 1_000  # vectors written to the index at once: about a second's work
_LOOKED = 50  # neighbours looked at for a vector that must be there; the more, the farther the graph is searched
_RETRY = 30.0  # seconds before a failed index is tried again

log = logging.getLogger("commentariat.library")


class LibraryIndex:
    """The vectors of one kind (passages or sentences) of a library, read-only: writing goes through the catalogue.

    `connect` makes the index that speeds up the search over the whole library; it is called at the first need.
    `guard` raises where this library must not be searched as things stand.
    """

    def __init__(
        self,
        catalogue: StoredCatalogue,
        connect: Callable[[], SyncedIndex] | None,
        *,
        sentence: bool,
        guard: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = catalogue.store
        self._catalogue = catalogue
        self._table = catalogue.vectors
        self._connect = connect
        self._sentence = sentence
        self._guard = guard
        self._index: SyncedIndex | None = None
        self._identity = ""
        self._failed_at = -_RETRY
        self._open_lock = threading.Lock()  # taken before the other where both are
        self._sync_lock = threading.Lock()
        self._closing = False
        self._syncing: threading.Thread | None = None
        self._kept: Kept[tuple[str, int], VectorRows] = Kept(_KEPT_BYTES)

    @property
    def uses_index(self) -> bool:
        """Tell whether this process has the vector index, connecting at the first call."""
        return self._live() is not None

    def query(self, vector: Vectors, k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Return up to k (id, cosine) nearest to a vector of shape (dimension,), best first."""
        self._guard()
        if k < 1:
            return []
        few = (thread_ids or self._index is None) and (
            self._table.count(sentence=self._sentence, thread_ids=thread_ids) <= EXACT
        )
        if few:
            return self._exact(vector, k, thread_ids)
        index = self._live()
        if index is None:
            return self._exact(vector, k, thread_ids)
        lacking, surplus = self._table.waiting(sentence=self._sentence)
        if lacking > _BATCH:
            self._sync_soon()
            return self._exact(vector, k, thread_ids)
        # Read before Chroma is asked: what is written to it meanwhile is in one of the two.
        fresh = self._table.unsynced(sentence=self._sentence) if lacking else None
        try:
            found = index.query(vector, k + min(surplus, 10 * k), thread_ids)
        except LibraryError as error:
            self._give_up(error)
            return self._exact(vector, k, thread_ids)
        present = self._table.present([found_id for found_id, _ in found])
        hits = {found_id: score for found_id, score in found if found_id in present}
        if fresh is not None:
            wanted = set(thread_ids)
            nearest = _nearest(fresh, vector, len(fresh.ids))
            hits.update((i, s) for i, s, thread in nearest if not wanted or thread in wanted)
        if lacking or surplus:
            self._sync_soon()
        return sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))[:k]

    def fetch(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors, shape (dimension,), of those ids that are present."""
        rows = self._table.by_id(ids)
        return dict(zip(rows.ids, rows.vectors, strict=True))

    def fetch_thread(self, thread_id: str) -> dict[str, Vectors]:
        """Return every vector of a thread by id."""
        rows = self._table.of_threads([thread_id], sentence=self._sentence)
        return dict(zip(rows.ids, rows.vectors, strict=True))

    def ids(self) -> set[str]:
        """Return every id present."""
        return self._table.ids(sentence=self._sentence)

    def count(self) -> int:
        """Return how many vectors are present."""
        return self._table.count(sentence=self._sentence)

    def sync(self, progress: Progress | None = None) -> bool:
        """Bring the index up to the catalogue; tell whether this process has one and it is whole now."""
        index = self._live()
        if index is None:
            return False
        with self._sync_lock:
            try:
                self._fill(index, progress)
            except LibraryError as error:
                self._give_up(error)
                return False
        return True

    def rebuild(self, progress: Progress | None = None) -> bool:
        """Empty the index and fill it from the catalogue; tell whether this process has one."""
        self._failed_at = -_RETRY
        index = self._live()
        if index is None:
            return False
        with self._sync_lock:
            try:
                self._start_over(index)
            except LibraryError as error:
                self._give_up(error)
                return False
        return self.sync(progress)

    def trouble(self) -> str | None:
        """Return what is wrong with the vector index in one sentence, without mending it; None where all is well."""
        if self._connect is None or not self._table.count(sentence=self._sentence):
            return None
        try:
            index = self._connect()
            with index.trial():
                if not self._belongs(index):
                    return "The vector index does not hold what the catalogue says."
        except LibraryError as error:
            return error.message
        lacking, _ = self._table.waiting(sentence=self._sentence)
        return f"The vector index lacks {counted(lacking, 'vector')}." if lacking else None

    def close(self) -> None:
        """End a running synchronisation after its present batch and let the index go."""
        self._closing = True
        syncing = self._syncing
        if syncing is not None:
            syncing.join()
        if self._index is not None:
            self._index.close()
            self._index = None

    def _fill(self, index: SyncedIndex, progress: Progress | None) -> None:
        total = sum(self._table.waiting(sentence=self._sentence))
        with index.filling(total):
            self._write(index, total, progress)

    def _write(self, index: SyncedIndex, total: int, progress: Progress | None) -> None:
        done = 0
        while True:
            rows = self._table.unsynced(sentence=self._sentence, limit=_BATCH)
            gone = self._table.gone(sentence=self._sentence, limit=_BATCH)
            if self._closing or (not rows.ids and not gone):
                return
            if gone:
                index.delete(gone)
                self._table.forget_gone(gone)
            if rows.ids:
                index.upsert(rows.ids, rows.vectors, rows.threads)
                if not self._table.mark_synced(rows, (self._identity_key, self._identity)):
                    raise IndexUnavailable(
                        "Another vector index has taken this one's place.", remedy="The catalogue answers meanwhile."
                    )
            done += len(rows.ids) + len(gone)
            if progress:
                progress(min(done, total), total)

    def _sync_soon(self) -> None:
        """Start bringing the index up to date in the background, unless that is under way."""
        if self._syncing is None or not self._syncing.is_alive():
            self._syncing = threading.Thread(target=self._sync_quietly, name="commentariat-sync", daemon=True)
            self._syncing.start()

    def _sync_quietly(self) -> None:
        try:
            self.sync()
        except LibraryError as error:  # busy or full: the next question tries again
            log.info("synchronising later: %s", error)

    def _live(self) -> SyncedIndex | None:
        """Return the index, connected and known to belong to this catalogue; None where it cannot be used."""
        if self._connect is None or time.monotonic() - self._failed_at < _RETRY:
            return None
        with self._open_lock:
            try:
                if self._index is None:
                    self._index = self._checked(self._connect())
                elif self._index.identity != self._identity:
                    with self._sync_lock:
                        self._start_over(self._index)  # its folder was emptied for the other kind's sake
            except LibraryError as error:
                self._give_up(error)
                return None
            return self._index

    def _checked(self, index: SyncedIndex) -> SyncedIndex:
        """Make sure that the index is the one that was filled, or start over with an empty one."""
        trial = index.trial()  # fails where another process has the index: then nothing is damaged
        try:
            with trial:
                belongs = self._belongs(index)
                if not belongs:
                    self._start_over(index)  # which looks how many there are, and so loads what may be damaged
        except IndexUnavailable as error:
            log.warning("the vector index is damaged and is built again: %s", error)
            index.reset()
            self._start_over(index)
            return index
        if belongs:
            self._identity = index.identity
            index.tidy()  # a run may have been killed before it did
        return index

    def _belongs(self, index: SyncedIndex) -> bool:
        """Tell whether the index is the one that was filled: same collection, same number, same content in a sample."""
        identity = index.identity
        if self._store.meta(self._identity_key) != identity:
            return False
        lacking, surplus = self._table.waiting(sentence=self._sentence)
        held = self._table.count(sentence=self._sentence) - lacking
        # A run that was killed between writing and noting leaves up to `lacking` vectors too many; that is no harm.
        if not held <= index.count() <= held + lacking + surplus:
            return False
        sample = self._table.sample(sentence=self._sentence)
        nearest = [index.query(vector, _LOOKED) for vector in sample.vectors]
        missed = sum(not found or found[0][1] <= 0.99 for found in nearest)
        # A large graph does not reach every vector, and is not filled again for that; a damaged one misses most.
        return missed <= (len(nearest) // 2 if held > EXACT else 0)

    def _start_over(self, index: SyncedIndex) -> None:
        if index.count():
            index.drop()
        self._identity = index.identity
        self._store.set_meta(self._identity_key, self._identity)  # first: from now on nobody notes for another index
        self._table.unsync_all(sentence=self._sentence)
        index.tidy()

    @property
    def _identity_key(self) -> str:
        return "index-sentences" if self._sentence else "index-passages"

    def _give_up(self, error: LibraryError) -> None:
        """Go on without the index: the catalogue has every vector."""
        log.info("searching the catalogue instead of the vector index: %s", error)
        self._failed_at = time.monotonic()
        if self._index is not None:
            self._index.close()
            self._index = None

    def _exact(self, vector: Vectors, k: int, thread_ids: Sequence[str]) -> list[tuple[str, float]]:
        wanted = set(thread_ids)
        revisions = {row.id: row.revision for row in self._catalogue.threads() if not wanted or row.id in wanted}
        named = (thread_id for thread_id in dict.fromkeys(thread_ids or revisions) if thread_id in revisions)
        kept = [rows for thread_id in named if (rows := self._thread_rows(thread_id, revisions[thread_id])).ids]
        if not kept:
            return []
        scores = np.concatenate([rows.vectors @ np.asarray(vector, dtype=np.float32) for rows in kept])
        ids = [row_id for rows in kept for row_id in rows.ids]
        return sorted(((ids[at], float(scores[at])) for at in _best(scores, k)), key=lambda hit: (-hit[1], hit[0]))

    def _thread_rows(self, thread_id: str, revision: int) -> VectorRows:
        key = (thread_id, revision)
        rows = self._kept.get(key)
        if rows is None:
            rows = self._table.of_threads([thread_id], sentence=self._sentence)
            self._kept.keep(key, rows, rows.vectors.nbytes)
        return rows


def _nearest(rows: VectorRows, vector: Vectors, k: int) -> list[tuple[str, float, str]]:
    """Return the k best (id, cosine, thread) of some rows."""
    if not rows.ids:
        return []
    scores = rows.vectors @ np.asarray(vector, dtype=np.float32)
    return [(rows.ids[at], float(scores[at]), rows.threads[at]) for at in _best(scores, k)]


def _best(scores: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Return the places of the k highest scores, in no order."""
    return np.argpartition(-scores, k - 1)[:k] if k < len(scores) else np.arange(len(scores))
