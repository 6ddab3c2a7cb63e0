"""TMK+PDQF: one fixed-size description of a whole film, to find films that are the same as a whole.

Each frame of the film at 15 a second gives 256 PDQ waves ("PDQF"). Level 1 compares their mean.
Level 2 compares how they come and go: sums over the film, weighted by cosines and sines of several
periods, tell how alike two films are at the best shift of one against the other.

Sources: Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019;
Poullot et al., "Temporal Matching Kernel with Explicit Feature Maps", ACM Multimedia 2015; format
and parameters: "tmk" of github.com/facebook/ThreatExchange. Written here from those descriptions;
tests hold it against the files that the reference made of seven films.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from media_integrity.media.film import steady_frames
from media_integrity.media.grid import GRID
from media_integrity.media.limits import FilmLimits
from media_integrity.media.types import Pixels

from .pdq_hash import pdqf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FRAMES_PER_SECOND = 15
PERIODS = (2731, 4391, 9767, 14653)
"""Frames; Poullot's. The longest is 16 minutes."""

COEFFICIENTS = (
    *(0.0708041893112, 0.13937789309, 0.132897260304, 0.122765735552, 0.109878684888),
    *(0.09529606433, 0.0800986647852, 0.0652590650356, 0.0515478238322, 0.0394851531195),
    *(0.0293374252025, 0.0211492623679, 0.0147973073245, 0.0100512818746, 0.0066306408014),
    *(0.00424947117334, 0.0026467615764, 0.00160270959695, 0.000943882629639, 0.000540841638603),
    *(0.000301633183798, 0.000163800158855, 8.66454753015e-05, 4.46626303151e-05),
    *(2.24429442235e-05, 1.09982139799e-05, 5.25823487999e-06, 2.45358229988e-06),
    *(1.11781474895e-06, 4.97406489221e-07, 2.16265487234e-07, 9.19087006565e-08),
)
"""Weights of the waves of a period: those of the Fourier series of exp(32 cos x), which are
I_j(32) / sinh(32), I_j the modified Bessel functions; half of it for the first. Given in full
because Bessel functions come with a library that is too large for this."""

SAME = 0.7
"""Score of both levels from which films are taken for the same: the reference's default."""

MAX_PERIODS, MAX_COEFFICIENTS, MAX_FEATURES = 64, 1024, 4096
MAX_PERIOD = 1_000_000
"""What a file may hold. Ours have 4, 32 and 256, and its longest period is 14,653."""

_MAGIC = b"TMK1FVECPDQF"
_HEADER = struct.Struct("<12s5i")
_CHUNK = 256
"""Frames that are summed at a time."""


class MalformedTmk(ValueError):
    """A file that is not the description of a film. The text names no content."""


class NotComparable(ValueError):
    """Two descriptions that were made with different parameters."""


