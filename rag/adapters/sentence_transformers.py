"""The general encoder: any sentence-transformers model by name or path, from this machine alone."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ingest.errors import ModelMissing
from rag.ports import Vectors

__all__ = ["SentenceTransformersEncoder"]


class SentenceTransformersEncoder:
    """Encode texts with sentence-transformers; imported and loaded at first use (about 10 s cold)."""

    def __init__(self, name: str, folder: Path | None = None, *, threads: int = 0) -> None:
        self.name = name
        self._source = str(folder or name)
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Any = None

    @property
    def dimension(self) -> int:
        """Return the width of the vectors; loads the model."""
        return int(self._load().get_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row a text, in order. Raises `ModelMissing` where the model is not on this machine."""
        model = self._load()
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
        return np.ascontiguousarray(rows, dtype=np.float32)

    def _load(self) -> Any:
        with self._lock:
            if self._model is None:
                os.environ["HF_HUB_OFFLINE"] = "1"  # read at import; a look at the hub would stall or leak
                os.environ["TRANSFORMERS_OFFLINE"] = "1"
                try:
                    import torch
                    from sentence_transformers import SentenceTransformer
                except ImportError as error:
                    raise ModelMissing(
                        "sentence-transformers is not installed.", remedy="Run `make install`."
                    ) from error
                if self._threads:
                    torch.set_num_threads(self._threads)
                try:
                    self._model = SentenceTransformer(self._source, local_files_only=True, device="cpu")
                except (OSError, ValueError) as error:
                    raise ModelMissing(
                        f"The encoder {self.name!r} is not on this machine.",
                        remedy="Give a folder, or download it first; COMMENTARIAT_ENCODER names the encoder.",
                    ) from error
            return self._model
