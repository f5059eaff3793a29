"""The library: add, update, remove, reconcile. The catalogue first, then the vectors, then the index.

A thread's next state is written as pending, its missing vectors are computed and staged batch by batch, and one
transaction makes it the state that everybody sees. Killed anywhere, the next start goes on from there.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process

from ingest.errors import LibraryBusy, LibraryError, ModelError, StorageFull, ThreadNotFound
from ingest.thread import Thread, normalise
from rag.catalogue import FILE_NAME, SqliteCatalogue, StoredCatalogue
from rag.evidence import Passage
from rag.indexes import LibraryIndex
from rag.merge import merge
from rag.passages import CHUNKER, VectorText, passages, vector_texts
from rag.ports import Encoder, Progress, SyncedIndex, ThreadRow

__all__ = ["AddReport", "Library"]

_BATCH = 256  # texts encoded between two steps of progress, and staged together
_LONGEST_TITLE = 300
_WAIT = 2.0  # seconds to wait for another process before saying so

log = logging.getLogger("commentariat.library")


@dataclass(frozen=True, slots=True)
class AddReport:
    """What `add` did: comments new, changed, deleted (gone from the source), the thread's passages, texts embedded."""

    thread_id: str
    title: str
    new: int
    changed: int
    deleted: int
    passages: int
    embedded: int