@dataclass(frozen=True, slots=True, eq=False)
class TmkFeature:
    """The description of one film; 263 kB as a file."""

    frames_per_second: int
    frames: int
    """Of the film at that rate."""
    periods: tuple[int, ...]
    coefficients: Floats
    """(c,): weights of the waves of each period."""
    average: Floats
    """(d,): mean of the frames' features."""
    cosines: Floats
    """(p, c, d): each row of length sqrt(weight), or 0."""
    sines: Floats
    """(p, c, d): as ``cosines``; the first of each period is 0."""

    def to_bytes(self) -> bytes:
        """The reference's file format, ``.tmk``: header, then all numbers as 4 bytes each."""
        periods, coefficients, features = self.cosines.shape
        header = _HEADER.pack(
            _MAGIC, self.frames_per_second, periods, coefficients, features, self.frames
        )
        arrays = (self.coefficients, self.average, self.cosines, self.sines)
        return b"".join(
            (
                header,
                struct.pack(f"<{periods}i", *self.periods),
                *(array.astype("<f4").tobytes() for array in arrays),
            )
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> TmkFeature:
        """What ``to_bytes`` or the reference wrote.

        Raises:
            MalformedTmk: another kind of file, cut off or too long, sizes beyond the caps, or
                numbers that are none. Nothing is allocated before the sizes are known to fit.
        """
        import numpy as np

        if len(data) < _HEADER.size:
            raise MalformedTmk(f"{len(data)} bytes are too few for a header")
        magic, rate, periods, coefficients, features, frames = _HEADER.unpack_from(data)
        if magic != _MAGIC:
            raise MalformedTmk("not a TMK+PDQF file")
        if not (
            1 <= periods <= MAX_PERIODS
            and 1 <= coefficients <= MAX_COEFFICIENTS
            and 1 <= features <= MAX_FEATURES
            and rate >= 1
            and frames >= 0
        ):
            raise MalformedTmk("sizes in the header are out of range")
        block = periods * coefficients * features
        numbers = coefficients + features + 2 * block
        expected = _HEADER.size + 4 * (periods + numbers)
        if len(data) != expected:
            raise MalformedTmk(f"{len(data)} bytes instead of {expected}")
        lengths = struct.unpack_from(f"<{periods}i", data, _HEADER.size)
        values = np.frombuffer(data, "<f4", numbers, _HEADER.size + 4 * periods)
        if not all(1 <= length <= MAX_PERIOD for length in lengths):
            raise MalformedTmk("a period is out of range")
        if not np.isfinite(values).all():
            raise MalformedTmk("a number is not finite")
        weights, average, cosines, sines = np.split(
            values.astype(np.float32), np.cumsum([coefficients, features, block])
        )
        if (weights < 0).any() or not weights.any():
            raise MalformedTmk("the weights are not positive")
        shape = (periods, coefficients, features)
        return cls(
            rate, frames, lengths, weights, average, cosines.reshape(shape), sines.reshape(shape)
        )

    def write(self, path: Path) -> None:
        """Write the file at ``path``, complete or not at all."""
        unfinished = path.with_name(f"{path.name}.part")
        unfinished.write_bytes(self.to_bytes())
        unfinished.replace(path)


def tmk(data: bytes, limits: FilmLimits) -> TmkFeature:
    """The description of a film file.

    The film is decoded for it from begin to end, apart from the pass that uploads get.

    Raises:
        Refused, TooMuchToCheck: as ``media.film.steady_frames``.
    """
    frames = steady_frames(data, limits, per_second=FRAMES_PER_SECOND, width=GRID, height=GRID)
    return describe(frames)


def describe(frames: Iterable[Pixels]) -> TmkFeature:
    """The description of a film's frames: 64 x 64 pixels each, 15 a second.

    Raises:
        ValueError: there is none, or one has another size.
    """
    import numpy as np

    waves = len(PERIODS), len(COEFFICIENTS)
    total = np.zeros(GRID * GRID // 16)
    cosines, sines = (np.zeros((waves[0] * waves[1], total.size)) for _ in range(2))
    speeds = np.arange(waves[1])[None] / np.array(PERIODS)[:, None] * 2 * np.pi
    count = 0
    for chunk in _chunks(frames):
        total += chunk.sum(axis=0)
        units = _unit(chunk)
        angles = speeds.reshape(-1, 1) * np.arange(count, count + len(chunk))[None]
        cosines += np.cos(angles) @ units
        sines += np.sin(angles) @ units
        count += len(chunk)
    if not count:
        raise ValueError("a film without frames has no description")
    scale = np.tile(np.sqrt(COEFFICIENTS), waves[0])[:, None]
    shape = (*waves, total.size)
    return TmkFeature(
        frames_per_second=FRAMES_PER_SECOND,
        frames=count,
        periods=PERIODS,
        coefficients=np.array(COEFFICIENTS, np.float32),
        average=(total / count).astype(np.float32),
        cosines=(_unit(cosines) * scale).astype(np.float32).reshape(shape),
        sines=(_unit(sines) * scale).astype(np.float32).reshape(shape),
    )


def _chunks(frames: Iterable[Pixels]) -> Iterable[NDArray[np.float64]]:
    """(n, 256): features of a few frames at a time."""
    import numpy as np

    features: list[Floats] = []
    for frame in frames:
        features.append(pdqf(frame))
        if len(features) == _CHUNK:
            yield np.stack(features).astype(np.float64)
            features.clear()
    if features:
        yield np.stack(features).astype(np.float64)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row at length 1; rows of zeros stay."""
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1))


def level1(one: TmkFeature, other: TmkFeature) -> float:
    """Cosine of the angle between the averages, -1..1; 0 where one shows nothing at all.

    Raises:
        NotComparable: made with different parameters.
    """
    import numpy as np

    _check(one, other)
    ours, theirs = one.average.astype(np.float64), other.average.astype(np.float64)
    lengths = float(np.linalg.norm(ours) * np.linalg.norm(theirs))
    return max(-1.0, min(1.0, float(ours @ theirs) / lengths)) if lengths else 0.0


def level2(one: TmkFeature, other: TmkFeature) -> float:
    """How alike the films are at the best shift, -1..1; 1 for a film and itself.

    For a shift by d frames and a period of T, with x = 2 pi d / T, the score is the sum over waves
    j of cos(jx) (c.c' + s.s') + sin(jx) (s.c' - c.s'), the first wave's once. That is the real part
    of a discrete Fourier transform, so all shifts of a period are one transform. The best of all
    shifts and periods counts, over the score that a film has with itself.

    Raises:
        NotComparable: made with different parameters.
    """
    import numpy as np

    _check(one, other)
    arrays = (one.cosines, one.sines, other.cosines, other.sines)
    c, s, c2, s2 = (array.astype(np.float64) for array in arrays)
    even = (c * c2 + s * s2).sum(axis=2)
    odd = (s * c2 - c * s2).sum(axis=2)
    even[:, 0], odd[:, 0] = (c[:, 0] * c2[:, 0]).sum(axis=1), 0.0
    best = max(
        float(np.fft.fft(_folded(wave, period)).real.max())
        for wave, period in zip(even + 1j * odd, one.periods, strict=True)
    )
    weights = one.coefficients.astype(np.float64)
    return max(-1.0, min(1.0, best / float(2 * weights.sum() - weights[0])))


def _folded(wave: NDArray[np.complex128], period: int) -> NDArray[np.complex128]:
    """(period,): waves faster than the period has frames look like slower ones."""
    import numpy as np

    folded = np.zeros(period, np.complex128)
    np.add.at(folded, np.arange(len(wave)) % period, wave)
    return folded


def _check(one: TmkFeature, other: TmkFeature) -> None:
    """Weights may differ by rounding: 1e-6 of the greater, as in the reference."""
    import numpy as np

    same = (
        one.frames_per_second == other.frames_per_second
        and one.periods == other.periods
        and one.cosines.shape == other.cosines.shape
        and np.allclose(one.coefficients, other.coefficients, rtol=2e-6, atol=0)
    )
    if not same:
        raise NotComparable("made with different periods, weights or frame rates")
