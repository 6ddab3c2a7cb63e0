"""What is published says nothing of where it was made, and is otherwise what was judged."""

from __future__ import annotations

import io
import struct

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.position import (
    Changed,
    film_without_position,
    picture_without_position,
)
from tests.unit.film_files import film
from tests.unit.media_files import Rgb, photograph

PLACE = "+48.8577+002.2950+035.000/"
APPLE = "com.apple.quicktime.location.ISO6709"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,51.462N">'
    "<exif:GPSLongitude>2,17.7E</exif:GPSLongitude></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def frames() -> list[Rgb]:
    return [np.roll(photograph(192, 108), 8 * number, axis=1) for number in range(3)]


def located(form: str) -> bytes:
    """A picture with a position, a camera's name and an orientation in its EXIF."""
    exif = Pillow.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 1
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (48.0, 51.0, 27.7), 3: "E", 4: (2.0, 17.0, 42.0), 29: "2026:11:22"}
    )
    stream = io.BytesIO()
    Pillow.fromarray(photograph(160, 120)).save(stream, form, exif=exif)
    return stream.getvalue()


def gps(data: bytes) -> dict[int, object]:
    return dict(Pillow.open(io.BytesIO(data)).getexif().get_ifd(0x8825))


def pixels(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data), "r") as opened:
        return [frame.to_ndarray(format="rgb24").tobytes() for frame in opened.decode(video=0)]


def metadata(data: bytes) -> dict[str, str]:
    with av.open(io.BytesIO(data), "r") as opened:
        return dict(opened.metadata)


@pytest.mark.parametrize(
    ("container", "flags", "name"),
    [
        ("mov", None, "location"),  # ©xyz
        ("mp4", None, "location"),  # loci
        ("mov", "use_metadata_tags", APPLE),  # keys and ilst
        ("mp4", "use_metadata_tags", APPLE),
    ],
)
def test_a_film_says_no_position_and_shows_the_same(
    container: str, flags: str | None, name: str
) -> None:
    options = {} if flags is None else {"movflags": flags}
    told = {name: PLACE, "title": "Holiday"}
    data = film(frames(), container=container, metadata=told, container_options=options)
    assert any("48.8577" in value for value in metadata(data).values())

    without = film_without_position(data)

    assert without is not None
    assert len(without) == len(data)
    assert not any("48.8577" in value for value in metadata(without).values())
    assert b"48.8577" not in without
    assert metadata(without).get("title") == "Holiday"
    assert pixels(without) == pixels(data)
    assert film_without_position(without) is None


@pytest.mark.parametrize("container", ["mov", "mp4", "webm", "matroska"])
def test_a_film_without_a_position_stays_as_it_is(container: str) -> None:
    codec = "libvpx-vp9" if container == "webm" else "libx264"
    assert film_without_position(film(frames(), container=container, codec=codec)) is None


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "AVIF"])
def test_a_picture_says_no_position_and_shows_the_same(form: str) -> None:
    data = located(form)
    assert gps(data)

    without = picture_without_position(data, Limits())

    assert without is not None
    assert len(without) == len(data)
    assert gps(without) == {}
    assert Pillow.open(io.BytesIO(without)).getexif()[0x010F] == "Maker"
    shown, before = (Pillow.open(io.BytesIO(each)).convert("RGB") for each in (without, data))
    assert shown.tobytes() == before.tobytes()
    assert picture_without_position(without, Limits()) is None


def test_a_position_in_xmp_is_taken_out() -> None:
    stream = io.BytesIO()
    Pillow.fromarray(photograph(160, 120)).save(stream, "JPEG", xmp=XMP.encode())

    without = picture_without_position(stream.getvalue(), Limits())

    assert without is not None
    assert b"51.462N" not in without
    assert b"2,17.7E" not in without
    assert Pillow.open(io.BytesIO(without)).info["xmp"].count(b"exif:GPS") == 3


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_without_a_position_stays_as_it_is(form: str) -> None:
    stream = io.BytesIO()
    Pillow.fromarray(photograph(160, 120)).save(stream, form)
    assert picture_without_position(stream.getvalue(), Limits()) is None


def test_a_directory_that_points_at_pixels_changes_no_picture() -> None:
    """Otherwise an uploader could have another picture published than was judged."""
    shifted = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8825, 4, 1, 26, 0)
    jpeg = io.BytesIO()
    Pillow.fromarray(photograph(160, 120)).save(jpeg, "JPEG", exif=b"Exif\0\0" + shifted)
    file = jpeg.getvalue()
    scan = file.index(b"\xff\xda") + 400 - (file.index(b"II*\0"))
    evil = file.replace(
        struct.pack("<HHII", 0x8825, 4, 1, 26), struct.pack("<HHII", 0x8825, 4, 1, scan)
    )
    begin = file.index(b"II*\0") + scan
    evil = evil[:begin] + b"\x01\x00" + evil[begin + 2 :]
    open_image(evil, Limits())
    with pytest.raises(Changed):
        picture_without_position(evil, Limits())


@given(st.binary(max_size=400), st.sampled_from([b"", b"II*\0", b"MM\0*", b"\0\0\0\x20moov"]))
def test_whatever_comes_ends_in_a_file_as_long_or_in_none(data: bytes, head: bytes) -> None:
    film_only = film_without_position(head + data)
    assert film_only is None or len(film_only) == len(head + data)
    try:
        picture = picture_without_position(head + data, Limits())
    except Changed:
        return
    assert picture is None or len(picture) == len(head + data)


def test_hostile_boxes_and_blocks_take_no_time() -> None:
    """Ends at all: 50 MB of heads of EXIF blocks, and of boxes that hold boxes."""
    assert film_without_position(b"\0\0\0\x08moov" * 200_000) is None
    assert picture_without_position(b"II*\0" * 1_000_000, Limits()) is None
