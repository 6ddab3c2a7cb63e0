"""What the document signal says, beside its examples."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import View
from media_integrity.schema.enums import FindingStatus
from media_integrity.schema.findings import Box, DocumentDetail, DocumentReason, Finding
from media_integrity.signals.document import DocumentSignal, neighbours, page, regions, signal
from media_integrity.signals.document.examples import again, retyped, saved, statement
from media_integrity.signals.document.page import Word
from media_integrity.signals.document.words import Measured
from media_integrity.signals.text import reader
from tests.unit.media_files import Rgb, photograph

AMOUNT = (550 / 720, (60 + 48 * 7) / 900, 660 / 720, (90 + 48 * 7) / 900)
"""Where ``retyped`` wrote, as shares: left, top, right, bottom."""


def examined(data: bytes) -> tuple[Finding, DocumentDetail]:
    finding = DocumentSignal().run(open_image(data, Limits()))
    assert finding.status is FindingStatus.MEASURED, finding.cause
    assert isinstance(finding.detail, DocumentDetail)
    return finding, finding.detail


def touches(box: Box, place: tuple[float, float, float, float]) -> bool:
    return (
        box.left < place[2]
        and place[0] < box.left + box.width
        and box.top < place[3]
        and place[1] < box.top + box.height
    )


def scanned(picture: Pillow.Image, grain: float = 4.0) -> Rgb:
    """On grey paper with grain, as no two words on it are alike."""
    levels = np.asarray(picture).astype(np.float32) * 0.85
    noise = np.random.default_rng(2).normal(0, grain, levels.shape[:2])[:, :, None]
    return np.clip(levels + noise, 0, 255).astype(np.uint8)


def png(rgb: Rgb) -> bytes:
    return saved(Pillow.fromarray(rgb))


def test_the_word_written_anew_is_where_the_finding_says() -> None:
    _, detail = examined(saved(retyped(again(statement(), 80))))
    assert detail.regions
    strongest = detail.regions[0]
    assert touches(strongest.box, AMOUNT)
    assert strongest.reason is DocumentReason.NOISE_DIFFERS


def test_a_page_written_over_scores_above_the_same_page_sent_on() -> None:
    honest, _ = examined(saved(again(statement(), 70), 92))
    tampered, _ = examined(saved(retyped(again(statement(), 70)), 92))
    assert honest.score is not None and tampered.score is not None
    assert tampered.score > 2 * honest.score


def test_a_drawn_page_repeats_its_letters_and_nothing_is_called_copied() -> None:
    for data in (saved(statement()), saved(again(statement(), 75), 90)):
        _, detail = examined(data)
        assert DocumentReason.COPIED not in {region.reason for region in detail.regions}


def test_equal_words_of_a_scan_are_copies_only_if_their_grain_is_equal() -> None:
    rgb = scanned(statement())
    _, honest = examined(png(rgb))
    assert DocumentReason.COPIED not in {region.reason for region in honest.regions}
    copied = rgb.copy()
    copied[300:336, 545:680] = rgb[492:528, 545:680]  # the amount of row 9 over that of row 5
    _, detail = examined(png(copied))
    found = [each.box for each in detail.regions if each.reason is DocumentReason.COPIED]
    assert any(touches(box, (545 / 720, 300 / 900, 680 / 720, 336 / 900)) for box in found)
    assert any(touches(box, (545 / 720, 492 / 900, 680 / 720, 528 / 900)) for box in found)


def stamped(picture: Pillow.Image, *places: tuple[int, int]) -> Pillow.Image:
    """The same round stamp, printed at each place: left, top."""
    changed = picture.copy()
    pencil = ImageDraw.Draw(changed)
    for left, top in places:
        pencil.ellipse((left, top, left + 130, top + 130), outline=(40, 40, 150), width=5)
        pencil.text(
            (left + 28, top + 48), "PAID", font=ImageFont.load_default(size=30), fill="blue"
        )
    return changed


def regions_copied(data: bytes) -> list[Box]:
    _, detail = examined(data)
    copied = DocumentReason.REGION_COPIED
    return [each.box for each in detail.regions if each.reason is copied]


def test_a_stamp_that_was_copied_within_a_scan_is_found_at_both_places() -> None:
    rgb = scanned(stamped(statement(), (370, 650)))
    rgb[100:236, 370:506] = rgb[648:784, 368:504]
    finding, _ = examined(png(rgb))
    found = regions_copied(png(rgb))
    assert any(touches(box, (370 / 720, 100 / 900, 506 / 720, 236 / 900)) for box in found)
    assert any(touches(box, (370 / 720, 650 / 900, 504 / 720, 784 / 900)) for box in found)
    assert finding.score is not None and finding.score > 0.9


def test_one_stamp_printed_twice_on_the_paper_is_no_copy() -> None:
    assert regions_copied(png(scanned(stamped(statement(), (370, 650), (370, 100))))) == []


def test_a_page_as_drawn_may_show_the_same_stamp_twice() -> None:
    drawn = stamped(statement(), (370, 650), (370, 100))
    assert regions_copied(saved(drawn)) == []
    assert regions_copied(saved(again(drawn, 75), 90)) == []


def test_a_paper_whose_pattern_repeats_all_over_is_no_copy() -> None:
    tile = np.random.default_rng(4).normal(0, 4, (90, 90))
    pattern = np.tile(tile, (10, 8))[:, :, None]
    levels = np.asarray(statement()).astype(np.float32) * 0.85 + pattern
    assert regions_copied(png(np.clip(levels, 0, 255).astype(np.uint8))) == []


@pytest.mark.parametrize("shape", [(160, 160), (161, 2000), (3000, 200)])
def test_pages_of_any_shape_are_searched_for_copies(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(5).normal(200, 6, shape)
    assert regions.copies(np.clip(noise, 0, 255).astype(np.uint8)) == []


def test_a_background_of_another_white_is_found() -> None:
    rgb = again(statement(), 85)
    pencil = ImageDraw.Draw(rgb)
    pencil.rectangle((550, 60 + 48 * 7 - 8, 680, 60 + 48 * 7 + 36), fill=(249, 249, 249))
    font = ImageFont.load_default(size=22)
    pencil.text((560, 60 + 48 * 7), "9871.40", font=font, fill=(20, 20, 20))
    _, detail = examined(saved(rgb))
    reasons = {each.reason for each in detail.regions if touches(each.box, AMOUNT)}
    assert DocumentReason.BACKGROUND_DIFFERS in reasons


@pytest.mark.parametrize("shape", ["photograph", "caption", "plain"])
def test_what_is_no_document_is_not_judged(shape: str) -> None:
    picture = Pillow.fromarray(photograph(600, 500))
    if shape == "caption":
        ImageDraw.Draw(picture).text(
            (60, 400), "happy birthday", font=ImageFont.load_default(size=50), fill="white"
        )
    elif shape == "plain":
        picture = Pillow.new("RGB", (600, 500), (200, 210, 220))
    finding, detail = examined(saved(picture))
    assert finding.score == 0 and not detail.is_document and detail.regions == ()


def test_the_detector_runs_once_for_two_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    marks = reader._marks

    def counted(rgb: Rgb, scale: float) -> NDArray[np.float32]:
        looks.append(scale)
        return marks(rgb, scale)

    monkeypatch.setattr(reader, "_marks", counted)
    view = View(np.asarray(statement()), 0)
    first = reader.find(view.rgb)
    count = len(looks)
    assert count and page.layout(view)[0].lines == len(first)
    assert len(looks) == count


def test_what_the_detector_found_is_forgotten_with_the_view() -> None:
    rgb = np.full((200, 200, 3), 250, np.uint8)
    reader.find(rgb)
    key = id(rgb)
    assert key in reader._found
    del rgb
    assert key not in reader._found


def word(left: int, top: int, line: int = 0) -> Word:
    return Word(left, top, left + 60, top + 20, line, 255.0, -230.0)


def measured(place: Word, **changed: float) -> Measured:
    numbers = {
        "near": 0.05, "far": 1.0, "paper": 250.0, "history": 1.0, "stroke": 1.0,
        "sharpness": 0.6, "base": place.bottom - 2.0, **changed,
    }  # fmt: skip
    return Measured(word=place, **numbers)


@pytest.mark.parametrize(
    ("number", "value", "kind"),
    [
        ("near", 0.0, "near"),
        ("paper", 246.0, "paper"),
        ("history", -1.0, "history"),
        ("stroke", 1.6, "stroke"),
        ("sharpness", 0.9, "sharpness"),
        ("base", 15.0, "base"),
    ],
)
def test_each_number_that_differs_is_told(number: str, value: float, kind: str) -> None:
    words = [measured(word(80 * column, 40 * row, row)) for row in range(4) for column in range(4)]
    words[0] = measured(words[0].word, **{number: value})
    odd = neighbours.differing(words)
    most = max(odd, key=lambda each: each.deviations)
    assert most.measured is words[0] and most.kind == kind and most.deviations >= 3


def test_words_without_peers_are_not_judged() -> None:
    words = [measured(word(0, 30 * row), paper=200.0 + 20 * row) for row in range(4)]
    assert neighbours.differing(words) == []
    assert neighbours.differing([]) == []


def test_more_difference_never_scores_less() -> None:
    assert all(weight >= 0 for weight in signal.WEIGHTS)
    assert len(signal.WEIGHTS) == len(signal.MEASURES)


def test_a_page_too_small_to_measure_is_a_document_without_regions() -> None:
    small = statement().resize((150, 188))
    finding, detail = examined(saved(small))
    assert finding.score is not None and finding.score < 0.1 and detail.regions == ()


def test_the_picture_is_judged_in_the_orientation_it_is_seen_in() -> None:
    turned = retyped(again(statement(), 80)).transpose(Pillow.Transpose.ROTATE_90)
    written = io.BytesIO()
    exif = Pillow.Exif()
    exif[0x0112] = 6
    turned.save(written, "JPEG", quality=95, exif=exif)
    _, detail = examined(written.getvalue())
    assert detail.is_document
