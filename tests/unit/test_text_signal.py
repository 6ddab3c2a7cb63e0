"""Writing in pictures, read by the real networks: sizes, colours, turns, animations, limits."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import Film, FilmFormat, Image, ImageFormat, Pixels, View
from media_integrity.schema.enums import FindingStatus
from media_integrity.schema.findings import Finding, TextCategory, TextDetail
from media_integrity.signals import runtime
from media_integrity.signals.runtime import ModelUnavailable
from media_integrity.signals.text import reader, signal
from media_integrity.signals.text.layout import reading_orders
from media_integrity.signals.text.reader import Line, Reader
from media_integrity.signals.text.signal import TextSignal

THREAT = ("I know where", "you live")
SEXTORTION = ("Pay me $500", "or I send your nudes", "to all your contacts")
HARMLESS = ("Happy birthday", "to my best friend")


def plain(width: int, height: int, colour: object = (60, 90, 130)) -> Pillow.Image:
    return Pillow.new("RGB", (width, height), colour)  # type: ignore[arg-type]


def grainy(width: int, height: int) -> Pillow.Image:
    """Soft shapes of many colours with grain: as unquiet as a photograph."""
    chance = np.random.default_rng(7)
    shapes = Pillow.fromarray(chance.integers(0, 256, (9, 12, 3), dtype=np.uint8))
    soft = np.asarray(shapes.resize((width, height), Pillow.Resampling.BICUBIC)).astype(np.int16)
    grain = chance.normal(0, 12, (height, width, 1))
    return Pillow.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8))


def written(
    picture: Pillow.Image,
    lines: tuple[str, ...],
    size: float,
    *,
    top: float = 0.1,
    colour: object = "white",
    edge: object = None,
) -> Pillow.Image:
    """``lines`` on the picture, ``size`` pixels high, from a share of the height on downwards."""
    pencil = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=size)
    for row, line in enumerate(lines):
        place = (picture.width * 0.06, picture.height * top + 1.5 * size * row)
        pencil.text(
            place,
            line,
            font=font,
            fill=colour,  # type: ignore[arg-type]
            stroke_width=0 if edge is None else max(1, round(size / 14)),
            stroke_fill=edge,  # type: ignore[arg-type]
        )
    return picture


def saved(picture: Pillow.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def opened(picture: Pillow.Image, kind: str = "PNG", **options: object) -> Image:
    return open_image(saved(picture, kind, **options), Limits())


def detail(finding: Finding) -> TextDetail:
    assert finding.status is FindingStatus.MEASURED, finding.cause
    assert isinstance(finding.detail, TextDetail)
    return finding.detail


def categories(image: Image) -> set[TextCategory]:
    return {match.category for match in detail(TextSignal().run(image)).matches}


def views(*pictures: Pixels) -> Image:
    height, width = pictures[0].shape[:2]
    shown = tuple(View(rgb, frame) for frame, rgb in enumerate(pictures))
    return Image(b"", ImageFormat.GIF, width, height, len(pictures), shown)


@pytest.mark.parametrize("background", [plain, grainy], ids=["plain", "grainy"])
@pytest.mark.parametrize("share", [0.015, 0.02, 0.03, 0.05, 0.08])
def test_reads_captions_from_small_to_large(
    background: Callable[[int, int], Pillow.Image], share: float
) -> None:
    picture = written(background(1600, 1200), SEXTORTION, 1200 * share, edge="black")
    assert categories(opened(picture, "JPEG", quality=85)) == {TextCategory.SEXTORTION}


def test_reads_a_caption_on_a_picture_of_twelve_megapixels() -> None:
    picture = written(grainy(4000, 3000), THREAT, 120, edge="black")
    assert categories(opened(picture, "JPEG", quality=85)) == {TextCategory.THREAT}


def test_reads_top_and_bottom_text_as_one() -> None:
    picture = written(grainy(800, 600), ("I WILL FIND YOU",), 60, top=0.03, edge="black")
    picture = written(picture, ("AND KILL YOU",), 60, top=0.85, edge="black")
    assert categories(opened(picture, "JPEG")) == {TextCategory.THREAT}


def test_reads_a_screenshot_of_a_chat() -> None:
    """1080 x 2400 pixels, letters of 40, as a phone saves it."""
    screen = plain(1080, 2400, "white")
    pencil = ImageDraw.Draw(screen)
    chat = (
        (40, "hey are you there?"),
        (500, "yes, who is this"),
        (40, "send me 200 euros"),
        (40, "or everyone will see your nudes"),
        (500, "please don't"),
    )
    for row, (left, said) in enumerate(chat):
        box = (left - 20, 300 + 260 * row, left + 30 + len(said) * 19, 420 + 260 * row)
        pencil.rounded_rectangle(box, 30, fill=(225, 240, 220) if left > 100 else (235, 235, 235))
        pencil.text(
            (left, 330 + 260 * row), said, font=ImageFont.load_default(size=40), fill="black"
        )
    assert TextCategory.SEXTORTION in categories(opened(screen))


@pytest.mark.parametrize(
    ("colour", "background"),
    [
        ("black", "white"),
        ("white", "black"),
        ((150, 150, 150), (110, 110, 110)),
        ((255, 60, 60), (60, 60, 255)),
        ((90, 90, 90), (60, 60, 60)),
    ],
)
def test_reads_colours_that_people_can_read(colour: object, background: object) -> None:
    picture = written(plain(800, 600, background), THREAT, 40, colour=colour)
    assert categories(opened(picture)) == {TextCategory.THREAT}


@pytest.mark.parametrize("degrees", [90, 180, 270, 7, -12])
def test_reads_turned_text(degrees: int) -> None:
    picture = written(plain(900, 900), SEXTORTION, 45, top=0.4)
    assert categories(opened(picture.rotate(degrees))) == {TextCategory.SEXTORTION}


@pytest.mark.parametrize("colour", ["white", "black"])
def test_reads_text_that_shows_on_one_background_only(colour: str) -> None:
    picture = written(Pillow.new("RGBA", (800, 600), (0, 0, 0, 0)), THREAT, 40, colour=colour)
    assert categories(opened(picture)) == {TextCategory.THREAT}


def test_reads_a_picture_far_longer_than_wide() -> None:
    picture = written(plain(800, 6000, "white"), THREAT, 36, top=0.7, colour="black")
    assert categories(opened(picture)) == {TextCategory.THREAT}


def test_reads_every_frame_and_across_frames() -> None:
    frames = [
        written(plain(480, 360), (said,), 36)
        for said in ("hello", "I know where", "you live", "bye")
    ]
    image = opened(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=500)
    found = detail(TextSignal().run(image))
    assert [(match.category, match.line) for match in found.matches] == [(TextCategory.THREAT, 1)]
    assert found.lines == 4


def test_leaves_harmless_text_alone_and_counts_its_lines() -> None:
    finding = TextSignal().run(opened(written(grainy(800, 600), HARMLESS, 48, edge="black")))
    assert finding.score == 0.0
    assert detail(finding).matches == () and detail(finding).lines == 2


def test_finds_no_text_where_there_is_none() -> None:
    finding = TextSignal().run(opened(plain(1600, 1200), "JPEG"))
    assert finding.score == 0.0
    assert detail(finding) == TextDetail(lines=0, matches=())


def test_takes_texture_for_no_term() -> None:
    """A letter may be seen in it, as in any cloud."""
    noise = np.random.default_rng(5).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    for picture in (grainy(1600, 1200), Pillow.fromarray(noise)):
        assert categories(opened(picture, "JPEG")) == set()


def test_the_finding_holds_nothing_of_what_was_written() -> None:
    picture = written(plain(800, 600), ("Katharina I will", "kill you tonight"), 48)
    finding = TextSignal().run(opened(picture))
    assert finding.score == 1.0
    stored = finding.model_dump_json().lower()
    assert not any(word in stored for word in ("katharina", "tonight", "i will"))


def test_says_which_model_and_which_lists_it_used() -> None:
    finding = TextSignal().run(opened(plain(64, 64)))
    assert finding.model == runtime.reference(reader.RECOGNISER)
    assert finding.version == TextSignal().version


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Widths of the lines recognised from now on."""
    widths: list[int] = []
    recognise = reader.recognise

    def counting(strip: Pixels) -> tuple[str, float]:
        widths.append(strip.shape[1])
        return recognise(strip)

    monkeypatch.setattr(reader, "recognise", counting)
    return widths


