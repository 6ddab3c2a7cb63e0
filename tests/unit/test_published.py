"""Packed stretches of published media: the same in and out, never something else."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.banks.published import (
    BEGINNING,
    COLUMNS,
    MAGIC,
    Place,
    SegmentUnreadable,
    Stretch,
    of_media,
    pack,
    unpack,
)
from media_integrity.fingerprints.vpdq import VideoFrame, VideoHash
from media_integrity.schema.base import UserId
from media_integrity.schema.hashes import MediaHash, PdqView

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def media(
    number: int = 0, *, views: int = 1, frames: int = 0, md5: bool = True, **changes: object
) -> MediaHash:
    film = VideoHash(
        tuple(VideoFrame(each * 25, 90, secrets.token_bytes(32), 0.0) for each in range(frames))
    )
    made = MediaHash(
        id=secrets.token_hex(32),
        uploader_id=UserId("somebody"),
        sha256=secrets.token_hex(32),
        md5=secrets.token_hex(16) if md5 else None,
        views=tuple(PdqView(pdq=secrets.token_hex(32), quality=80) for _ in range(views)),
        frames=film.pack() if frames else None,
        published_path="media/somebody/job/original.png",
        created_at=NOW + timedelta(microseconds=number),
    )
    return made.model_copy(update=changes)


def same(one: Stretch, other: Stretch) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in COLUMNS)


STRETCH = of_media([media(1), media(2, views=3), media(3, views=0), media(4, frames=5, md5=False)])
PACKED = pack(STRETCH)


def test_columns_say_what_the_records_said() -> None:
    sound, film = media(1, views=0), media(2, views=2, frames=3)
    stretch = of_media([sound, film])
    assert len(stretch) == 2
    assert stretch.view_medium.tolist() == [1, 1]
    assert stretch.frame_medium.tolist() == [1, 1, 1]
    assert [row.tobytes().hex() for row in stretch.view_bits] == [each.pdq for each in film.views]
    assert stretch.sha256[0].tobytes().hex() == sound.sha256
    assert film.md5 is not None
    assert stretch.md5[1].tobytes().hex() == film.md5
    assert stretch.place(1) == Place(film.created_at, film.id)


def test_what_is_packed_comes_out_again() -> None:
    assert same(unpack(PACKED), STRETCH)


def test_nothing_can_be_packed() -> None:
    assert len(unpack(pack(of_media([])))) == 0


def test_a_medium_without_md5_has_zeros_there() -> None:
    assert of_media([media(md5=False)]).md5.tolist() == [[0] * 16]


def test_a_record_whose_id_is_no_jobs_is_left_out_and_the_others_stay() -> None:
    stretch = of_media([media(1), media(2).model_copy(update={"id": "odd"}), media(3)])
    assert len(stretch) == 2
    assert stretch.view_medium.tolist() == [0, 1]


def test_frames_that_cannot_be_read_cost_the_medium_its_frames_only() -> None:
    stretch = of_media([media(1).model_copy(update={"frames": "no base64!"}), media(2, frames=2)])
    assert len(stretch) == 2
    assert stretch.frame_medium.tolist() == [1, 1]


@pytest.mark.parametrize("number", range(4))
def test_what_is_behind_a_place_begins_with_the_next_medium(number: int) -> None:
    stretch = of_media([media(each) for each in range(4)])
    assert stretch.behind(stretch.place(number)) == number + 1
    assert stretch.behind(BEGINNING) == 0


def test_media_of_one_moment_are_told_apart_by_their_ids() -> None:
    together = sorted((media(0) for _ in range(5)), key=lambda each: each.id)
    stretch = of_media(together)
    for number, each in enumerate(together):
        assert stretch.behind(Place(each.created_at, each.id)) == number + 1
    assert stretch.behind(Place(NOW, "")) == 0


# ---- Whatever else lies there is refused ----


@pytest.mark.parametrize(
    "content",
    [
        b"",
        MAGIC,
        MAGIC + b"\xff\xff\xff\xff" + PACKED[12:],
        b"OTHER123" + PACKED[8:],
        PACKED[:-1],
        PACKED + b"\0",
        MAGIC + (2).to_bytes(4, "little") + b"[]",
        MAGIC + (4).to_bytes(4, "little") + b"null",
        PACKED.replace(b'"format": 1', b'"format": 2'),
        PACKED.replace(b'"created": 4', b'"created": 5'),
        PACKED.replace(b'"created": 4', b'"created":-4'),
    ],
    ids=[
        "empty",
        "no header",
        "endless header",
        "other magic",
        "cut short",
        "too long",
        "header is a list",
        "header is null",
        "newer format",
        "columns of different length",
        "negative length",
    ],
)
def test_what_is_no_segment_is_refused(content: bytes) -> None:
    with pytest.raises(SegmentUnreadable):
        unpack(content)


def test_an_absurd_length_is_refused_before_memory_is_taken() -> None:
    lengths = ", ".join(f'"{name}": 99999999999999' for name in COLUMNS)
    header = f'{{"format": 1, "lengths": {{{lengths}}}}}'.encode()
    with pytest.raises(SegmentUnreadable):
        unpack(MAGIC + len(header).to_bytes(4, "little") + header)


def test_a_hash_that_belongs_to_no_medium_is_refused() -> None:
    columns = {name: getattr(STRETCH, name) for name in COLUMNS}
    columns["view_medium"] = np.array([0, 1, 1, 9, 3], np.uint32)[: len(STRETCH.view_medium)]
    with pytest.raises(SegmentUnreadable):
        unpack(pack(Stretch(**columns)))


@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255))
def test_one_changed_byte_is_refused_or_changes_values_only(at: int, by: int) -> None:
    changed = bytearray(PACKED)
    changed[at] ^= by
    try:
        stretch = unpack(bytes(changed))
    except SegmentUnreadable:
        return
    for name in COLUMNS:
        assert getattr(stretch, name).shape == getattr(STRETCH, name).shape
