"""Which views are looked at: never too many, scenes first, and all where there is time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.media.types import Film, FilmFormat, Image, View
from media_integrity.signals.sampling import spread, unseen

PIXELS = np.zeros((2, 2, 3), np.uint8)


def film(views: int, starts: set[int]) -> Image:
    times = tuple(float(index) for index in range(views))
    return Image(
        data=b"",
        format=FilmFormat.MP4,
        width=2,
        height=2,
        frames=views,
        views=tuple(View(PIXELS, index) for index in range(views)),
        film=Film(float(views), 1.0, times, tuple(sorted(starts))),
    )


@given(st.integers(1, 120), st.sets(st.integers(0, 119), max_size=40), st.integers(1, 40))
def test_as_many_views_as_allowed_each_once_and_in_order(
    views: int, starts: set[int], at_most: int
) -> None:
    chosen = spread(film(views, {start for start in starts if start < views}), at_most)
    assert len(chosen) == min(views, at_most)
    assert list(chosen) == sorted(set(chosen))
    assert all(0 <= index < views for index in chosen)


@given(st.integers(41, 120), st.sets(st.integers(0, 40), min_size=1, max_size=20))
def test_every_scene_is_looked_at_while_there_is_room(views: int, starts: set[int]) -> None:
    assert starts <= set(spread(film(views, starts), 24))


def test_without_scenes_views_lie_evenly_from_the_first_to_the_last() -> None:
    assert spread(film(9, set()), 3) == (0, 4, 8)


def test_scenes_that_nobody_looks_at_are_named() -> None:
    image = film(12, {0, 3, 4, 9})
    assert unseen(image, {0, 5}) == (range(3, 4), range(9, 12))
    assert unseen(image, range(12)) == ()
    assert unseen(replace(image, film=None), ()) == ()


@given(st.integers(25, 96), st.integers(1, 40))
def test_where_each_view_is_a_scene_all_but_those_looked_at_are_unseen(
    views: int, at_most: int
) -> None:
    image = film(views, set(range(views)))
    assert len(unseen(image, spread(image, at_most))) == max(views - at_most, 0)