def test_a_line_that_stands_still_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    widths = counted(monkeypatch)
    still = np.asarray(written(plain(640, 480), ("see you soon",), 40))
    changed = still.copy()
    changed[300:400, 200:400] = (200, 30, 30)
    finding = TextSignal().run(views(still, changed, still))
    assert detail(finding).lines == 3
    assert len(widths) == 1


def test_a_line_that_changes_a_little_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    widths = counted(monkeypatch)
    pictures = [
        np.asarray(written(plain(640, 480), (said,), 40))
        for said in ("I will hug you", "I will kill you")
    ]
    assert categories(views(*pictures)) == {TextCategory.THREAT}
    assert len(widths) == 2


def test_more_text_than_is_read_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "READING_BUDGET", 100)
    finding = TextSignal().run(opened(written(plain(800, 600), HARMLESS, 40)))
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert finding.score == 0.0, "of what was read"
    assert finding.cause is not None and "2 lines" in finding.cause


def cut(*pictures: Pixels) -> Image:
    """A film of a second and a scene for each picture."""
    count = len(pictures)
    seconds = tuple(float(second) for second in range(count))
    film = Film(float(count), 1.0, seconds, tuple(range(count)))
    return replace(views(*pictures), format=FilmFormat.MP4, film=film)


def test_of_a_film_one_view_of_each_scene_is_read_while_there_is_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signal, "FILM_VIEWS", 2)
    monkeypatch.setattr(signal, "FILM_SCENES", 3)
    empty = np.asarray(plain(320, 240))
    threat = np.asarray(written(plain(320, 240), THREAT, 24))
    assert categories(cut(empty, threat, empty)) == {TextCategory.THREAT}