class Library:
    """Threads in a folder. Safe to share between threads; several processes may use one folder at once.

    `connect` makes the vector index of a kind ("passages" or "sentences") for a dimension; None: search the catalogue.
    `catalogue` is the one to use instead of a file in the folder, and closed with the library.
    """

    def __init__(
        self,
        home: Path,
        encoder: Encoder,
        connect: Callable[[str, int], SyncedIndex] | None = None,
        close: Callable[[], None] = lambda: None,
        *,
        catalogue: StoredCatalogue | None = None,
    ) -> None:
        self.home = home
        self.encoder = encoder
        self.catalogue: StoredCatalogue = catalogue or SqliteCatalogue(home / FILE_NAME)
        self._close = close
        self.index = self._open_index("passages", connect)
        self.sentence_index = self._open_index("sentences", connect)

    def add(self, thread: Thread, progress: Progress | None = None) -> AddReport:
        """Add a thread, or bring the stored one up to this reading of it.

        `progress` is called with (texts encoded, texts to encode). Raises `LibraryError`s and `ModelError`s.
        """
        with self._working(exclusive=False):
            self._adopt_encoder()
            old = self.catalogue.thread(thread.id)
            _check_same(old, thread)
            merged = merge(old, thread)
            if old == merged.thread and thread.id not in self.catalogue.pending():
                return AddReport(thread.id, thread.title, 0, 0, 0, len(self.catalogue.states(thread.id)), 0)
            found = passages(merged.thread)
            self.catalogue.save_pending(merged.thread, found)
            embedded = self._finish(thread.id, progress)
        self._sync()
        log.info("added %s: %d passages, %d texts embedded", thread.id, len(found), embedded)
        return AddReport(thread.id, thread.title, merged.new, merged.changed, merged.deleted, len(found), embedded)

    def threads(self) -> list[ThreadRow]:
        """List the threads, oldest first."""
        return self.catalogue.threads()

    def thread(self, thread_id: str) -> Thread:
        """Return a thread by its id. Raises `ThreadNotFound` with the nearest ids."""
        found = self.catalogue.thread(thread_id)
        if found is None:
            raise self._not_found(thread_id)
        return found

    def passages(self, thread_id: str) -> list[Passage]:
        """Return a thread's passages in document order; none for an unknown thread."""
        return self.catalogue.passages(thread_id)

    def find(self, text: str) -> str:
        """Return the id of the thread meant by an id, a part of one, a title or a file name.

        Raises `ThreadNotFound` where none or several fit.
        """
        rows = self.threads()
        wanted = normalise(text).casefold()
        for row in rows:
            if text == row.id:
                return row.id
        tests: tuple[Callable[[str], bool], ...] = (
            lambda name: name == wanted,
            lambda name: bool(wanted) and name.startswith(wanted),
            lambda name: bool(wanted) and wanted in name,
        )
        for test in tests:
            fits = [
                row for row in rows if any(test(normalise(name).casefold()) for name in (row.id, row.title, row.origin))
            ]
            if len(fits) == 1:
                return fits[0].id
            if fits:
                names = ", ".join(repr(row.id) for row in fits[:5])
                raise ThreadNotFound(f"{text!r} fits {len(fits)} threads.", remedy=f"Say which: {names}.")
        raise self._not_found(text)

    def remove(self, thread_id: str) -> None:
        """Erase a thread: text, full text, vectors. Raises `ThreadNotFound`."""
        if not self.catalogue.remove(thread_id):
            raise self._not_found(thread_id)
        self._sync()
        log.info("removed %s", thread_id)

    def rename(self, thread_id: str, title: str) -> str:
        """List a thread under another title, kept when it is read again; return the title that it has now.

        White space is tidied, 300 characters are kept; an empty title gives the thread its own one back. Raises
        `ThreadNotFound`.
        """
        title = normalise(title)[:_LONGEST_TITLE].rstrip()
        if not self.catalogue.rename(thread_id, title):
            raise self._not_found(thread_id)
        log.info("renamed %s", thread_id)
        return title or self.thread(thread_id).title

    def reindex(self, progress: Progress | None = None) -> None:
        """Cut every thread again, encode what changed (all, for another encoder) and fill the index from nothing."""
        with self._working(exclusive=True):
            self._cut_again()
            self.catalogue.change_encoder(self._encoder_name)
            self._finish_all(progress)
        for index in (self.index, self.sentence_index):
            index.rebuild(progress)

    def warm(self) -> None:
        """Load what the first question needs and bring the index up to date; for a background thread of a server."""
        self.encoder.encode(["warm"])
        self._sync()

    def reconcile(self, progress: Progress | None = None) -> int:
        """Finish what a killed run or another version left; return how many threads that were.

        Cheap where there is nothing to do. Nothing is done while another process adds (what is pending is its work),
        nor in a library of another encoder: there, `reindex` is asked for. What cannot be finished now (no room, no
        encoder) waits for a later start; reading goes on.
        """
        self._count_people()
        try:
            self.catalogue.scrub()
        except (LibraryBusy, StorageFull) as error:
            log.warning("what was removed is erased later: %s", error)
        outdated = self.catalogue.store.meta("chunker") not in {None, str(CHUNKER)}
        if not outdated and not self.catalogue.pending():
            return 0
        try:
            finished = self._finish_left(progress, outdated=outdated)
        except (LibraryBusy, StorageFull, ModelError) as error:
            log.warning("threads of an earlier run are left for later: %s", error)
            return 0
        self._sync()
        log.info("finished %d threads that an earlier run had left", finished)
        return finished

    def foreign_encoder(self) -> str | None:
        """Return the name of the encoder whose vectors the library holds, where it is not this one."""
        stored = self.catalogue.store.meta("encoder")
        return None if stored in {None, self._encoder_name} else str(stored).rpartition("/")[0]

    def close(self) -> None:
        """Release files and connections."""
        self.index.close()
        self.sentence_index.close()
        self._close()
        self.catalogue.close()

    def _open_index(self, kind: str, connect: Callable[[str, int], SyncedIndex] | None) -> LibraryIndex:
        # Sentences are looked up by id, never searched over the library: what Chroma would hold of them is not asked.
        searched = connect if kind == "passages" else None
        return LibraryIndex(
            self.catalogue,
            (lambda: searched(kind, self.encoder.dimension)) if searched else None,
            sentence=kind == "sentences",
            guard=self._check_encoder,
        )

    def _finish(self, thread_id: str, progress: Progress | None) -> int:
        """Encode what a pending thread lacks and make it visible; return how many texts that were."""
        embedded = 0
        while True:
            texts = [text for passage in self.catalogue.pending_passages(thread_id) for text in vector_texts(passage)]
            missing = self.catalogue.vectors.missing(thread_id, texts)
            for part in _batches(missing):
                self.catalogue.vectors.stage(part, self.encoder.encode([text.text for text in part]))
                embedded += len(part)
                if progress:
                    progress(embedded, max(embedded, len(missing)))
            if self.catalogue.mark_indexed(thread_id) or thread_id not in self.catalogue.pending():
                return embedded

    def _count_people(self) -> None:
        """Note who wrote where in a library from before that was noted; once, by whoever may write to it."""
        if self.catalogue.people.whole():
            return
        try:
            self.catalogue.people.fill((row.id, self.catalogue.thread(row.id)) for row in self.threads())
        except (LibraryBusy, StorageFull) as error:
            log.warning("who wrote where is noted at a later start: %s", error)

    def _finish_left(self, progress: Progress | None, *, outdated: bool) -> int:
        lock = self.catalogue.store.lock()
        if self.foreign_encoder() or not lock.acquire(exclusive=True):
            return 0
        try:
            if outdated:
                self._cut_again()
            return self._finish_all(progress)
        finally:
            lock.release()

    def _finish_all(self, progress: Progress | None) -> int:
        pending = self.catalogue.pending()
        for done, thread_id in enumerate(pending, 1):
            self._finish(thread_id, None)
            if progress:
                progress(done, len(pending))
        return len(pending)

    def _cut_again(self) -> None:
        """Make every thread pending, cut by today's recipe."""
        waiting = set(self.catalogue.pending())
        for row in self.threads():
            if row.id not in waiting:
                thread = self.thread(row.id)
                self.catalogue.save_pending(thread, passages(thread))
        self.catalogue.store.set_meta("chunker", str(CHUNKER))

    def _sync(self) -> None:
        """Bring the index up to date where it is open here; elsewhere its holder does so at its next question."""
        for index in (self.index, self.sentence_index):
            index.sync()

    @property
    def _encoder_name(self) -> str:
        return f"{self.encoder.name}/{self.encoder.dimension}"

    def _check_encoder(self) -> None:
        """Raise `LibraryError` where the library's vectors come from another encoder than this one."""
        stored = self.foreign_encoder()
        if stored is not None and (self.threads() or self.catalogue.pending()):
            raise LibraryError(
                f"The library was indexed with the encoder {stored}, not {self.encoder.name}.",
                remedy="Run `commentariat reindex`, or set COMMENTARIAT_ENCODER back.",
            )

    def _adopt_encoder(self) -> None:
        """Note in a library that holds nothing yet whose vectors it will hold."""
        self._check_encoder()
        if self.catalogue.store.meta("encoder") != self._encoder_name:
            self.catalogue.change_encoder(self._encoder_name)
            self.catalogue.store.set_meta("chunker", str(CHUNKER))

    @contextlib.contextmanager
    def _working(self, *, exclusive: bool) -> Iterator[None]:
        """Keep re-indexing and adding apart, and `reconcile` away from both, across processes."""
        store = self.catalogue.store
        busy = f"Another process is {'adding to' if exclusive else 're-indexing'} the library at {store.where}."
        with store.lock().held(exclusive=exclusive, wait=_WAIT, busy=busy):
            yield

    def _not_found(self, text: str) -> ThreadNotFound:
        rows = self.threads()
        if not rows:
            return ThreadNotFound(f"There is no thread {text!r}.", remedy="The library is empty; add a thread first.")
        names = {row.id: f"{row.id} {row.title}" for row in rows}
        near = process.extract(text, names, scorer=fuzz.partial_ratio, limit=3)
        listed = ", ".join(repr(thread_id) for _, _, thread_id in near)
        return ThreadNotFound(
            f"There is no thread {text!r}.", remedy=f"The nearest: {listed}. See `commentariat list`."
        )


def _batches(texts: Sequence[VectorText]) -> Iterator[Sequence[VectorText]]:
    """Yield texts in runs, the longest first: memory is asked for early and the estimate of the rest errs safely."""
    ordered = sorted(texts, key=lambda text: -len(text.text))
    for at in range(0, len(ordered), _BATCH):
        yield ordered[at : at + _BATCH]


def _check_same(old: Thread | None, new: Thread) -> None:
    """Refuse to replace a thread by another one that merely has the same name."""
    if old is None or not old.visible or not new.visible:
        return
    if normalise(old.article.title) == normalise(new.article.title):
        return
    if any(old.get(comment.id) for comment in new.comments):
        return
    raise LibraryError(
        f"The library holds another thread named {new.id!r} ({old.title[:60]!r}).",
        remedy="Give this one a name of its own with --name, or remove the other first.",
    )
