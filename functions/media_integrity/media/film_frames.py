"""Which frames of a film are examined.

Every frame is looked at, small. A frame becomes a view where a scene starts, where something was
shown for a moment only, at a steady pace between, and at both ends. Scenes are never left out: more
of them than fit means that a person has to look at the film.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from .errors import HoldCode, TooMuchToCheck
from .grid import grids
from .types import WORKING_SIDE, Burst, Pixels, Still, View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLUMNS, ROWS = 64, 36
_BLOCK = 4
"""Cells of a small picture, and how many of them on a side make a block."""

LEVELS = 24
"""A cell or block has changed if any channel moved by more than so many levels of 255. Grain and
re-encoding average out in a cell: on the test clips they move none by more than 6."""

SCENE = 0.3
"""Share of blocks that change where a scene starts; what moving the last frame explains apart."""

LOCAL = 0.01
"""Share of cells whose change is remembered until it is seen again or reverts: a patch of about
100 x 90 pixels of 1280 x 720."""

REVERTED = 0.7
"""Share of the changed cells that go back if something was shown for a moment."""

ALIKE = 0.05
"""Share of cells that may differ between two frames of which one is enough."""

STILL = 4
"""Levels within which a frame is the same as the last one that was kept."""

DRIFT = 0.5
"""Share of blocks after whose change since the last view another one is taken, where it fits."""

STEADY_S, DRIFT_S = 1.0, 0.5
"""Least seconds between views for their time alone, and for drift."""

_WATCHED = 4
"""Momentary changes followed at a time, the largest ones."""

BURSTS, BURST_FRAMES, BURST_SIDE = 6, 24, 480
_SHORT_BURST = 6

STILL_SIDE = 1920
"""Longest side of what is reduced for video hashes. The reference takes the whole frame: from 512
pixels, hashes of its seven sample films were up to 24 bits away, from 256 up to 54."""

STILL_S = 1.25
"""Seconds after which a still is due in any case, where frames are not shown at a steady rate."""


class Frame(Protocol):
    """A decoded frame, not yet turned into a picture."""

    def cells(self) -> Pixels:
        """(36, 64, 3) averages of RGB."""

    def shown(self, side: int) -> Pixels:
        """Upright, its longest side at most ``side``."""


class _Why(IntEnum):
    """What a frame was kept for. Lower ones make room first."""

    STEADY = 0
    MOMENT = 1
    SCENE = 2


@dataclass(frozen=True, slots=True)
class _Kept:
    index: int
    time_s: float
    rgb: Pixels
    cells: Pixels
    scene: int
    why: _Why
    size: int = 0
    """Cells that changed, of a moment."""


@dataclass(slots=True)
class _Watched:
    """A change that may turn out to have been momentary."""

    index: int
    time_s: float
    frame: Frame
    cells: Pixels
    before: Pixels
    where: NDArray[np.bool_]
    size: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The frames of a film that are examined."""

    views: tuple[View, ...]
    times_s: tuple[float, ...]
    scene_starts: tuple[int, ...]
    bursts: tuple[Burst, ...]


