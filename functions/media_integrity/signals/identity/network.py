"""dlib's face network as ONNX, read from the file that its author publishes.

dlib's own wheel for Linux has no fast matrix library: one face takes it a quarter of a second of
a core, the same weights in onnxruntime a twentieth of that. So the weights are taken out of dlib's
file, and the graph around them, which dlib keeps in C++ types, is written here. A test holds both
to the same numbers.

Network: ``anet_type`` of dlib's examples/dnn_face_recognition_ex.cpp, 29 convolutions. Affine
layers (batch normalisation at rest) are folded into the convolutions before them. Encoding of the
weights: dlib/serialize.h and dlib/cuda/tensor.h. Of ONNX: onnx.proto3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Weights = NDArray[np.float32]

SIDE = 150
"""Pixels of the network's square input."""

NUMBERS = 128
"""Numbers of its output."""

INPUT = "face"

_FIRST_FILTERS, _FIRST_KERNEL = 32, 7
_LEVELS = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
"""Filters, blocks, and whether the first block halves the size, from the input on."""

_TENSOR_VERSION = 2
_OPSET, _IR_VERSION = 13, 8
_FLOAT, _INT64 = 1, 7
_ATTRIBUTE_INTS = 7


def as_onnx(dat: bytes) -> bytes:
    """The model: ``face`` (n, 3, 150, 150) to the embeddings (n, 128), float32.

    Raises:
        ValueError: ``dat`` is not dlib_face_recognition_resnet_model_v1.dat.
    """
    weights, graph = _Weights(dat), _Graph()
    size = (SIDE - _FIRST_KERNEL) // 2 + 1
    at = graph.convolution(INPUT, *weights.convolution(3, _FIRST_FILTERS, _FIRST_KERNEL), stride=2)
    at = graph.add("Relu", [at])
    at = graph.add("MaxPool", [at], kernel_shape=(3, 3), strides=(2, 2))
    size = (size - 3) // 2 + 1
    channels = _FIRST_FILTERS
    for filters, blocks, halves in _LEVELS:
        for block in range(blocks):
            down = halves and block == 0
            at, size = _block(graph, weights, at, (channels, filters), size, down=down)
            channels = filters
    at = graph.add("GlobalAveragePool", [at])
    at = graph.add("Flatten", [at])
    return graph.encoded(graph.add("MatMul", [at, graph.constant(weights.matrix(channels))]))


def _block(
    graph: _Graph,
    weights: _Weights,
    source: str,
    channels: tuple[int, int],
    size: int,
    *,
    down: bool,
) -> tuple[str, int]:
    """A residual block; where sizes differ, dlib fills the smaller one with zeros."""
    before, filters = channels
    stride = 2 if down else 1
    at = graph.convolution(source, *weights.convolution(before, filters, 3), stride=stride)
    at = graph.add("Relu", [at])
    at = graph.convolution(at, *weights.convolution(filters, filters, 3), stride=1)
    skipped, passed = source, size
    if down:
        size = (size - 3) // 2 + 1
        passed = (passed - 2) // 2 + 1
        skipped = graph.add("AveragePool", [source], kernel_shape=(2, 2), strides=(2, 2))
    both = max(size, passed)
    at = graph.filled(at, 0, both - size)
    skipped = graph.filled(skipped, filters - before, both - passed)
    return graph.add("Relu", [graph.add("Add", [at, skipped])]), both


