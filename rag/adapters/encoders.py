"""Choose the encoder for a name: onnxruntime where it can run the model, else sentence-transformers."""

from pathlib import Path

from rag.adapters.onnx_encoder import OnnxEncoder, can_run
from rag.adapters.sentence_transformers import SentenceTransformersEncoder
from rag.adapters.weights import locate
from rag.ports import Encoder

__all__ = ["open_encoder"]


def open_encoder(name: str, *, cache: Path, threads: int = 0) -> Encoder:
    """Return the encoder of that name or path; its weights load at the first text. Raises `ModelMissing`."""
    folder = locate(name)
    if folder is not None and can_run(folder):
        return OnnxEncoder(folder, name, cache=cache, threads=threads)
    return SentenceTransformersEncoder(name, folder, threads=threads)
