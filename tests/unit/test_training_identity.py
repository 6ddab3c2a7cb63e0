"""Pairs for verification and morphs: what the measurements of the identity signals rest on."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from PIL import Image as Pillow

from media_integrity.media.types import Face, Pixels, Point
from media_integrity.signals import pictures
from media_integrity.signals.faces import detect
from training.morphs import morph
from training.pairs import MAX_OF_ONE, SPLITS, pairs, split_of

PEOPLE = {
    f"person {number}": [f"{number}/{picture}.jpg" for picture in range(number % 7 + 1)]
    for number in range(60)
}


def person_of(path: str) -> str:
    return f"person {path.partition('/')[0]}"


def test_a_pair_is_of_one_person_or_of_two_as_it_says() -> None:
    found = list(pairs(PEOPLE, of_each=40, seed=1))
    assert {pair.same for pair in found} == {True, False}
    assert all((person_of(pair.path_a) == person_of(pair.path_b)) == pair.same for pair in found)
    assert all(pair.path_a != pair.path_b for pair in found)


def test_nobody_is_in_both_splits() -> None:
    found = list(pairs(PEOPLE, of_each=40, seed=1))
    assert {pair.split for pair in found} == set(SPLITS)
    for pair in found:
        assert {split_of(person_of(path)) for path in (pair.path_a, pair.path_b)} == {pair.split}


def test_splits_are_balanced_and_no_pair_comes_twice() -> None:
    found = list(pairs(PEOPLE, of_each=40, seed=1))
    assert len(set(found)) == len(found)
    for split in SPLITS:
        same = [pair.same for pair in found if pair.split == split]
        assert sum(same) == 40 == len(same) - sum(same)


def test_nobody_gives_more_pairs_than_others_may() -> None:
    crowd = {**PEOPLE, "person 99": [f"99/{picture}.jpg" for picture in range(8)]}
    found = list(pairs(crowd, of_each=10_000, seed=1))
    of_one = [pair for pair in found if pair.same and person_of(pair.path_a) == "person 99"]
    assert len(of_one) == MAX_OF_ONE


def test_the_same_seed_gives_the_same_pairs() -> None:
    assert list(pairs(PEOPLE, of_each=9, seed=3)) == list(pairs(PEOPLE, of_each=9, seed=3))
    assert list(pairs(PEOPLE, of_each=9, seed=3)) != list(pairs(PEOPLE, of_each=9, seed=4))


def test_one_person_alone_gives_no_pair_of_two() -> None:
    assert not [p for p in pairs({"a": ["a/1", "a/2"]}, of_each=5, seed=1) if not p.same]


def portrait() -> tuple[Pixels, Face]:
    picture = np.asarray(Pillow.open(io.BytesIO(pictures.portrait())).convert("RGB"))
    (face,) = detect(picture)
    return picture, face


def moved(picture: Pixels, face: Face, pixels: int) -> tuple[Pixels, Face]:
    """The same, shifted to the right."""
    share = pixels / picture.shape[1]
    eye, other, nose, mouth, corner = (Point(mark.x + share, mark.y) for mark in face.landmarks)
    shifted = np.roll(picture, pixels, axis=1)
    return shifted, replace(face, landmarks=(eye, other, nose, mouth, corner))


def face_part(picture: Pixels, face: Face) -> Pixels:
    height, width = picture.shape[:2]
    marks = [(mark.x * width, mark.y * height) for mark in face.landmarks]
    (left, top), (right, bottom) = np.min(marks, axis=0), np.max(marks, axis=0)
    return picture[round(top) : round(bottom), round(left) : round(right)]


def test_a_face_blended_with_itself_stays_as_it_is() -> None:
    picture, face = portrait()
    blended = morph(picture, face, *moved(picture, face, 20))
    gap = np.abs(face_part(blended, face).astype(int) - face_part(picture, face))
    assert gap.mean() < 3


def test_a_blend_lies_between_the_two_pictures() -> None:
    picture, face = portrait()
    black = np.zeros_like(picture)
    half = morph(picture, face, black, face, share=0.5)
    most = morph(picture, face, black, face, share=0.8)
    brightness = [float(face_part(each, face).mean()) for each in (picture, half, most, black)]
    assert brightness == sorted(brightness, reverse=True)
    assert abs(brightness[1] - brightness[0] / 2) < 5


def test_a_blend_of_nothing_of_the_other_is_the_picture() -> None:
    picture, face = portrait()
    other, other_face = moved(picture, face, 30)
    gap = np.abs(morph(picture, face, 255 - other, other_face, share=0).astype(int) - picture)
    assert gap.mean() < 1
