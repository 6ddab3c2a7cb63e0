"""What the metadata signal says, beside its examples."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image as Pillow

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.schema.findings import Finding, MetadataDetail, MetadataReason
from media_integrity.signals import pictures
from media_integrity.signals.forensics import previews
from media_integrity.signals.metadata import WEIGHTS, MetadataSignal
from media_integrity.signals.metadata_examples import (
    Field,
    ascii_text,
    claims,
    exif_block,
    number,
    preview,
    saved,
)
from media_integrity.signals.provenance import exif
from tests.unit.media_files import Rgb, photograph

TODAY = datetime(2026, 1, 1, tzinfo=UTC)


def portrait() -> Rgb:
    return np.asarray(Pillow.open(io.BytesIO(pictures.portrait())).convert("RGB"))


def examined(data: bytes) -> tuple[Finding, set[MetadataReason]]:
    finding = MetadataSignal(now=lambda: TODAY).run(open_image(data, Limits()))
    assert isinstance(finding.detail, MetadataDetail)
    return finding, {each.reason for each in finding.detail.inconsistencies}


def with_claims(
    main: dict[int, Field] | None = None,
    photo: dict[int, Field] | None = None,
    position: dict[int, Field] | None = None,
    times: dict[str, str] | None = None,
) -> bytes:
    """A phone's photograph as taken, with these fields changed."""
    own_main, own_photo = claims(**(times or {}))  # type: ignore[arg-type]  # sizes stay as they are
    own_main.update(main or {})
    own_photo.update(photo or {})
    return saved(portrait(), exif_block(own_main, own_photo, position))


def test_a_phones_photograph_fits_together() -> None:
    finding, reasons = examined(with_claims())
    assert reasons == set() and finding.score == 0
    assert isinstance(finding.detail, MetadataDetail)
    assert finding.detail.camera == "Apple iPhone 13" and finding.detail.has_metadata


@pytest.mark.parametrize(
    ("software", "reason"),
    [
        ("Adobe Photoshop 25.0 (Windows)", MetadataReason.EDITING_SOFTWARE),
        ("GIMP 2.10.34", MetadataReason.EDITING_SOFTWARE),
        ("FaceApp", MetadataReason.FACE_SOFTWARE),
        ("facefusion 2.6.1", MetadataReason.FACE_SOFTWARE),
        ("Adobe Photoshop Lightroom Classic 13", None),
        ("17.4.1", None),
        ("Europe trip", None),  # "rope" is a program only as a word
    ],
)
def test_programs_are_known_by_whole_names(software: str, reason: MetadataReason | None) -> None:
    _, reasons = examined(with_claims({0x0131: ascii_text(software)}))
    assert reasons == ({reason} if reason else set())


def test_a_program_in_xmp_counts_as_one_in_exif() -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Snapseed 2.0"/>'
        "</rdf:RDF></x:xmpmeta>"
    )
    written = io.BytesIO()
    Pillow.fromarray(portrait()).save(written, "JPEG", xmp=packet.encode())
    finding, reasons = examined(written.getvalue())
    assert reasons == {MetadataReason.EDITING_SOFTWARE}
    assert isinstance(finding.detail, MetadataDetail) and finding.detail.software == "Snapseed"


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ({"taken": "2024:05:17 12:00:00", "changed": "2024:06:01 12:00:00"}, None),
        ({"taken": "2024:05:17 12:00:00", "changed": "2024:05:16 23:00:00"}, None),  # a zone apart
        (
            {"taken": "2024:05:17 12:00:00", "changed": "2024:05:01 12:00:00"},
            MetadataReason.TAKEN_AFTER_CHANGED,
        ),
        ({"taken": "2031:05:17 12:00:00"}, MetadataReason.TIME_IN_FUTURE),
        ({"taken": "0000:00:00 00:00:00"}, None),
        ({"taken": "1970:01:01 00:00:00"}, None),  # a clock that was never set
        ({"taken": "not a time at all!!"}, None),
    ],
)
def test_times_must_be_in_an_order_that_can_be(
    times: dict[str, str], reason: MetadataReason | None
) -> None:
    _, reasons = examined(with_claims(times=times))
    assert reasons == ({reason} if reason else set())


def test_the_satellites_day_must_be_near_the_cameras() -> None:
    def day(text: str) -> dict[int, Field]:
        return {0x001D: ascii_text(text)}

    assert examined(with_claims(position=day("2024:05:18")))[1] == set()
    assert examined(with_claims(position=day("2022:01:01")))[1] == {
        MetadataReason.POSITION_TIME_DIFFERS
    }