@pytest.mark.parametrize("read", [False, True])
def test_a_film_with_more_scenes_than_there_is_time_for_is_not_clean(
    monkeypatch: pytest.MonkeyPatch, *, read: bool
) -> None:
    monkeypatch.setattr(signal, "FILM_VIEWS", 2)
    monkeypatch.setattr(signal, "FILM_SCENES", 3)
    empty = np.asarray(plain(320, 240))
    threat = np.asarray(written(plain(320, 240), THREAT, 24))
    scenes = [empty] * 5
    scenes[4 if read else 1] = threat
    finding = TextSignal().run(cut(*scenes))
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert finding.cause == "2 scenes were not looked at"
    assert finding.score == float(read), "of what was read"
    one_scene = cut(*scenes)
    assert one_scene.film is not None
    one_scene = replace(one_scene, film=replace(one_scene.film, scene_starts=(0,)))
    assert TextSignal().run(one_scene).status is FindingStatus.MEASURED


def test_lines_read_both_ways_count_twice_and_end_the_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "UNSURE", 2.0)  # of every line
    monkeypatch.setattr(reader, "TOGETHER", 2)
    widths = counted(monkeypatch)
    lines = tuple(f"line number {number} of the letter" for number in range(6))
    page = np.asarray(written(plain(800, 600, "white"), lines, 36, colour="black"))
    assert len(Reader().read(page)) == 6 and len(widths) == 12
    first_two = 2 * sum(sorted(widths)[:4])
    monkeypatch.setattr(reader, "READING_BUDGET", first_two // 2)
    short = Reader()
    assert len(short.read(page)) + short.unread == 6
    assert 2 <= short.unread < 6


def test_more_lines_than_are_read_together_keep_their_places() -> None:
    words = ("north", "east", "south", "west", "spring", "summer", "autumn", "winter", "morning",
             "midday", "evening")  # fmt: skip
    page = np.asarray(written(plain(800, 900, "white"), words, 40, top=0.02, colour="black"))
    lines = sorted(Reader().read(page), key=lambda line: line.top)
    assert [line.text.lower() for line in lines] == list(words)


def test_a_mark_too_large_and_too_square_for_a_word_is_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blob, word = reader.Rectangle(400, 300, 330, 300, 0), reader.Rectangle(400, 300, 600, 300, 0)
    small = reader.Rectangle(100, 100, 60, 60, 0)
    monkeypatch.setattr(reader, "find", lambda _: [blob, word, small])
    widths = counted(monkeypatch)
    Reader().read(np.full((600, 800, 3), 200, np.uint8))
    assert len(widths) == 4, "two marks, each both ways"


@pytest.mark.parametrize("word", ["KILL", "DIE", "HATE"])
def test_a_word_that_fills_the_picture_is_read(word: str) -> None:
    font = ImageFont.load_default(size=300)
    left, top, right, bottom = font.getbbox(word)
    picture = plain(round(right - left) + 80, round(bottom - top) + 80)
    ImageDraw.Draw(picture).text((40 - left, 40 - top), word, font=font, fill="white")
    lines = Reader().read(np.asarray(picture))
    assert word in {line.text.upper() for line in lines}


def test_what_was_found_before_the_budget_ran_out_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    threat = np.asarray(written(plain(640, 480), ("I will kill you",), 40))
    other = np.asarray(written(plain(640, 480), ("and something else here",), 40))
    monkeypatch.setattr(reader, "READING_BUDGET", 500)
    finding = TextSignal().run(views(threat, other))
    assert (finding.status, finding.score) == (FindingStatus.INCONCLUSIVE, 1.0)
    assert isinstance(finding.detail, TextDetail)
    assert {match.category for match in finding.detail.matches} == {TextCategory.THREAT}


@pytest.mark.parametrize("missing", [reader.DETECTOR, reader.RECOGNISER])
def test_without_a_model_there_is_no_finding(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    session = runtime.session

    def without(name: str) -> object:
        if name == missing:
            raise ModelUnavailable(name, "it is not there")
        return session(name)

    monkeypatch.setattr(runtime, "session", without)
    with pytest.raises(ModelUnavailable, match=missing):
        TextSignal().run(opened(written(plain(640, 480), THREAT, 40)))


def test_several_threads_read_the_same() -> None:
    images = [
        opened(written(plain(640, 480), lines, 40)) for lines in (THREAT, SEXTORTION, HARMLESS) * 2
    ]
    signal = TextSignal()
    alone = [signal.run(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(signal.run, images)) == alone


def line(text: str, left: float, top: float, width: float = 200, height: float = 20) -> Line:
    return Line(text, 1.0, 0, left, top, left + width, top + height)


def test_two_columns_are_read_in_rows_and_in_blocks() -> None:
    lines = [line("1", 0, 0), line("A", 300, 2), line("2", 0, 25), line("B", 300, 27)]
    orders = {"".join(each.text for each in order) for order in reading_orders(lines[::-1])}
    assert orders == {"1A2B", "12AB"}


def test_parts_of_one_line_are_read_from_left_to_right() -> None:
    (order,) = reading_orders([line("b", 210, 3), line("c", 420, 0), line("a", 0, 1)])
    assert [each.text for each in order] == ["a", "b", "c"]


def test_no_lines_have_one_order() -> None:
    assert reading_orders([]) == ((),)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (33, 31), (7, 1919)])
def test_reads_pictures_of_any_shape(shape: tuple[int, int]) -> None:
    assert Reader().read(np.full((*shape, 3), 200, np.uint8)) == []