class _Weights:
    """dlib's file, tensor by tensor from the input on. The sizes expected tell where each is."""

    def __init__(self, dat: bytes) -> None:
        self._dat, self._at = dat, 0

    def convolution(self, before: int, filters: int, kernel: int) -> tuple[Weights, Weights]:
        """Filters and biases, with the affine layer that follows in them."""
        values = self._tensor(filters * before * kernel**2 + filters, 1)
        scale, shift = self._tensor(2 * filters, 1).reshape(2, filters)
        kernels = values[:-filters].reshape(filters, before, kernel, kernel)
        return kernels * scale[:, None, None, None], values[-filters:] * scale + shift

    def matrix(self, inputs: int) -> Weights:
        return self._tensor(inputs, NUMBERS).reshape(inputs, NUMBERS)

    def _tensor(self, samples: int, planes: int) -> Weights:
        import numpy as np

        header = b"".join(map(_as_dlib, (_TENSOR_VERSION, samples, planes, 1, 1)))
        found = self._dat.find(header, self._at)
        begin = found + len(header)
        count = samples * planes
        if found < 0 or begin + 4 * count > len(self._dat):
            raise ValueError("not dlib's face recognition network")
        self._at = begin + 4 * count
        return np.frombuffer(self._dat, "<f4", count, begin).astype(np.float32)


def _as_dlib(number: int) -> bytes:
    """A whole number: how many bytes, then these, the lowest first."""
    length = (number.bit_length() + 7) // 8
    return bytes([length]) + number.to_bytes(length, "little")


@dataclass
class _Graph:
    """An ONNX graph as it grows."""

    _nodes: list[bytes] = field(default_factory=list)
    _constants: list[bytes] = field(default_factory=list)

    def convolution(self, source: str, kernels: Weights, biases: Weights, *, stride: int) -> str:
        """dlib pads a convolution that keeps the size, and no other."""
        side = kernels.shape[-1]
        border = side // 2 if stride == 1 else 0
        return self.add(
            "Conv",
            [source, self.constant(kernels), self.constant(biases)],
            kernel_shape=(side, side),
            strides=(stride, stride),
            pads=(border,) * 4,
        )

    def filled(self, source: str, channels: int, size: int) -> str:
        """``source`` with that many channels, rows and columns of zeros behind its own."""
        import numpy as np

        if not channels and not size:
            return source
        ends = np.array([0, 0, 0, 0, 0, channels, size, size], np.int64)
        return self.add("Pad", [source, self.constant(ends)])

    def add(self, operator: str, inputs: Sequence[str], **attributes: Sequence[int]) -> str:
        """Append an operation; returns the name of its result."""
        name = f"at{len(self._nodes)}"
        encoded = [_text(1, item) for item in inputs]
        encoded += [_text(2, name), _text(4, operator)]
        encoded += [_bytes(5, _attribute(*item)) for item in attributes.items()]
        self._nodes.append(b"".join(encoded))
        return name

    def constant(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        name = f"constant{len(self._constants)}"
        kind = _INT64 if values.dtype.kind == "i" else _FLOAT
        dimensions = b"".join(_number(1, length) for length in values.shape)
        content = values.astype(values.dtype.newbyteorder("<")).tobytes()
        self._constants.append(dimensions + _number(2, kind) + _text(8, name) + _bytes(9, content))
        return name

    def encoded(self, output: str) -> bytes:
        graph = b"".join(_bytes(1, node) for node in self._nodes)
        graph += _text(2, "dlib_face_recognition")
        graph += b"".join(_bytes(5, constant) for constant in self._constants)
        graph += _bytes(11, _value(INPUT, (3, SIDE, SIDE)))
        graph += _bytes(12, _value(output, (NUMBERS,)))
        return _number(1, _IR_VERSION) + _bytes(7, graph) + _bytes(8, _number(2, _OPSET))


def _value(name: str, shape: Iterable[int]) -> bytes:
    """A tensor of float32 with a free batch before ``shape``."""
    dimensions = _bytes(1, _text(2, "n"))
    dimensions += b"".join(_bytes(1, _number(1, length)) for length in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, _FLOAT) + _bytes(2, dimensions)))


def _attribute(name: str, values: Sequence[int]) -> bytes:
    encoded = b"".join(_number(8, value) for value in values)
    return _text(1, name) + encoded + _number(20, _ATTRIBUTE_INTS)


def _text(number: int, value: str) -> bytes:
    return _bytes(number, value.encode())


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
