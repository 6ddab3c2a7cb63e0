"""Which views a dear signal looks at, where there are more than it has time for."""

from __future__ import annotations

from collections.abc import Container, Sequence

from media_integrity.media.types import Image


def spread(media: Image, at_most: int) -> tuple[int, ...]:
    """Indices of at most so many views, in order: all, or where scenes start, then evenly."""
    count = len(media.views)
    if count <= at_most:
        return tuple(range(count))
    starts = _evenly(media.film.scene_starts if media.film is not None else (), at_most)
    others = [index for index in range(count) if index not in starts]
    return tuple(sorted({*starts, *_evenly(others, at_most - len(starts))}))


def unseen(media: Image, looked_at: Container[int]) -> tuple[range, ...]:
    """The scenes of a film, as ranges of views, of which no view is in ``looked_at``.

    A film may have more scenes than a dear signal has time for. What was in those nobody knows.
    """
    if media.film is None:
        return ()
    starts = sorted({0, *media.film.scene_starts})
    scenes = map(range, starts, [*starts[1:], len(media.views)])
    return tuple(scene for scene in scenes if not any(view in looked_at for view in scene))


def _evenly(indices: Sequence[int], at_most: int) -> list[int]:
    """The first, the last, and what lies evenly between."""
    if len(indices) <= at_most:
        return list(indices)
    if at_most <= 1:
        return list(indices[:at_most])
    step = (len(indices) - 1) / (at_most - 1)
    return [indices[round(place * step)] for place in range(at_most)]
