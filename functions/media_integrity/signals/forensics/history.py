"""Which blocks have been through one JPEG compression more than the others?

Two cases, with one question each about every block:

- The file is a JPEG. Coefficients that were quantised by q1 and then by q2 leave gaps and peaks in
  their histogram; those quantised once do not. What "once" looks like is learned from the picture
  itself, its grid shifted by half a block: Lukas and Fridrich, "Estimation of primary quantization
  matrix in double compressed JPEG images", DFRWS 2003. Blocks are told apart by the likelihood of
  their coefficients: Bianchi and Piva, "Image forgery localization via block-grained analysis of
  JPEG artifacts", IEEE TIFS 7(3), 2012, section III.
- The file is not, but was. Coefficients lie on multiples of the old table: Fan and de Queiroz,
  "Identification of bitmap compression history", IEEE TIP 12(2), 2003. Parts put in later do not.

The earlier table is looked for among those of the Independent JPEG Group. A camera's own table is
mostly near enough to one of them at the low frequencies; where it is not, nothing is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import grid, tables
from .blocks import LOW, coefficients
from .plane import BLOCK, Luma, Plane

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUALITIES = range(40, 99)
"""Earlier compressions that are looked for."""

FREQUENCIES = ((0, 1), (1, 0), (2, 0), (1, 1), (0, 2), (0, 3), (1, 2), (2, 1), (3, 0), (2, 2),
               (3, 1), (1, 3), (4, 0), (0, 4))  # fmt: skip
"""Low ones, where there is something left to count; the first 14 of the zigzag after DC."""

FIRST, TRIED = 5, 5
"""Frequencies by which all qualities are compared, and how many qualities by all frequencies."""

SHARES = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
"""Of the blocks with the earlier compression, tried while it is looked for."""

ROUNDING = 0.35
"""Deviation of a coefficient by rounding pixels between compressions: sqrt(1/12), and clipping."""

MOST = 2.5
"""Bound on what one coefficient may say: no single one decides about a block."""

_BINS = 16
"""Multiples of the step that are told apart; larger coefficients are few and count together."""


@dataclass(frozen=True, slots=True)
class History:
    """An earlier compression, and where it is found."""

    quality: int
    """Of the Independent JPEG Group's table that fits best."""
    gain: float
    """Log-likelihood gained per block by assuming it; natural logarithm."""
    share: float
    """Of the blocks that have it, by likelihood."""
    evidence: NDArray[np.float32]
    """(rows, columns) log-likelihood ratio of each block, positive where it has it; 0 where the
    block has nothing to count."""
    origin: tuple[int, int]
    """Row and column of the first block of the grid that was looked at."""


def earlier_in_jpeg(plane: Plane) -> History | None:
    """The compression before the file's own, on the same grid; None where there is none to see."""
    import numpy as np

    assert plane.table is not None
    found = coefficients(plane.luma, *plane.origin)
    half = BLOCK // 2
    shifted = coefficients(plane.luma, (plane.origin[0] + half), (plane.origin[1] + half))
    if not found.size or not shifted.size:
        return None
    models = []
    for frequency in FREQUENCIES:
        step = int(plane.table[frequency])
        counted = np.rint(found[:, :, *frequency] / step).astype(np.int32)
        models.append(_Frequency(counted, shifted[:, :, *frequency], step))
    likely = sorted(QUALITIES, key=lambda quality: -_fit(models[:FIRST], quality))[:TRIED]
    quality = max(likely, key=lambda quality: _fit(models, quality))
    evidence = sum(
        model.evidence(int(tables.standard(quality)[frequency]))
        for model, frequency in zip(models, FREQUENCIES, strict=True)
    )
    return _history(quality, np.asarray(evidence, np.float32), plane.origin)


LATTICE_NOISE = 0.5
"""Deviation of a coefficient from its multiple: colours were rounded too (0.35 for luminance)."""

MARGINS = 0.02
"""Share of coefficients off the lattice by clipped pixels."""


def earlier_in_lossless(plane: Plane) -> History | None:
    """The JPEG compression of a picture now kept without loss; None where there is none to see.

    Grids are tried where the picture's blocking is strongest.
    """
    import numpy as np

    best: tuple[float, int, tuple[int, int]] | None = None
    for origin in grid.likely_origins(plane.luma):
        thinned = coefficients(_middle(plane.luma, origin), 0, 0).reshape(-1, LOW, LOW)
        fits: dict[tuple[tuple[int, int], int], float] = {}
        for quality in QUALITIES:
            table = tables.standard(quality)
            for frequency in FREQUENCIES[:FIRST]:
                step = int(table[frequency])
                if (frequency, step) not in fits:
                    ratio = _on_lattice(thinned[:, *frequency], step)
                    fits[frequency, step] = float(ratio.mean())
            fit = sum(fits[frequency, int(table[frequency])] for frequency in FREQUENCIES[:FIRST])
            if best is None or fit > best[0]:
                best = fit, quality, origin
    if best is None or best[0] <= 0:
        return None
    _, quality, origin = best
    found, table = coefficients(plane.luma, *origin), tables.standard(quality)
    evidence = sum(
        _on_lattice(found[..., *frequency], int(table[frequency])) for frequency in FREQUENCIES
    )
    return _history(quality, np.asarray(evidence, np.float32), origin)


