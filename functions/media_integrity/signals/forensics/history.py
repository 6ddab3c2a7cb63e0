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

from collections.abc import Sequence
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
    stride: int = 1
    """Each so many-th block in both directions was looked at."""


def earlier_in_jpeg(plane: Plane, stride: int = 1) -> History | None:
    """The compression before the file's own, on the same grid; None where there is none to see.

    ``stride``: looks at each so many-th block in both directions.
    """
    import numpy as np

    assert plane.table is not None
    found = coefficients(plane.luma, *plane.origin, stride)
    half = BLOCK // 2
    shifted = coefficients(plane.luma, plane.origin[0] + half, plane.origin[1] + half, stride)
    if not found.size or not shifted.size:
        return None
    models = []
    for frequency in FREQUENCIES:
        step = int(plane.table[frequency])
        counted = np.rint(found[:, :, *frequency] / step).astype(np.int32)
        models.append(_Frequency(counted, shifted[:, :, *frequency], step))
    fits = _fits(models[:FIRST], QUALITIES)
    likely = sorted(QUALITIES, key=lambda quality: -fits[quality])[:TRIED]
    fits = _fits(models, likely)
    quality = max(likely, key=lambda quality: fits[quality])
    evidence = sum(
        model.evidence(int(tables.standard(quality)[frequency]))
        for model, frequency in zip(models, FREQUENCIES, strict=True)
    )
    return _history(quality, np.asarray(evidence, np.float32), plane.origin, stride)


LATTICE_NOISE = 0.5
"""Deviation of a coefficient from its multiple: colours were rounded too (0.35 for luminance)."""

MARGINS = 0.02
"""Share of coefficients off the lattice by clipped pixels."""


def earlier_in_lossless(plane: Plane, stride: int = 1) -> History | None:
    """The JPEG compression of a picture now kept without loss; None where there is none to see.

    Grids are tried where the picture's blocking is strongest. ``stride`` as above.
    """
    import numpy as np

    best: tuple[float, int, tuple[int, int]] | None = None
    for origin in grid.likely_origins(plane.luma, stride):
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
    found, table = coefficients(plane.luma, *origin, stride), tables.standard(quality)
    evidence = sum(
        _on_lattice(found[..., *frequency], int(table[frequency])) for frequency in FREQUENCIES
    )
    return _history(quality, np.asarray(evidence, np.float32), origin, stride)


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


def _fits(models: list[_Frequency], qualities: Sequence[int]) -> dict[int, float]:
    """For each quality the log-likelihood that it gains."""
    sums = dict.fromkeys(qualities, 0.0)
    for model, frequency in zip(models, FREQUENCIES, strict=False):
        steps = {quality: int(tables.standard(quality)[frequency]) for quality in qualities}
        gains = model.gains(sorted(set(steps.values())))
        for quality, step in steps.items():
            sums[quality] += gains[step]
    return sums


def _history(
    quality: int, evidence: NDArray[np.float32], origin: tuple[int, int], stride: int
) -> History:
    """The share of blocks by expectation maximisation, and what assuming it gains."""
    import numpy as np

    ratio = np.exp(np.clip(evidence.astype(np.float64), -30, 30))
    share = 0.5
    for _ in range(20):
        belongs = share * ratio / (share * ratio + 1 - share)
        share = min(max(float(belongs.mean()), 1e-3), 1 - 1e-3)
    gain = float(np.log(share * ratio + 1 - share).mean())
    return History(quality, gain, share, evidence, origin, stride)


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
        self._once = self._shares(self._values[None])[0]
        self._known: dict[int, NDArray[np.float32]] = {}

    def _shares(self, values: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n, bins): shares of the bins after quantising each of n rows of values.

        A row stands for the coefficients that were ``self._values`` and are as often; rounding
        noise included.
        """
        import numpy as np

        far = int(np.abs(values).max())
        every = np.arange(-far, far + 1)
        exact = every / self._step
        bins = np.floor(exact + 0.5).astype(np.int64)
        above_edge = (exact + 0.5 - bins) * self._step
        down = _beyond(above_edge / ROUNDING)
        up = _beyond((self._step - above_edge) / ROUNDING)
        rows, size = len(values), 2 * _BINS + 1
        at, counted = values + far, np.zeros(rows * size)
        begin = np.arange(rows)[:, None] * size
        for offset, part in ((0, 1 - down - up), (-1, down), (1, up)):
            places = (np.clip(bins + offset, -_BINS, _BINS) + _BINS)[at] + begin
            weights = self._smooth * part[at]
            counted += np.bincount(places.ravel(), weights.ravel(), minlength=counted.size)
        counted = counted.reshape(rows, size) + 0.5
        shares: NDArray[np.float64] = counted / counted.sum(axis=1, keepdims=True)
        return shares

    def _ratios(self, steps: Sequence[int]) -> NDArray[np.float32]:
        """(n, bins) log-likelihood ratio: an earlier compression by each of steps, over none."""
        import numpy as np

        missing = [step for step in steps if step not in self._known]
        if missing:
            earlier = np.array(missing)[:, None]
            twice = self._shares(np.floor(self._values / earlier + 0.5).astype(np.int64) * earlier)
            found = np.clip(np.log(twice / self._once), -MOST, MOST).astype(np.float32)
            self._known.update(zip(missing, found, strict=True))
        return np.stack([self._known[step] for step in steps])

    def gains(self, steps: Sequence[int]) -> dict[int, float]:
        """Log-likelihood that the best share of blocks with each earlier step gains over none."""
        import numpy as np

        ratios = np.exp(self._ratios(steps).astype(np.float64))[:, None]
        shares = np.array(SHARES)[:, None]
        gained = (np.log(shares * ratios + 1 - shares) * self._seen).sum(axis=2).max(axis=1)
        return dict(zip(steps, gained.tolist(), strict=True))

    def evidence(self, earlier: int) -> NDArray[np.float32]:
        """(rows, columns) log-likelihood ratio of each block's coefficient."""
        (ratio,) = self._ratios([earlier])
        evidence: NDArray[np.float32] = ratio[self._counted]
        return evidence


def _beyond(deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of a normal distribution beyond so many deviations (logistic approximation)."""
    import numpy as np

    shares: NDArray[np.float64] = 1 / (1 + np.exp(np.clip(1.702 * deviations, -50, 50)))
    return shares
