"""The default encoder: a BERT sentence encoder run by onnxruntime, ready in well under a second and without torch.

The graph is written in memory from the model's own `config.json`; the weights are read from its `model.safetensors`.
So nothing is exported, cached or raced for.
"""

import json
import os
import struct
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import ModelDamaged, ModelMissing
from rag.adapters import bert_graph
from rag.adapters.weights import BUNDLED, BUNDLED_SHA256, read_config, verify
from rag.ports import Vectors

__all__ = ["EIGHT_BITS", "OnnxEncoder", "can_run"]

EIGHT_BITS = ":int8"
"""At the end of an encoder's name: its matrices in 8 bits."""

_BATCH_TOKENS = 512  # padded tokens in one run: what a layer writes of them stays in the cache of one processor
_BATCH_TEXTS = 64
_FILES = ("config.json", "sentence_bert_config.json", "model.safetensors", "tokenizer.json")
_WIDTHS: dict[str, np.dtype[Any]] = {"F32": np.dtype(np.float32), "F16": np.dtype(np.float16)}


def can_run(folder: Path) -> bool:
    """Tell whether a sentence-transformers folder holds what this adapter runs: BERT, GELU, mean pooling."""
    if not all((folder / name).is_file() for name in _FILES):
        return False
    config = read_config(folder, "config.json")
    pooling = read_config(folder, "1_Pooling/config.json") if (folder / "1_Pooling/config.json").is_file() else {}
    modes = {key for key, on in pooling.items() if key.startswith("pooling_mode_") and on is True}
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and modes == {"pooling_mode_mean_tokens"}
    )


class OnnxEncoder:
    """Encode texts with the model in a folder; loaded at the first text, safe to share between threads.

    With `eight_bits` it is about twice as fast on processors that multiply whole numbers quickly (VNNI, AMX); its
    vectors differ a little from those in 32 bits, so it goes by another name and never shares a library with the other.
    """

    def __init__(self, folder: Path, name: str, *, cache: Path, threads: int = 0, eight_bits: bool = False) -> None:
        self.name = f"{name}{EIGHT_BITS}" if eight_bits else name
        self._model = name
        self._eight_bits = eight_bits
        self._folder = folder
        self._cache = cache
        self._threads = threads
        self._config = read_config(folder, "config.json")
        self.dimension = int(str(self._config["hidden_size"]))
        limits = read_config(folder, "sentence_bert_config.json")
        self._max_tokens = int(str(limits.get("max_seq_length") or self._config["max_position_embeddings"]))
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row a text, in order; an empty sequence gives shape (0, dimension).

        Raises `ModelMissing` or `ModelDamaged`.
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        session, tokenizer = self._load()
        encoded = [encoding.ids for encoding in tokenizer.encode_batch([text or " " for text in texts])]

        def run(rows: list[int]) -> None:
            vectors[rows] = session.run(["vectors"], _padded([encoded[row] for row in rows]))[0]

        batches = list(_batches([len(ids) for ids in encoded]))
        workers = min(self._threads or os.cpu_count() or 1, len(batches))
        if workers == 1:
            for rows in batches:
                run(rows)
            return vectors
        with ThreadPoolExecutor(workers, thread_name_prefix="encode") as pool:
            for done in [pool.submit(run, rows) for rows in batches]:
                done.result()
        return vectors

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._session(), self._tokenizer()
            return self._loaded

    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.enable_truncation(self._max_tokens)
        tokenizer.no_padding()
        return tokenizer

    def _session(self) -> Any:
        try:
            import onnxruntime
        except ImportError as error:
            raise ModelMissing("onnxruntime is not installed.", remedy="Run `make install`.") from error
        path = self._folder / "model.safetensors"
        if self._model == BUNDLED:
            verify(path, BUNDLED_SHA256, self._cache)
        shape = bert_graph.BertShape(
            layers=int(str(self._config["num_hidden_layers"])),
            heads=int(str(self._config["num_attention_heads"])),
            epsilon=float(str(self._config["layer_norm_eps"])),
        )
        try:
            arrays = bert_graph.weights(_read_safetensors(path), shape)
            if self._eight_bits:
                arrays = bert_graph.eight_bits(arrays, shape)
        except (KeyError, ValueError, OSError, struct.error) as error:
            raise ModelDamaged(f"The weights at {path} are damaged: {error}.", remedy="Install them again.") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # each processor has a batch of its own: nobody waits within a layer
        options.log_severity_level = 3
        large = {name: array for name, array in arrays.items() if array.size > bert_graph.INLINE}
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in large.values()]
        options.add_external_initializers(list(large), values)
        model = bert_graph.graph(arrays, shape)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _padded(encoded: Sequence[Sequence[int]]) -> dict[str, NDArray[Any]]:
    """Return a batch as the graph takes it, shape (texts, tokens of the longest)."""
    shape = len(encoded), max(map(len, encoded))
    ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int32)
    for at, tokens in enumerate(encoded):
        ids[at, : len(tokens)] = tokens
        mask[at, : len(tokens)] = 1
    return {"ids": ids, "mask": mask}


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield row numbers in runs of similar length, so that little is padding."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: lengths[row]):
        if batch and (len(batch) >= _BATCH_TEXTS or (len(batch) + 1) * lengths[row] > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _read_safetensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read tensors: eight bytes of header length, a JSON header, the data (https://github.com/huggingface/safetensors)."""
    with path.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        if size > 100_000_000:
            raise ValueError("its header has an impossible length")
        header = json.loads(file.read(size))
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + size)
    tensors: dict[str, NDArray[np.float32]] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] not in _WIDTHS:
            continue
        start, end = entry["data_offsets"]
        tensor = data[start:end].view(_WIDTHS[entry["dtype"]]).reshape(entry["shape"])
        tensors[name.removeprefix("bert.")] = np.ascontiguousarray(tensor, dtype=np.float32)
    return tensors
