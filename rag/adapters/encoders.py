"""Choose the encoder for a name: onnxruntime where it can run the model, else sentence-transformers."""

from pathlib import Path

from ingest.errors import ModelMissing
from rag.adapters.onnx_encoder import EIGHT_BITS, OnnxEncoder, can_run
from rag.adapters.sentence_transformers import SentenceTransformersEncoder
from rag.adapters.weights import locate
from rag.ports import Encoder

__all__ = ["open_encoder"]


def open_encoder(name: str, *, cache: Path, threads: int = 0) -> Encoder:
    """Return the encoder of that name or path; its weights load at the first text. Raises `ModelMissing`.

    `:int8` at the end of the name asks for its matrices in 8 bits.
    """
    eight_bits, name = name.endswith(EIGHT_BITS), name.removesuffix(EIGHT_BITS)
    folder = locate(name)
    if folder is not None and can_run(folder):
        return OnnxEncoder(folder, name, cache=cache, threads=threads, eight_bits=eight_bits)
    if eight_bits:
        raise ModelMissing(
            f"The encoder {name!r} cannot run in 8 bits.", remedy=f"Leave out {EIGHT_BITS}, or use the bundled one."
        )
    return SentenceTransformersEncoder(name, folder, threads=threads)
