"""Our own network of the face signals, run with onnxruntime.

Its weights are a safetensors file (float16), its structure an ONNX graph without weights; both are
written by ``python -m training export``. They are put together in memory when the network is first
used, so production needs neither torch nor the ``onnx`` package, and the weights exist once.

One picture of ``SIDE`` pixels gives one logit for each of ``OUTPUTS``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from media_integrity.media.types import Pixels
from media_integrity.schema.findings import Box, ModelRef

from . import graphs, runtime

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Weights: TypeAlias = "Mapping[str, NDArray[np.float32]]"
"""Of a model that NumPy computes, by name."""

WEIGHTS = "faces"
GRAPH = "faces_graph"

OUTPUTS: Final = ("face_manipulation", "synthetic_image")

SIDE = 160
"""Pixels of what the network sees; most of its training was at this size."""

MARGIN = 1.25
"""Side of a face's crop over the longer side of its box: the seam of a swap lies inside."""

BATCH = 16
"""Pictures in one inference; bounds memory in a crowd."""

_SHRINK_FIRST = 0.7
"""Scale below which a picture is averaged down before it is cropped."""

_SPARE = 4
"""Pixels kept around a crop while it is averaged down."""


def logits(pictures: Sequence[Pixels], *, mirrored: bool = False) -> NDArray[np.float32]:
    """(n, 2), the log-odds of ``OUTPUTS``, of pictures of ``SIDE`` x ``SIDE`` pixels.

    ``mirrored``: the mean over each picture and its mirror image, for twice the time.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    import numpy as np

    session = runtime.session(GRAPH, _filler())
    found = np.zeros((len(pictures), len(OUTPUTS)), np.float32)
    for first in range(0, len(pictures), BATCH):
        planes = np.stack(pictures[first : first + BATCH]).transpose(0, 3, 1, 2)
        batch = planes.astype(np.float32)
        looks = (batch, np.ascontiguousarray(batch[:, :, :, ::-1])) if mirrored else (batch,)
        for look in looks:
            (rows,) = session.run(None, {"rgb": look})
            found[first : first + BATCH] += rows / len(looks)
    return found


def reference() -> ModelRef:
    """The weights, as a finding records them.

    Raises:
        ModelUnavailable: they are not in the lock file.
    """
    return runtime.reference(WEIGHTS)


def face_crop(rgb: Pixels, box: Box, margin: float = MARGIN) -> Pixels:
    """The face in ``box`` as a square of ``SIDE`` pixels, as the network was trained.

    Beyond the picture's edge its mirror image continues it.
    """
    height, width = rgb.shape[:2]
    across = (box.left + box.width / 2) * width
    down = (box.top + box.height / 2) * height
    return crop(rgb, (across, down), max(box.width * width, box.height * height) * margin)


def crop(rgb: Pixels, middle: tuple[float, float], length: float) -> Pixels:
    """A square of ``length`` pixels around ``middle`` (x, y), as ``SIDE`` x ``SIDE``."""
    import cv2
    import numpy as np

    length = max(length, 2.0)
    scale = SIDE / length
    if scale < _SHRINK_FIRST:
        rgb, middle = _cut_out(rgb, middle, length)
        height, width = rgb.shape[:2]
        smaller = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgb = cv2.resize(rgb, smaller, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        middle = middle[0] * smaller[0] / width, middle[1] * smaller[1] / height
        scale = 1.0
    half = (SIDE - 1) / 2
    transform = np.array(
        [[scale, 0, half - scale * middle[0]], [0, scale, half - scale * middle[1]]], np.float32
    )
    return cv2.warpAffine(
        rgb,
        transform,
        (SIDE, SIDE),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    ).astype(np.uint8, copy=False)


def _cut_out(
    rgb: Pixels, middle: tuple[float, float], length: float
) -> tuple[Pixels, tuple[float, float]]:
    """What a crop needs of a large picture, and where its middle is in that."""
    reach = length / 2 + _SPARE * length / SIDE
    height, width = rgb.shape[:2]
    left, right = max(0, math.floor(middle[0] - reach)), min(width, math.ceil(middle[0] + reach))
    top, bottom = max(0, math.floor(middle[1] - reach)), min(height, math.ceil(middle[1] + reach))
    return rgb[top:bottom, left:right], (middle[0] - left, middle[1] - top)


@cache
def _filler() -> Callable[[bytes], bytes]:
    """Puts the weights into the graph. One function per process: sessions are kept by it.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    weights = tensors(runtime.path(WEIGHTS).read_bytes())
    return lambda graph: graphs.with_weights(graph, weights)


@cache
def shipped(model: str) -> Weights:
    """The locked weights of a model that NumPy computes, ready to compute with.

    Raises:
        ModelUnavailable: they are missing or are not the locked ones.
    """
    import numpy as np

    stored = tensors(runtime.path(model).read_bytes())
    return {name: value.astype(np.float32) for name, value in stored.items()}


def tensors(content: bytes) -> Mapping[str, NDArray[np.float16]]:
    """The float16 tensors of a safetensors file.

    Format: https://github.com/huggingface/safetensors#format. Eight bytes of header length, little
    endian, the header as JSON, the values.

    Raises:
        ValueError: another kind of file, or other than float16.
    """
    import numpy as np

    start = 8 + int.from_bytes(content[:8], "little")
    header: dict[str, dict[str, object]] = json.loads(content[8:start])
    found = {}
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        shape, span = tensor["shape"], tensor["data_offsets"]
        if tensor["dtype"] != "F16" or not isinstance(shape, list) or not isinstance(span, list):
            raise ValueError(f"{name} is not a tensor of float16")
        values = np.frombuffer(content[start + span[0] : start + span[1]], "<f2")
        found[name] = values.reshape(shape)
    return found