class Choice:
    """Takes the frames of a film one after another and keeps a few.

    ``times_s`` tells when each frame of the film is shown, in order.
    """

    def __init__(self, times_s: Sequence[float], max_views: int) -> None:
        self._max_views = max_views
        length = times_s[-1] - times_s[0]
        self._pace_s = max(STEADY_S, length / (0.6 * max_views))
        self._kept: list[_Kept] = []
        self._watched: list[_Watched] = []
        self._bursts = _Bursts(len(times_s))
        self._scene = 0
        self._last: tuple[int, float, Frame, Pixels] | None = None

    def take(self, index: int, time_s: float, frame: Frame) -> None:
        """Look at the next frame.

        Raises:
            TooMuchToCheck: more scenes than views may be kept.
        """
        cells = frame.cells()
        starts = self._compare(index, time_s, frame, cells)
        if not self._kept:
            self._keep(index, time_s, frame, cells, _Why.SCENE)
        elif starts:
            self._keep_end_of_scene()
            self._scene += 1
            if not any(alike(cells, kept.cells) for kept in reversed(self._kept)):
                self._keep(index, time_s, frame, cells, _Why.SCENE)
        elif self._is_due(time_s, cells):
            self._keep(index, time_s, frame, cells, _Why.STEADY)
        self._bursts.take(index, time_s, frame, starts)
        self._last = (index, time_s, frame, cells)

    def finish(self) -> Chosen:
        """What was chosen. The last frame is always looked at."""

        assert self._last is not None
        index, time_s, frame, cells = self._last
        if not _is_still(cells, self._kept[-1].cells):
            self._keep(index, time_s, frame, cells, _Why.STEADY)
        kept = sorted(self._kept, key=lambda each: each.index)
        scenes = [each.scene for each in kept]
        return Chosen(
            views=tuple(View(each.rgb, each.index) for each in kept),
            times_s=tuple(each.time_s for each in kept),
            scene_starts=tuple(
                at for at, scene in enumerate(scenes) if at == 0 or scene != scenes[at - 1]
            ),
            bursts=self._bursts.finish(),
        )

    def _keep_end_of_scene(self) -> None:
        """What came up in a scene and stayed to its end shows in no later view."""
        assert self._last is not None
        index, time_s, frame, cells = self._last
        latest = max(self._kept, key=lambda each: each.index)
        if self._watched and time_s - latest.time_s >= DRIFT_S:
            self._keep(index, time_s, frame, cells, _Why.STEADY)

    def _compare(self, index: int, time_s: float, frame: Frame, cells: Pixels) -> bool:
        """Does a scene start here? Otherwise momentary changes are followed."""
        import numpy as np

        if self._last is None:
            return False
        before = self._last[3]
        where = changed(cells, before)
        size = int(np.count_nonzero(where))
        reverted = self._revert(cells)
        if size < LOCAL * where.size:
            return False
        if starts_scene(cells, before):
            return True
        if not reverted:
            self._watched.append(_Watched(index, time_s, frame, cells, before, where, size))
            self._watched.sort(key=lambda each: -each.size)
            del self._watched[_WATCHED:]
        return False

    def _revert(self, cells: Pixels) -> bool:
        """Keep what was shown for a moment and is gone. Was there any?"""
        gone = [
            watched
            for watched in self._watched
            if _share(changed(cells, watched.before)[watched.where]) <= 1 - REVERTED
        ]
        for watched in gone:
            self._watched.remove(watched)
            self._keep(
                watched.index,
                watched.time_s,
                watched.frame,
                watched.cells,
                _Why.MOMENT,
                watched.size,
            )
        return bool(gone)

    def _is_due(self, time_s: float, cells: Pixels) -> bool:

        latest = max(self._kept[-8:], key=lambda each: each.index)
        since = time_s - latest.time_s
        if since >= self._pace_s:
            return not _is_still(cells, latest.cells)
        return since >= min(DRIFT_S, self._pace_s) and (
            _share(changed(_blocks(cells), _blocks(latest.cells))) >= DRIFT
        )

    def _keep(
        self,
        index: int,
        time_s: float,
        frame: Frame,
        cells: Pixels,
        why: _Why,
        size: int = 0,
    ) -> None:
        rgb = frame.shown(WORKING_SIDE)
        self._kept.append(_Kept(index, time_s, rgb, cells, self._scene, why, size))
        if why is not _Why.MOMENT:  # from here on, the change shows in this view
            self._watched.clear()
        moments = [each for each in self._kept if each.why is _Why.MOMENT]
        if len(moments) > self._max_views // 4:
            self._kept.remove(min(moments, key=lambda each: each.size))
        if len(self._kept) > self._max_views:
            self._make_room()

    def _make_room(self) -> None:
        """Leave out the view whose neighbours are nearest, then the smallest moment."""
        self._kept.sort(key=lambda each: each.index)
        steady = [at for at, each in enumerate(self._kept[:-1]) if each.why is _Why.STEADY]
        moments = [each for each in self._kept if each.why is _Why.MOMENT]
        if steady:
            gaps = {at: self._kept[at + 1].time_s - self._kept[at - 1].time_s for at in steady}
            del self._kept[min(gaps, key=gaps.__getitem__)]
            self._pace_s *= 1.05
        elif moments:
            self._kept.remove(min(moments, key=lambda each: each.size))
        else:
            raise TooMuchToCheck(
                HoldCode.TOO_MANY_VIEWS,
                "This video has more scenes than we check automatically, so a person will look at "
                "it first.",
                cause=f"more than {self._max_views} scenes",
            )


class Stills:
    """Takes the frames of a film one after another and keeps about one a second of them.

    Every n-th frame is kept, n being the whole frames a second, as the vPDQ reference does (its
    ``FFmpegHasher``): hashes from elsewhere are of the same frames. That alone would leave out most
    of a film whose frames are bunched, so one is also kept when ``STILL_S`` went by without.
    Films of less than two frames a second have up to two stills a second.
    """

    def __init__(self, frame_rate: float) -> None:
        self._every = max(1, int(frame_rate))
        self._kept: list[Still] = []

    def take(self, index: int, time_s: float, frame: Frame) -> None:
        """Look at the next frame."""
        late = not self._kept or time_s - self._kept[-1].time_s >= STILL_S
        if not late and index % self._every:
            return
        shown = frame.shown(STILL_SIDE)
        self._kept.append(Still(index, time_s, grids(shown, *shown.shape[:2])))

    def finish(self) -> tuple[Still, ...]:
        """What was kept."""
        return tuple(self._kept)


