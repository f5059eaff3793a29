"""Where a library of a test is kept, and short ways to fill it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ingest.thread import Thread
from rag.catalogue import FILE_NAME, SqliteCatalogue, StoredCatalogue
from rag.library import Library
from rag.passages import passages, vector_texts
from rag.ports import SyncedIndex
from tests.fakes import FakeEncoder

__all__ = ["Place", "store"]


@dataclass
class Place:
    """A folder, and a PostgreSQL database where the catalogue is not in the folder; opened as programs would."""

    home: Path
    url: str = ""
    opened: list[StoredCatalogue | Library] = field(default_factory=list)

    def catalogue(self) -> StoredCatalogue:
        """Open the catalogue; it is closed after the test."""
        made = self._catalogue()
        self.opened.append(made)
        return made

    def library(
        self, encoder: FakeEncoder | None = None, connect: Callable[[str, int], SyncedIndex] | None = None
    ) -> Library:
        """Open the library; it is closed after the test."""
        made = Library(self.home, encoder or FakeEncoder(), connect, catalogue=self._catalogue())
        self.opened.append(made)
        return made

    def close(self) -> None:
        """Close whatever was opened."""
        for one in self.opened:
            one.close()

    def _catalogue(self) -> StoredCatalogue:
        if not self.url:
            return SqliteCatalogue(self.home / FILE_NAME)
        from rag.adapters.postgres import PostgresStore

        return StoredCatalogue(PostgresStore(self.url))


def store(catalogue: StoredCatalogue, stored: Thread) -> None:
    """Walk a thread through the whole commit protocol."""
    found = passages(stored)
    catalogue.save_pending(stored, found)
    texts = [text for passage in found for text in vector_texts(passage)]
    missing = catalogue.vectors.missing(stored.id, texts)
    catalogue.vectors.stage(missing, FakeEncoder().encode([text.text for text in missing]))
    assert catalogue.mark_indexed(stored.id)