def test_a_size_other_than_the_cameras_counts_but_not_a_turned_one() -> None:
    small = {0xA002: number(4032), 0xA003: number(3024)}
    assert examined(with_claims(photo=small))[1] == {MetadataReason.SIZE_NOT_AS_TAKEN}
    rgb = photograph(400, 300)
    main, photo = claims(300, 400)
    assert examined(saved(rgb, exif_block(main, photo)))[1] == set()


def test_a_camera_with_settings_but_without_its_note_counts() -> None:
    main, photo = claims()
    del photo[0x927C]
    assert examined(saved(portrait(), exif_block(main, photo)))[1] == {
        MetadataReason.MAKER_NOTE_MISSING
    }


def test_tables_of_a_program_under_a_cameras_name_count() -> None:
    main, photo = claims()
    data = saved(portrait(), exif_block(main, photo), own_tables=False)
    assert examined(data)[1] == {MetadataReason.TABLES_NOT_THE_CAMERAS}
    main[0x010F] = ascii_text("samsung")  # whose phones use them too
    assert examined(saved(portrait(), exif_block(main, photo), own_tables=False))[1] == set()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_preview_of_a_turned_photograph_fits_it(orientation: int) -> None:
    rgb = portrait()[:400, :, :]
    main, photo = claims(512, 400)
    main[0x0112] = (3, 1, struct.pack(">HH", orientation, 0))
    same = saved(rgb, exif_block(main, photo, preview=preview(rgb)))
    assert examined(same)[1] == set()
    other = saved(rgb, exif_block(main, photo, preview=preview(photograph(512, 400))))
    assert examined(other)[1] == {MetadataReason.THUMBNAIL_DIFFERS}


def test_a_preview_from_before_a_face_was_exchanged_is_found_out() -> None:
    rgb = portrait().copy()
    before = preview(rgb)
    rgb[40:190, 160:290] = rgb[330:480, 20:150]
    assert previews.differs(before, rgb)


@pytest.mark.parametrize("change", ["tone", "crop", "bars", "smaller"])
def test_ordinary_edits_do_not_make_the_preview_another_picture(change: str) -> None:
    rgb = portrait()
    before = preview(rgb)
    if change == "tone":
        rgb = np.clip(rgb * 1.15 + 12, 0, 255).astype(np.uint8)
    elif change == "crop":
        rgb = np.ascontiguousarray(rgb[20:400, 60:470])
    elif change == "smaller":
        rgb = np.asarray(Pillow.fromarray(rgb).resize((200, 200)))
    else:
        barred = np.zeros((512, 683, 3), np.uint8)
        barred[:, 85 : 85 + 512] = rgb
        before = preview(barred)
    assert not previews.differs(before, rgb)


@pytest.mark.parametrize(
    "broken", [b"", b"\xff\xd8\xff", b"\xff\xd8" + b"\x00" * 500, b"GIF89a" + b"\x00" * 60]
)
def test_a_preview_that_cannot_be_read_says_nothing(broken: bytes) -> None:
    assert not previews.differs(broken, portrait())


def test_a_preview_cut_short_says_nothing_or_less_than_the_whole() -> None:
    whole = preview(portrait())
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        previews.differs(whole[:length], portrait())


def test_broken_exif_is_read_as_far_as_it_goes() -> None:
    main, photo = claims()
    block = exif_block(main, photo, preview=preview(portrait()))[6:]
    for length in range(0, len(block), 7):
        exif.photograph(block[:length])
    chance = np.random.default_rng(1)
    for _ in range(200):
        damaged = bytearray(block)
        for place in chance.integers(0, min(len(block), 400), 8):
            damaged[int(place)] = int(chance.integers(0, 256))
        exif.photograph(bytes(damaged))


def test_every_reason_has_a_weight_and_more_of_them_score_higher() -> None:
    assert set(WEIGHTS) == set(MetadataReason)
    one, _ = examined(with_claims({0x0131: ascii_text("GIMP 2.10")}))
    two, _ = examined(
        with_claims({0x0131: ascii_text("GIMP 2.10")}, {0xA002: number(99), 0xA003: number(99)})
    )
    assert one.score is not None and two.score is not None
    assert 0 < one.score < two.score < 1


def test_no_metadata_at_all_says_nothing() -> None:
    written = io.BytesIO()
    Pillow.fromarray(photograph(300, 200)).save(written, "PNG")
    finding, reasons = examined(written.getvalue())
    assert finding.score == 0 and reasons == set()
    assert isinstance(finding.detail, MetadataDetail) and not finding.detail.has_metadata


def test_a_strangers_text_does_not_come_through_the_cameras_name() -> None:
    finding, _ = examined(with_claims({0x0110: ascii_text("<b>x\n\t" + "y" * 500)}))
    assert isinstance(finding.detail, MetadataDetail)
    camera = finding.detail.camera
    assert camera is not None and len(camera) <= 80 and not set("<>\n\t") & set(camera)