class _Bursts:
    """Collects consecutive frames at places spread over the film."""

    def __init__(self, frames: int) -> None:
        count = max(1, min(BURSTS, frames // BURST_FRAMES))
        self._starts = [
            max(0, round((number + 0.5) / count * frames) - BURST_FRAMES // 2)
            for number in range(count)
        ]
        self._done: list[Burst] = []
        self._frames: list[Pixels] = []
        self._times_s: list[float] = []

    def take(self, index: int, time_s: float, frame: Frame, starts_scene: bool) -> None:
        if not self._starts or index < self._starts[0]:
            return
        if self._frames and starts_scene:
            self._close(at_least=_SHORT_BURST)
            if not self._starts or index < self._starts[0]:
                return
        rgb = frame.shown(BURST_SIDE)
        if self._frames and rgb.shape != self._frames[0].shape:  # the film changes its size
            self._frames.clear()
            self._times_s.clear()
        self._frames.append(rgb)
        self._times_s.append(time_s)
        if len(self._frames) == BURST_FRAMES:
            self._close(at_least=2)

    def finish(self) -> tuple[Burst, ...]:
        self._close(at_least=2)
        return tuple(self._done)

    def _close(self, *, at_least: int) -> None:
        """Put the burst away if it is long enough; otherwise it begins anew."""
        import numpy as np

        if len(self._frames) >= at_least:
            self._done.append(Burst(np.stack(self._frames), tuple(self._times_s)))
            del self._starts[:1]
        self._frames.clear()
        self._times_s.clear()


def changed(cells: Pixels, others: Pixels) -> NDArray[np.bool_]:
    """Which cells differ visibly."""
    import cv2
    import numpy as np

    far = np.asarray(cv2.absdiff(cells, others)) > LEVELS
    different: NDArray[np.bool_] = far[..., 0] | far[..., 1] | far[..., 2]
    return different


def _share(where: NDArray[np.bool_]) -> float:
    import numpy as np

    return float(np.count_nonzero(where)) / max(1, where.size)


def _is_still(cells: Pixels, others: Pixels) -> bool:
    import cv2
    import numpy as np

    return int(np.asarray(cv2.absdiff(cells, others)).max()) <= STILL


def alike(cells: Pixels, others: Pixels) -> bool:
    """Is one of the two frames enough?"""
    return bool(
        _share(changed(cells, others)) <= ALIKE
        and not changed(_blocks(cells), _blocks(others)).any()
    )


def starts_scene(cells: Pixels, before: Pixels) -> bool:
    """Is this another picture, and not the last one seen from a little further on?"""
    if _share(changed(_blocks(cells), _blocks(before))) < SCENE:
        return False
    return not _is_camera_movement(cells, before)


def _is_camera_movement(cells: Pixels, before: Pixels) -> bool:
    """Does shifting the last frame, by less than half of it, explain most of the change?"""
    import cv2
    import numpy as np

    grey, old_grey = (each.mean(axis=2).astype(np.float32) for each in (cells, before))
    window = cv2.createHanningWindow((COLUMNS, ROWS), cv2.CV_32F)
    (right, down), _ = cv2.phaseCorrelate(old_grey, grey, window)
    if abs(right) > COLUMNS / 2 or abs(down) > ROWS / 2:
        return False
    shift = np.array([[1, 0, right], [0, 1, down]], np.float32)
    moved = np.asarray(cv2.warpAffine(before, shift, (COLUMNS, ROWS)), np.uint8)
    inside = np.asarray(
        cv2.warpAffine(np.ones((ROWS, COLUMNS), np.uint8), shift, (COLUMNS, ROWS)), np.bool_
    )
    if _share(inside) < 0.5:
        return False
    unexplained = _share(changed(cells, moved)[inside])
    return unexplained < 0.5 * _share(changed(cells, before)[inside])


def _blocks(cells: Pixels) -> Pixels:
    """(9, 16, 3) averages."""
    import cv2
    import numpy as np

    size = (COLUMNS // _BLOCK, ROWS // _BLOCK)
    return np.asarray(cv2.resize(cells, size, interpolation=cv2.INTER_AREA), np.uint8)
