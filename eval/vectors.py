"""Vectors kept between runs, by the text they stand for: embedding the third-party sets takes a quarter of an hour."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.ports import Encoder, Vectors

__all__ = ["CachedEncoder"]

_CHUNK = 2_000  # texts encoded between two writes


class CachedEncoder:
    """An encoder that remembers, in one file a name: `<folder>/<encoder>-<name>.npz`, half precision."""

    def __init__(self, encoder: Encoder, folder: Path, name: str) -> None:
        self._encoder = encoder
        self._path = folder / f"{encoder.name.replace('/', '_')}-{name}.npz"
        self._rows: dict[bytes, Vectors] = {}
        if self._path.is_file():
            with np.load(self._path) as kept:
                self._rows = {key.tobytes(): row for key, row in zip(kept["keys"], kept["rows"], strict=True)}
        self.name = encoder.name
        self.new = 0

    @property
    def dimension(self) -> int:
        """Return the width of the vectors."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row a text, in order; new ones are computed, shortest first, and written every so often."""
        keys = [_key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        order = sorted(missing, key=lambda key: len(missing[key]))
        for at in range(0, len(order), _CHUNK):
            chunk = order[at : at + _CHUNK]
            rows = self._encoder.encode([missing[key] for key in chunk])
            self._rows.update(zip(chunk, rows.astype(np.float16), strict=True))
            self.new += len(chunk)
            if self.new >= _CHUNK:
                self.save()
        if not keys:
            return np.zeros((0, self.dimension), np.float32)
        found = np.stack([self._rows[key] for key in keys]).astype(np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True).clip(1e-6), np.float32)

    def save(self) -> None:
        """Write what is new, so that a reader sees the old file or the new one whole."""
        if not self.new:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            keys = np.stack([np.frombuffer(key, np.uint8) for key in self._rows])
            np.savez(file, keys=keys, rows=np.stack(list(self._rows.values())))
        part.replace(self._path)
        self.new = 0


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]