COMPARED = 512
"""Pixels a side, in the middle, by which qualities are compared."""


def _middle(luma: Luma, origin: tuple[int, int]) -> Luma:
    """The middle of the plane, beginning with a whole block of the grid at ``origin``."""
    (top, bottom), (left, right) = (
        (begin := first + max(0, size - COMPARED) // 2 // BLOCK * BLOCK, begin + COMPARED)
        for size, first in zip(luma.shape, origin, strict=True)
    )
    return luma[top:bottom, left:right]


def _on_lattice(values: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Log-likelihood ratio: on the multiples of ``step``, over anywhere between them.

    Values that would be quantised to 0 say nothing: most are small in any picture.
    """
    import numpy as np

    multiple = np.rint(values / step)
    off = (values - multiple * step) / LATTICE_NOISE
    density = step / (LATTICE_NOISE * np.sqrt(2 * np.pi)) * np.exp(-off * off / 2)
    ratio = np.clip(np.log((1 - MARGINS) * density + MARGINS), -MOST, MOST)
    ratio[multiple == 0] = 0
    return np.asarray(ratio, np.float32)


def _fit(models: list[_Frequency], quality: int) -> float:
    table = tables.standard(quality)
    return sum(
        model.gain(int(table[frequency]))
        for model, frequency in zip(models, FREQUENCIES, strict=False)
    )


def _history(quality: int, evidence: NDArray[np.float32], origin: tuple[int, int]) -> History:
    """The share of blocks by expectation maximisation, and what assuming it gains."""
    import numpy as np

    ratio = np.exp(np.clip(evidence.astype(np.float64), -30, 30))
    share = 0.5
    for _ in range(20):
        belongs = share * ratio / (share * ratio + 1 - share)
        share = min(max(float(belongs.mean()), 1e-3), 1 - 1e-3)
    gain = float(np.log(share * ratio + 1 - share).mean())
    return History(quality, gain, share, evidence, origin)


class _Frequency:
    """Coefficients of one frequency, and how likely they are after one or two compressions."""

    def __init__(self, counted: NDArray[np.int32], shifted: NDArray[np.float32], step: int) -> None:
        import numpy as np

        self._step = step
        self._counted = np.clip(counted, -_BINS, _BINS) + _BINS
        self._seen = np.bincount(self._counted.ravel(), minlength=2 * _BINS + 1)
        reach = (_BINS + 1) * step
        whole = np.clip(np.rint(shifted), -reach, reach).astype(np.int32) + reach
        smooth = np.bincount(whole.ravel(), minlength=2 * reach + 1).astype(np.float64)
        self._smooth = smooth + smooth[::-1]  # both signs are alike
        self._values = np.arange(-reach, reach + 1)
        self._once = self._share(self._values, self._smooth)
        self._known: dict[int, NDArray[np.float32]] = {}
        self._gains: dict[int, float] = {}

    def _share(self, values: NDArray[np.int_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shares of the bins after quantising ``values``, rounding noise included."""
        import numpy as np

        exact = values / self._step
        bins = np.floor(exact + 0.5).astype(np.int64)
        above_edge = (exact + 0.5 - bins) * self._step
        down = _beyond(above_edge / ROUNDING)
        up = _beyond((self._step - above_edge) / ROUNDING)
        counted = np.zeros(2 * _BINS + 1)
        for offset, part in ((0, 1 - down - up), (-1, down), (1, up)):
            places = np.clip(bins + offset, -_BINS, _BINS) + _BINS
            counted += np.bincount(places, weights * part, minlength=counted.size)
        shares: NDArray[np.float64] = (counted + 0.5) / (counted.sum() + 0.5 * counted.size)
        return shares

    def _ratio(self, earlier: int) -> NDArray[np.float32]:
        """Log-likelihood ratio of each bin: an earlier compression by ``earlier``, over none."""
        import numpy as np

        if earlier not in self._known:
            first = np.floor(self._values / earlier + 0.5).astype(np.int64)
            offset = int(first.min())
            weights = np.bincount(first - offset, self._smooth).astype(np.float64)
            twice = self._share((np.arange(weights.size) + offset) * earlier, weights)
            ratio = np.clip(np.log(twice / self._once), -MOST, MOST)
            self._known[earlier] = ratio.astype(np.float32)
        return self._known[earlier]

    def gain(self, earlier: int) -> float:
        """Log-likelihood that the best share of blocks with ``earlier`` gains over none."""
        import numpy as np

        if earlier not in self._gains:
            ratio = np.exp(self._ratio(earlier).astype(np.float64))
            self._gains[earlier] = max(
                float((self._seen * np.log(share * ratio + 1 - share)).sum()) for share in SHARES
            )
        return self._gains[earlier]

    def evidence(self, earlier: int) -> NDArray[np.float32]:
        """(rows, columns) log-likelihood ratio of each block's coefficient."""
        ratio: NDArray[np.float32] = self._ratio(earlier)[self._counted]
        return ratio


def _beyond(deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of a normal distribution beyond so many deviations (logistic approximation)."""
    import numpy as np

    shares: NDArray[np.float64] = 1 / (1 + np.exp(np.clip(1.702 * deviations, -50, 50)))
    return shares
