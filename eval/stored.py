"""An encoder that keeps its vectors in a file, so that a set is encoded once."""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.ports import Encoder, Vectors

__all__ = ["StoredEncoder"]

_BATCH = 512


class StoredEncoder:
    """Encode through another encoder and remember every vector in an SQLite file of that encoder's name."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._encoder = encoder
        self.name = encoder.name
        self.dimension = encoder.dimension
        safe = hashlib.sha256(encoder.name.encode()).hexdigest()[:12]
        self._database = sqlite3.connect(folder / f"vectors-{safe}.sqlite", timeout=60.0)
        self._database.execute("create table if not exists vectors (key blob primary key, vector blob not null)")

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row a text, in order, encoding only what the file lacks."""
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        held = self._held(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in held}
        for at in range(0, len(missing), _BATCH):
            batch = dict(list(missing.items())[at : at + _BATCH])
            rows = self._encoder.encode(list(batch.values()))
            held.update(zip(batch, rows, strict=True))
            with self._database:
                self._database.executemany(
                    "insert or replace into vectors values (?, ?)",
                    [(key, np.asarray(row, np.float32).tobytes()) for key, row in zip(batch, rows, strict=True)],
                )
        return np.stack([held[key] for key in keys]) if keys else np.zeros((0, self.dimension), np.float32)

    def _held(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        held: dict[bytes, Vectors] = {}
        for at in range(0, len(keys), _BATCH):
            part = keys[at : at + _BATCH]
            marks = ",".join("?" * len(part))
            rows = self._database.execute(f"select key, vector from vectors where key in ({marks})", part)  # noqa: S608
            held.update((key, np.frombuffer(vector, np.float32)) for key, vector in rows)
        return held

    def close(self) -> None:
        """Close the file."""
        self._database.close()
