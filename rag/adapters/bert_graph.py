"""Write a BERT sentence encoder as an ONNX graph: a few kilobytes of protobuf whose weights are given at load.

The graph uses onnxruntime's fused operators (`com.microsoft`: Attention, SkipLayerNormalization, BiasGelu), ends in
mean pooling over the mask and unit length, and needs neither torch nor the onnx package. Field numbers are those of
`onnx.proto3` (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).

With weights in 8 bits, each column of a matrix has its scale, and each token's activations have theirs: so a vector
does not depend on the texts that share its batch, as it does with onnxruntime's own dynamic quantisation. The weights
take 7 of their 8 bits (onnxruntime's "reduced range"): then no pair of products overflows the 16 bits in which
processors without VNNI add them, and every processor finds the same vector.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["INLINE", "BertShape", "eight_bits", "graph", "weights"]

Array = NDArray[np.generic]
_FLOAT, _UINT8, _INT8, _INT32, _INT64 = 1, 2, 3, 6, 7
_DTYPES = {
    np.dtype(np.float32): _FLOAT,
    np.dtype(np.uint8): _UINT8,
    np.dtype(np.int8): _INT8,
    np.dtype(np.int32): _INT32,
    np.dtype(np.int64): _INT64,
}
_MATRICES = ("qkv", "out", "up", "down")
_FUSED = "com.microsoft"
_LARGEST = np.float32(63)  # of a weight in 7 bits, one of them its sign
INLINE = 8  # numbers up to which a tensor is written into the graph


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


def eight_bits(ready: Mapping[str, Array], shape: BertShape) -> dict[str, Array]:
    """Return what `weights` gave with the layers' matrices in 8 bits, a scale a column, and what `graph` needs then."""
    small: dict[str, Array] = {
        **ready,
        "least": np.array([1e-8], dtype=np.float32),
        "most": np.array([1 / 127], dtype=np.float32),
        "unit": np.array(1, dtype=np.float32),
        "middle": np.array(128, dtype=np.uint8),
        "thirds": np.full(3, ready["words"].shape[1], dtype=np.int64),
    }
    for name in (f"{layer}.{matrix}" for layer in range(shape.layers) for matrix in _MATRICES):
        matrix = np.asarray(small.pop(name), dtype=np.float32)
        scale = np.maximum(np.abs(matrix).max(axis=0), np.float32(1e-12)) / _LARGEST
        small[f"{name}.8"] = np.rint(matrix / scale).astype(np.int8)
        small[f"{name}.scale"] = scale.astype(np.float32)
    return small


def graph(initial: Mapping[str, Array], shape: BertShape) -> bytes:
    """Return the serialised model: inputs `ids` and `mask`, int (n, tokens); output `vectors`, float (n, width).

    `initial` is what `weights` or `eight_bits` gave.
    """
    nodes = _embedding(shape.epsilon)
    hidden = "h"
    times = _times_eight_bits if "thirds" in initial else _times
    for layer in range(shape.layers):
        nodes += _layer(layer, hidden, shape, times)
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


def _layer(layer: int, hidden: str, shape: BertShape, times: Callable[[str, str, str], list[bytes]]) -> list[bytes]:
    to = f"{layer}."
    norm = {"epsilon": shape.epsilon}
    norm1 = (f"{to}a", hidden, f"{to}norm1.weight", f"{to}norm1.bias", f"{to}out.bias")
    norm2 = (f"{to}d", f"{to}m", f"{to}norm2.weight", f"{to}norm2.bias", f"{to}down.bias")
    return [
        *_attention(to, hidden, shape.heads, times),
        *times(f"{to}s", f"{to}out", f"{to}a"),
        _node("SkipLayerNormalization", norm1, f"{to}m", _FUSED, **norm),
        *times(f"{to}m", f"{to}up", f"{to}u"),
        _node("BiasGelu", (f"{to}u", f"{to}up.bias"), f"{to}g", _FUSED),
        *times(f"{to}g", f"{to}down", f"{to}d"),
        _node("SkipLayerNormalization", norm2, f"{to}h", _FUSED, **norm),
    ]


def _attention(to: str, hidden: str, heads: int, times: Callable[[str, str, str], list[bytes]]) -> list[bytes]:
    """Attend in one operator where the matrix is in 32 bits; in 8, it is multiplied apart."""
    bias = f"{to}qkv.bias"
    if times is _times:
        return [_node("Attention", (hidden, f"{to}qkv", bias, "mask"), f"{to}s", _FUSED, num_heads=heads)]
    parts = (f"{to}q", f"{to}k", f"{to}v")
    return [
        *times(hidden, f"{to}qkv", f"{to}x"),
        _node("Split", (f"{to}x", "thirds"), parts, axis=2),
        _node("MultiHeadAttention", (*parts, bias, "mask"), f"{to}s", _FUSED, num_heads=heads),
    ]


def _times(left: str, matrix: str, to: str) -> list[bytes]:
    return [_node("MatMul", (left, matrix), to)]


def _times_eight_bits(left: str, matrix: str, to: str) -> list[bytes]:
    """Multiply in whole numbers: each token is brought to 1 … 255 by its own largest size, and back afterwards."""
    whole = (f"{to}.whole", f"{matrix}.8", "unit", f"{matrix}.scale", "middle")
    return [
        _node("ReduceMax", (left,), f"{to}.max", axes=(2,), keepdims=1),
        _node("ReduceMin", (left,), f"{to}.min", axes=(2,), keepdims=1),
        _node("Neg", (f"{to}.min",), f"{to}.neg"),
        _node("Max", (f"{to}.max", f"{to}.neg", "least"), f"{to}.size"),
        _node("Mul", (f"{to}.size", "most"), f"{to}.scale"),
        _node("Div", (left, f"{to}.scale"), f"{to}.scaled"),
        _node("QuantizeLinear", (f"{to}.scaled", "unit", "middle"), f"{to}.whole"),
        _node("MatMulIntegerToFloat", whole, f"{to}.product", _FUSED),
        _node("Mul", (f"{to}.product", f"{to}.scale"), to),
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


def _node(
    kind: str,
    inputs: Sequence[str],
    outputs: str | Sequence[str],
    domain: str = "",
    **attributes: float | tuple[int, ...],
) -> bytes:
    outputs = (outputs,) if isinstance(outputs, str) else outputs
    data = b"".join(_text(1, name) for name in inputs) + b"".join(_text(2, name) for name in outputs)
    data += _text(3, outputs[0]) + _text(4, kind)
    for name, value in attributes.items():
        data += _field(5, _text(1, name) + _attribute(value))
    return data + (_text(7, domain) if domain else b"")


def _attribute(value: float | tuple[int, ...]) -> bytes:
    if isinstance(value, tuple):
        return b"".join(_number(8, one) for one in value) + _number(20, 7)
    if isinstance(value, int):
        return _number(3, value) + _number(20, 2)
    return _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)


def _tensor(name: str, array: Array) -> bytes:
    """Declare an initial value: small ones inline, large ones to be handed over when the session is made."""
    data = b"".join(_number(1, size) for size in array.shape) + _number(2, _DTYPES[array.dtype]) + _text(8, name)
    if array.size <= INLINE:
        return data + _field(9, array.tobytes())
    return data + _field(13, _text(1, "location") + _text(2, "weights")) + _number(14, 1)


def _value(name: str, kind: int, dims: Sequence[str | int]) -> bytes:
    shape = b"".join(_field(1, _text(2, dim) if isinstance(dim, str) else _number(1, dim)) for dim in dims)
    return _text(1, name) + _field(2, _field(1, _number(1, kind) + _field(2, shape)))
