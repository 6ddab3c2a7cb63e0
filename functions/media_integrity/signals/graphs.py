"""Small repairs to ONNX files as their authors published them, made in memory when they are loaded.

Works on the protobuf encoding itself, so that the ``onnx`` package is not needed in production.
Field numbers: onnx.proto3 (ModelProto, GraphProto, ValueInfoProto, TensorProto), wire format:
https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

_MODEL_GRAPH = 7
_GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_VALUE_INFO = 5, 11, 12, 13
_TENSOR_DIMENSION, _TENSOR_KIND, _TENSOR_NAME, _TENSOR_CONTENT = 1, 2, 8, 9
_FLOAT32 = 1
_VALUE_NAME, _VALUE_TYPE = 1, 2
_TYPE_TENSOR, _TENSOR_SHAPE, _SHAPE_DIMENSION = 1, 2, 1


@dataclass(frozen=True, slots=True)
class _Field:
    number: int
    wire_type: int
    encoded: memoryview
    """Tag and value."""
    value: memoryview
    """Of a length-delimited field what is inside, of others their encoding."""


def any_size(model: bytes) -> bytes:
    """``model`` with constant weights and free batch, height and width of inputs and outputs.

    Old exporters list weights among the inputs. A caller could then replace them, so the run time
    may not fold batch normalisation into convolutions: that doubles the time of an inference. They
    also write down the size of the picture that was used while exporting.

    Raises:
        ValueError: not an ONNX file.
    """
    return _rewritten(memoryview(model), {_MODEL_GRAPH: _free_graph})


def with_weights(model: bytes, weights: Mapping[str, NDArray[np.floating]]) -> bytes:
    """``model`` with these constants, as float32, added to those that it has.

    For graphs that are kept apart from their weights. A message that occurs twice is merged when
    it is read (protobuf's rule), so the constants are written behind the model.
    """
    import numpy as np

    tensors = bytearray()
    for name, values in weights.items():
        tensor = bytearray()
        for length in values.shape:
            tensor += _as_varint(_TENSOR_DIMENSION << 3 | _VARINT) + _as_varint(length)
        tensor += _as_varint(_TENSOR_KIND << 3 | _VARINT) + _as_varint(_FLOAT32)
        tensor += _encoded(_TENSOR_NAME, name.encode())
        tensor += _encoded(_TENSOR_CONTENT, values.astype(np.float32).tobytes())
        tensors += _encoded(_GRAPH_INITIALIZER, bytes(tensor))
    return model + _encoded(_MODEL_GRAPH, bytes(tensors))


def _free_graph(graph: memoryview) -> bytes:
    weights = {
        _text(tensor.value, _TENSOR_NAME)
        for tensor in _fields(graph)
        if tensor.number == _GRAPH_INITIALIZER
    }

    def free_input(value_info: memoryview) -> bytes | None:
        return None if _text(value_info, _VALUE_NAME) in weights else _free_value(value_info)

    return _rewritten(
        graph,
        {
            _GRAPH_INPUT: free_input,
            _GRAPH_OUTPUT: _free_value,
            _GRAPH_VALUE_INFO: lambda _: None,  # sizes between the layers, now wrong
        },
    )


def _free_value(value_info: memoryview) -> bytes:
    def free_shape(shape: memoryview) -> bytes:
        dimensions = [field for field in _fields(shape) if field.number == _SHAPE_DIMENSION]
        freed = bytearray()
        for place, dimension in enumerate(dimensions):
            if place == 1:  # channels
                freed += dimension.encoded
            else:
                freed += _encoded(_SHAPE_DIMENSION, b"")
        return bytes(freed)

    def free_tensor(tensor: memoryview) -> bytes:
        return _rewritten(tensor, {_TENSOR_SHAPE: free_shape})

    def free_type(kind: memoryview) -> bytes:
        return _rewritten(kind, {_TYPE_TENSOR: free_tensor})

    return _rewritten(value_info, {_VALUE_TYPE: free_type})


def _rewritten(
    message: memoryview, changes: dict[int, Callable[[memoryview], bytes | None]]
) -> bytes:
    """``message`` with the fields of these numbers changed; None leaves a field out."""
    parts: list[bytes | memoryview] = []
    for field in _fields(message):
        change = changes.get(field.number)
        if change is None:
            parts.append(field.encoded)
        elif (changed := change(field.value)) is not None:
            parts.append(_encoded(field.number, changed))
    return b"".join(parts)


def _text(message: memoryview, number: int) -> bytes:
    return next((bytes(f.value) for f in _fields(message) if f.number == number), b"")


def _fields(message: memoryview) -> Iterator[_Field]:
    at = 0
    while at < len(message):
        begin = at
        tag, at = _varint(message, at)
        number, wire_type = tag >> 3, tag & 7
        inside = at
        if wire_type == _VARINT:
            _, at = _varint(message, at)
        elif wire_type in {_FIXED64, _FIXED32}:
            at += 8 if wire_type == _FIXED64 else 4
        elif wire_type == _BYTES:
            length, inside = _varint(message, at)
            at = inside + length
        else:
            raise ValueError(f"wire type {wire_type} is not in an ONNX file")
        if at > len(message):
            raise ValueError("the ONNX file is cut off")
        yield _Field(number, wire_type, message[begin:at], message[inside:at])


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number at ``at`` and where the next field begins."""
    number = shift = 0
    while at < len(message):
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number, at
        shift += 7
    raise ValueError("the ONNX file is cut off")


def _encoded(number: int, value: bytes) -> bytes:
    return _as_varint(number << 3 | _BYTES) + _as_varint(len(value)) + value


def _as_varint(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
