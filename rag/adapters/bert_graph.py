"""Write a BERT sentence encoder as an ONNX graph: a few kilobytes of protobuf whose weights are given at load.

The graph uses onnxruntime's fused operators (`com.microsoft`: Attention, SkipLayerNormalization, BiasGelu), ends in
mean pooling over the mask and unit length, and needs neither torch nor the onnx package. Field numbers are those of
`onnx.proto3` (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BertShape", "graph", "weights"]

Array = NDArray[np.generic]
_FLOAT, _INT32, _INT64 = 1, 6, 7
_DTYPES = {np.dtype(np.float32): _FLOAT, np.dtype(np.int32): _INT32, np.dtype(np.int64): _INT64}
_FUSED = "com.microsoft"


@dataclass(frozen=True, slots=True)
class BertShape:
    """The sizes that the graph depends on."""

    layers: int
    heads: int
    epsilon: float


def weights(tensors: Mapping[str, NDArray[np.float32]], shape: BertShape) -> dict[str, Array]:
    """Arrange a checkpoint's tensors as the graph wants them: matrices input-first, query, key and value as one."""
    ready: dict[str, Array] = {
        "words": tensors["embeddings.word_embeddings.weight"],
        "places": tensors["embeddings.position_embeddings.weight"],
        "kind": tensors["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": tensors["embeddings.LayerNorm.weight"],
        "norm.bias": tensors["embeddings.LayerNorm.bias"],
        "one": np.array([1], dtype=np.int64),
        "zero": np.array([0], dtype=np.int64),
        "start": np.array(0, dtype=np.int64),
        "step": np.array(1, dtype=np.int64),
        "axis.words": np.array([1], dtype=np.int64),
        "axis.width": np.array([2], dtype=np.int64),
    }
    for layer in range(shape.layers):
        source, to = f"encoder.layer.{layer}.", f"{layer}."
        parts = [f"{source}attention.self.{part}" for part in ("query", "key", "value")]
        ready[f"{to}qkv"] = np.ascontiguousarray(np.concatenate([tensors[f"{part}.weight"] for part in parts]).T)
        ready[f"{to}qkv.bias"] = np.concatenate([tensors[f"{part}.bias"] for part in parts])
        for ours, theirs in (
            ("out", "attention.output.dense"),
            ("up", "intermediate.dense"),
            ("down", "output.dense"),
        ):
            ready[f"{to}{ours}"] = np.ascontiguousarray(tensors[f"{source}{theirs}.weight"].T)
            ready[f"{to}{ours}.bias"] = tensors[f"{source}{theirs}.bias"]
        for ours, theirs in (("norm1", "attention.output.LayerNorm"), ("norm2", "output.LayerNorm")):
            ready[f"{to}{ours}.weight"] = tensors[f"{source}{theirs}.weight"]
            ready[f"{to}{ours}.bias"] = tensors[f"{source}{theirs}.bias"]
    return ready


def graph(initial: Mapping[str, Array], shape: BertShape) -> bytes:
    """Return the serialised model: inputs `ids` and `mask`, int (n, tokens); output `vectors`, float (n, width)."""
    nodes = _embedding(shape.epsilon)
    hidden = "h"
    for layer in range(shape.layers):
        nodes += _layer(layer, hidden, shape)
        hidden = f"{layer}.h"
    nodes += _pooling(hidden)
    width = int(initial["words"].shape[1])
    body = b"".join(_field(1, node) for node in nodes) + _text(2, "encoder")
    body += b"".join(_field(5, _tensor(name, array)) for name, array in initial.items())
    body += _field(11, _value("ids", _INT64, ("n", "tokens"))) + _field(11, _value("mask", _INT32, ("n", "tokens")))
    body += _field(12, _value("vectors", _FLOAT, ("n", width)))
    opsets = _field(8, _text(1, "") + _number(2, 17)) + _field(8, _text(1, _FUSED) + _number(2, 1))
    return _number(1, 8) + _text(2, "commentariat") + _field(7, body) + opsets


def _embedding(epsilon: float) -> list[bytes]:
    return [
        _node("Gather", ("words", "ids"), "w"),
        _node("Shape", ("ids",), "shape"),
        _node("Gather", ("shape", "step"), "length"),
        _node("Range", ("start", "length", "step"), "range"),
        _node("Gather", ("places", "range"), "p"),
        _node("Add", ("p", "kind"), "pk"),
        _node("Add", ("w", "pk"), "e"),
        _node("LayerNormalization", ("e", "norm.weight", "norm.bias"), "h", axis=-1, epsilon=epsilon),
    ]


def _layer(layer: int, hidden: str, shape: BertShape) -> list[bytes]:
    to = f"{layer}."
    norm = {"epsilon": shape.epsilon}
    norm1 = (f"{to}a", hidden, f"{to}norm1.weight", f"{to}norm1.bias", f"{to}out.bias")
    norm2 = (f"{to}d", f"{to}m", f"{to}norm2.weight", f"{to}norm2.bias", f"{to}down.bias")
    return [
        _node("Attention", (hidden, f"{to}qkv", f"{to}qkv.bias", "mask"), f"{to}s", _FUSED, num_heads=shape.heads),
        _node("MatMul", (f"{to}s", f"{to}out"), f"{to}a"),
        _node("SkipLayerNormalization", norm1, f"{to}m", _FUSED, **norm),
        _node("MatMul", (f"{to}m", f"{to}up"), f"{to}u"),
        _node("BiasGelu", (f"{to}u", f"{to}up.bias"), f"{to}g", _FUSED),
        _node("MatMul", (f"{to}g", f"{to}down"), f"{to}d"),
        _node("SkipLayerNormalization", norm2, f"{to}h", _FUSED, **norm),
    ]


def _pooling(hidden: str) -> list[bytes]:
    return [
        _node("Cast", ("mask",), "maskf", to=_FLOAT),
        _node("Unsqueeze", ("maskf", "axis.width"), "mask3"),
        _node("Mul", (hidden, "mask3"), "masked"),
        _node("ReduceSum", ("masked", "axis.words"), "sum", keepdims=0),
        # Dividing by the number of words changes the length alone, which the last step sets to one.
        _node("LpNormalization", ("sum",), "vectors", axis=1, p=2),
    ]


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _text(field: int, value: str) -> bytes:
    return _field(field, value.encode())


def _node(kind: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: float) -> bytes:
    data = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(3, output) + _text(4, kind)
    for name, value in attributes.items():
        if isinstance(value, int):
            data += _field(5, _text(1, name) + _number(3, value) + _number(20, 2))
        else:
            data += _field(5, _text(1, name) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1))
    return data + (_text(7, domain) if domain else b"")


def _tensor(name: str, array: Array) -> bytes:
    """Declare an initial value: small ones inline, large ones to be handed over when the session is made."""
    data = b"".join(_number(1, size) for size in array.shape) + _number(2, _DTYPES[array.dtype]) + _text(8, name)
    if array.dtype != np.float32:
        return data + _field(9, array.tobytes())
    return data + _field(13, _text(1, "location") + _text(2, "weights")) + _number(14, 1)


def _value(name: str, kind: int, dims: Sequence[str | int]) -> bytes:
    shape = b"".join(_field(1, _text(2, dim) if isinstance(dim, str) else _number(1, dim)) for dim in dims)
    return _text(1, name) + _field(2, _field(1, _number(1, kind) + _field(2, shape)))
