"""Faces are found where they are, large and small, once each, in pictures and over films."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pillow
from skimage import data as pictures

from media_integrity.consent.needed import depicted
from media_integrity.decision.policy import default_policy
from media_integrity.media.film import open_film
from media_integrity.media.limits import FilmLimits, Limits, SoundLimits
from media_integrity.media.open import open_image
from media_integrity.media.preview import blurred_preview
from media_integrity.media.types import Face, Film, FilmFormat, Image, Point, View
from media_integrity.schema.enums import FindingStatus
from media_integrity.schema.findings import Box, FacesDetail
from media_integrity.signals import faces, film_people, films, graphs, runtime
from media_integrity.signals.faces import SIDES, FacesSignal, detect
from media_integrity.signals.identity.embedding import SAME_PERSON, distance, embeddings
from tests.unit.film_files import film
from tests.unit.media_files import Rgb, animated, exif, photograph, saved

SCENES = Path(__file__).resolve().parents[3] / "shared" / "data" / "scenes"


def astronaut() -> Rgb:
    portrait: Rgb = pictures.astronaut()  # type: ignore[no-untyped-call]
    return portrait


def head(height: int) -> Rgb:
    """The astronaut's head and shoulders; the face takes half of the height."""
    cut = astronaut()[20:260, 120:320]
    size = (round(height * 200 / 240), height)
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)


def scene_with(heads: Sequence[tuple[int, int, int]], width: int = 960, height: int = 640) -> Rgb:
    """A landscape with heads of (height, left, top)."""
    scene = photograph(width, height)
    for tall, left, top in heads:
        cut = head(tall)
        scene[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    return scene


def found(data: bytes) -> FacesDetail:
    return found_in(open_image(data, Limits()))


def found_in(image: Image) -> FacesDetail:
    finding = FacesSignal().run(image)
    assert finding.status is FindingStatus.MEASURED
    assert finding.score is None
    assert finding.model == runtime.reference("centerface")
    assert isinstance(finding.detail, FacesDetail)
    assert finding.detail.count == len(finding.detail.boxes)
    return finding.detail


def middle(box: Box) -> tuple[float, float]:
    return box.left + box.width / 2, box.top + box.height / 2


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sides of the passes that are made."""
    made: list[int] = []
    real = faces._pass

    def counted(rgb: Rgb, side: int) -> tuple[Face, ...]:
        made.append(side)
        return real(rgb, side)

    monkeypatch.setattr(faces, "_pass", counted)
    return made


# --- where they are -------------------------------------------------------------------------------


def test_examples_hold() -> None:
    for example in FacesSignal().examples():
        finding = FacesSignal().run(open_image(example.file(), Limits()))
        assert example.holds(finding), example.name


def test_a_face_is_found_where_it_is() -> None:
    (face,) = detect(astronaut())
    x, y = middle(face.box)
    assert 0.40 < x < 0.48
    assert 0.18 < y < 0.26
    assert 0.10 < face.box.width < 0.22
    assert 0.15 < face.box.height < 0.30
    assert face.box.confidence > 0.8


def test_landmarks_are_eyes_nose_and_mouth() -> None:
    (face,) = detect(astronaut())
    left_eye, right_eye, nose, left_mouth, right_mouth = face.landmarks
    assert left_eye.x < nose.x < right_eye.x
    assert left_mouth.x < right_mouth.x
    assert max(left_eye.y, right_eye.y) < nose.y < min(left_mouth.y, right_mouth.y)
    # The pupils are dark: darker than the cheeks between eye and mouth.
    grey = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)

    def around(x: float, y: float) -> float:
        column, row = round(x * 512), round(y * 512)
        return float(np.percentile(grey[row - 5 : row + 6, column - 5 : column + 6], 10))

    cheek = around(right_eye.x, (right_eye.y + right_mouth.y) / 2)
    assert around(left_eye.x, left_eye.y) < cheek
    assert around(right_eye.x, right_eye.y) < cheek


@pytest.mark.parametrize("size", [120, 320, 700, 1500])
def test_the_place_does_not_depend_on_the_size_of_the_picture(size: int) -> None:
    (expected,) = detect(astronaut())
    (face,) = detect(np.asarray(cv2.resize(astronaut(), (size, size)), np.uint8))
    assert middle(face.box) == pytest.approx(middle(expected.box), abs=0.02)
    assert face.box.height == pytest.approx(expected.box.height, abs=0.05)


def test_a_picture_lying_on_its_side_is_turned_before() -> None:
    upright = found(saved(astronaut(), "JPEG"))
    lying = np.ascontiguousarray(np.rot90(astronaut()))
    turned = found(saved(lying, "JPEG", exif=exif(6)))
    assert middle(turned.boxes[0]) == pytest.approx(middle(upright.boxes[0]), abs=0.02)


@pytest.mark.parametrize("count", [0, 1, 2, 6])
def test_every_face_is_counted_once(count: int) -> None:
    places = [(150, 40 + 300 * (index % 3), 60 + 300 * (index // 3)) for index in range(count)]
    scene = scene_with(places)
    boxes = found(saved(scene, "PNG", compress_level=1)).boxes
    assert len(boxes) == count
    for _, left, top in places:
        x, y = (left + 65) / 960, (top + 70) / 640
        there = [box for box in boxes if abs(middle(box)[0] - x) < 0.03]
        assert any(abs(middle(box)[1] - y) < 0.05 for box in there)


# --- small ones -----------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.3, 0.2, 0.1, 0.06, 0.05])
def test_one_face_is_found_down_to_a_twentieth_of_the_picture(share: float) -> None:
    """``share``: height of the face in the longest side of the picture."""
    scene = scene_with([(round(2 * share * 960), 300, 30)])
    assert found(saved(scene, "PNG", compress_level=1)).count == 1


def test_a_crowd_of_small_faces_is_counted() -> None:
    places = [(60, 20 + 90 * (index % 10), 40 + 100 * (index // 10)) for index in range(50)]
    assert 48 <= found(saved(scene_with(places), "PNG", compress_level=1)).count <= 51


def test_a_portrait_is_looked_at_once(passes: list[int]) -> None:
    detect(np.asarray(cv2.resize(astronaut(), (1000, 1000)), np.uint8))
    assert passes == [SIDES[0]]


def test_where_nobody_may_be_the_picture_is_looked_at_once(passes: list[int]) -> None:
    assert detect(photograph(960, 640)) == ()
    assert passes == [SIDES[0]]


@pytest.mark.parametrize("share", [0.1, 0.05, 0.045])
def test_somebody_small_beside_somebody_large_is_found(share: float, passes: list[int]) -> None:
    assert len(detect(scene_with([(300, 40, 100), (round(2 * share * 960), 700, 300)]))) == 2
    assert passes == list(SIDES)[: 1 if share > 0.05 else 2]


def test_a_small_picture_is_not_enlarged_for_a_second_look(passes: list[int]) -> None:
    detect(scene_with([(30, 40, 100)], 400, 300))
    assert passes == [SIDES[0]]


# --- views ----------------------------------------------------------------------------------------


def test_the_frame_with_most_faces_counts() -> None:
    frames = [
        photograph(480, 320),
        scene_with([(150, 40, 60)], 480, 320),
        scene_with([(150, 40, 60), (150, 300, 60)], 480, 320),
        photograph(480, 320, 5),
    ]
    assert found(animated(frames, "PNG")).count == 2


def test_the_same_face_over_white_and_over_black_is_one() -> None:
    portrait = Pillow.fromarray(astronaut())
    alpha = np.full((512, 512), 255, np.uint8)
    alpha[:, 400:] = 0
    portrait.putalpha(Pillow.fromarray(alpha))
    data = saved(portrait, "PNG")
    assert len(open_image(data, Limits()).views) == 2
    assert found(data).count == 1


def test_faces_in_a_scrolled_screenshot_are_placed_in_the_whole_picture() -> None:
    """Each part is looked at by itself; a face where two overlap is one face."""
    tops = [100, 700, 1310, 1900, 2500, 3400]
    tall = scene_with([(200, 150, top) for top in tops], 500, 4000)
    boxes = found(saved(tall, "PNG", compress_level=1)).boxes
    assert len(boxes) == 6
    for box, top in zip(sorted(boxes, key=lambda box: box.top), tops, strict=True):
        assert box.top + box.height / 2 == pytest.approx((top + 95) / 4000, abs=0.01)
        assert box.left + box.width / 2 == pytest.approx((150 + 87) / 500, abs=0.06)


def test_the_same_picture_has_the_same_faces() -> None:
    data = saved(scene_with([(150, 40, 60), (70, 700, 300)]), "PNG", compress_level=1)
    assert found(data) == found(data)


def test_in_a_blurred_preview_there_is_no_face() -> None:
    for rgb in (astronaut(), head(240), head(240)[20:150, 50:140]):
        preview = blurred_preview(open_image(saved(rgb, "PNG"), Limits()))
        assert found(preview).count == 0


@given(st.integers(0, 2**32), st.sampled_from([(1, 1), (1, 400), (33, 31), (320, 320), (700, 90)]))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_boxes_lie_in_the_picture_whatever_it_shows(seed: int, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    for face in detect(noise):
        assert face.box.left + face.box.width <= 1 + 1e-6
        assert face.box.top + face.box.height <= 1 + 1e-6


# --- films ----------------------------------------------------------------------------------------


def admiral() -> Rgb:
    """Grace Hopper; US Navy, public domain."""
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    return np.asarray(Pillow.open(path).convert("RGB"))


def somebody(number: int) -> Rgb:
    """Head and shoulders of one of three people, 240 x 200. The third is made of the first: as a
    negative, the middle of the face made larger, it is somebody else to the network."""
    if number == 1:
        cut = admiral()[40:340, 130:380]
        return np.asarray(cv2.resize(cut, (200, 240), interpolation=cv2.INTER_AREA), np.uint8)
    if number == 0:
        return head(240)
    rows, columns = np.indices((240, 200), np.float32)
    across, down = (columns - 100) / 100, (rows - 132) / 120
    nearer = 1 - 0.6 * np.clip(1 - np.hypot(across, down), 0, 1) ** 2
    x, y = across * nearer * 100 + 100, down * nearer * 120 + 132
    larger = cv2.remap(head(240), x, y, cv2.INTER_LINEAR)
    return np.asarray(255 - larger, np.uint8)


def shot(*people: tuple[int, int], seed: int = 3, frames: int = 25) -> list[Rgb]:
    """A second of a scene with people (who, left) in it, under a sensor's grain."""
    scene = photograph(640, 360, seed)
    for who, left in people:
        scene[60:300, left : left + 200] = somebody(who)
    random = np.random.default_rng(seed)
    return [
        np.clip(scene + random.normal(0, 3, scene.shape), 0, 255).astype(np.uint8)
        for _ in range(frames)
    ]


def in_film(*shots: list[Rgb]) -> FacesDetail:
    return found_in(open_film(film([*chain(*shots)]), FilmLimits(), SoundLimits()))


def in_sequence(views: Sequence[Sequence[Face]], side: int = 100) -> FacesDetail:
    """Of a square film of a view a second with these faces, where nothing can be compared."""
    blank = np.zeros((side, side, 3), np.uint8)
    return found_in(
        Image(
            data=b"",
            format=FilmFormat.MP4,
            width=side,
            height=side,
            frames=25 * len(views),
            views=tuple(View(blank, 25 * at) for at in range(len(views))),
            faces=tuple(map(tuple, views)),
            film=Film(
                duration_s=float(len(views)),
                frame_rate=25.0,
                times_s=tuple(map(float, range(len(views)))),
                scene_starts=tuple(range(len(views))),
            ),
        )
    )


def face(size: float, left: float = 0.1) -> Face:
    box = Box(left=left, top=0.3, width=size, height=size, confidence=0.9)
    return Face(box, (Point(left, 0.3),) * 5)


def test_the_people_of_these_films_are_three() -> None:
    numbers = []
    for who in range(3):
        (found_face,) = detect(shot((who, 200))[0])
        (embedded,) = embeddings(shot((who, 200))[0], [found_face])
        assert embedded.numbers is not None
        numbers.append(embedded.numbers)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert distance(numbers[one], numbers[other]) > SAME_PERSON


def test_three_people_in_three_scenes_are_three() -> None:
    """Each frame shows one: in the frame that shows most there is one face."""
    detail = in_film(shot((0, 40), seed=3), shot((1, 220), seed=4), shot((2, 400), seed=5))
    assert detail.count == 3


def test_one_person_in_three_scenes_is_one() -> None:
    detail = in_film(shot((0, 40), seed=3), shot((0, 220), seed=4), shot((0, 400), seed=5))
    assert detail.count == 1


def test_two_people_and_later_one_of_them_are_two() -> None:
    detail = in_film(shot((0, 40), (1, 400), seed=3), shot((1, 220), seed=4))
    assert detail.count == 2


def test_somebody_who_takes_anothers_place_without_a_new_scene_is_another() -> None:
    detail = in_film(shot((0, 220), seed=3), shot((1, 220), seed=3))
    assert detail.count == 2


def test_one_person_twice_in_a_frame_is_two() -> None:
    """Who is seen beside somebody is somebody else: twins are."""
    assert in_film(shot((0, 40), (0, 400), seed=3), shot((0, 220), seed=4)).count == 2


def test_people_of_an_animation_are_counted_over_its_frames() -> None:
    frames = [shot((who, 220), seed=3, frames=1)[0] for who in (0, 1, 0, 1)]
    assert found(animated(frames, "PNG")).count == 2


@pytest.mark.parametrize(
    ("made", "people"), [(films.person, 1), (films.flickering_face, 1), (films.nobody, 0)]
)
def test_a_film_of_one_person_shows_one(made: Callable[[], bytes], people: int) -> None:
    assert found_in(open_film(made(), FilmLimits(), SoundLimits())).count == people


def test_a_face_that_cannot_be_compared_counts_where_it_is_large() -> None:
    assert in_sequence([[face(0.3)], [face(0.3)], [face(0.09)]]).count == 3
    assert in_sequence([[face(0.3)], [face(0.07)], [face(0.07)]]).count == 1
    assert in_sequence([[face(0.15)], [face(0.05, 0.1), face(0.05, 0.6)]]).count == 3


def test_beyond_what_is_compared_everybody_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film_people, "MAX_TRACKS", 1)
    shots = [shot((0, left), seed=seed) for left, seed in ((40, 3), (220, 4), (400, 5))]
    assert in_film(*shots).count == 3


def test_somebody_large_elsewhere_makes_no_group_background() -> None:
    """One frame asks five; with a face five times as large from another scene it would be one."""
    group = [face(0.05, 0.1 + 0.15 * at) for at in range(5)]
    assert asked(in_sequence([group, [face(0.3)]])) == 5


def test_people_of_many_scenes_are_no_crowd() -> None:
    """Twelve small faces in twelve scenes, large enough to be compared and beyond the cap."""
    assert asked(in_sequence([[face(0.07)]] * 50, side=640)) >= 11


@given(
    st.lists(
        st.lists(st.tuples(st.floats(0.02, 0.4), st.floats(0, 0.5)), max_size=4),
        min_size=2,
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_never_fewer_are_asked_than_in_the_frame_that_shows_most(
    views: list[list[tuple[float, float]]],
) -> None:
    seen = [[face(size, left) for size, left in each] for each in views]
    one_frame = max((faces._distinct(each) for each in seen), key=len)
    counted = in_sequence([faces._distinct(each) for each in seen])
    shown = depicted([each.box for each in one_frame], default_policy().consent)
    assert asked(counted) >= len(shown)


def test_who_is_asked_is_what_the_policy_says() -> None:
    policy = default_policy().consent
    assert policy.shown_side == film_people.SHOWN_SIDE
    assert policy.background_side == film_people.BACKGROUND_SIDE
    assert policy.background_ratio == film_people.BACKGROUND_RATIO
    assert policy.crowd_faces == film_people.CROWD_FACES


def asked(detail: FacesDetail) -> int:
    return len(depicted(detail.boxes, default_policy().consent))


# --- decoding -------------------------------------------------------------------------------------


def maps(rows: int, columns: int) -> list[NDArray[np.float32]]:
    """The network's four outputs for a picture with nothing in it."""
    return [np.zeros((1, planes, rows, columns), np.float32) for planes in (1, 2, 2, 10)]


def test_a_peak_is_decoded_to_its_box_and_landmarks() -> None:
    centres, scales, offsets, landmarks = outputs = maps(40, 80)
    centres[0, 0, 10, 20] = 0.9
    scales[0, :, 10, 20] = np.log([40 / 4, 20 / 4])  # height, width
    offsets[0, :, 10, 20] = (0.25, -0.25)  # down, right
    landmarks[0, :, 10, 20] = np.arange(10) / 10  # y, x, y, x, ...
    (face,) = faces._decoded(outputs, (320, 160))
    x, y = (20 - 0.25 + 0.5) * 4, (10 + 0.25 + 0.5) * 4
    assert middle(face.box) == pytest.approx((x / 320, y / 160))
    assert (face.box.width, face.box.height) == pytest.approx((20 / 320, 40 / 160))
    assert face.box.confidence == pytest.approx(0.9)
    assert face.landmarks[1].y == pytest.approx((y - 20 + 0.2 * 40) / 160)
    assert face.landmarks[1].x == pytest.approx((x - 10 + 0.3 * 20) / 320)


def test_of_overlapping_boxes_the_most_certain_stays() -> None:
    centres, scales, _, _ = outputs = maps(40, 40)
    for row, column, confidence in ((10, 10, 0.7), (10, 11, 0.9), (11, 10, 0.8), (30, 30, 0.5)):
        centres[0, 0, row, column] = confidence
        scales[0, :, row, column] = np.log(10)
    kept = faces._decoded(outputs, (160, 160))
    assert [round(face.box.confidence, 1) for face in kept] == [0.9, 0.5]


def test_a_peak_in_the_padding_is_no_face() -> None:
    centres, _, _, _ = outputs = maps(40, 40)
    centres[0, 0, 38, 5] = 0.9
    assert faces._decoded(outputs, (160, 100)) == ()


def test_no_picture_has_more_than_the_maximum_of_faces() -> None:
    centres, scales, _, _ = outputs = maps(160, 240)
    centres[0, 0, ::4, ::4] = 0.9
    scales[...] = np.log(2)
    assert len(faces._decoded(outputs, (960, 640))) == faces.MAX_FACES


# --- the graph ------------------------------------------------------------------------------------


def test_the_repaired_network_gives_the_same_numbers() -> None:
    import onnxruntime

    published = runtime.path("centerface").read_bytes()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3

    def session(model: bytes) -> onnxruntime.InferenceSession:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    before, after = session(published), session(graphs.any_size(published))
    assert len(before.get_overridable_initializers()) > 100
    assert len(after.get_overridable_initializers()) == 0
    noise = np.random.default_rng(2).uniform(0, 255, (10, 3, 32, 32)).astype(np.float32)
    for one, other in zip(
        before.run(None, {"input.1": noise}), after.run(None, {"input.1": noise}), strict=True
    ):
        assert np.abs(one - other).max() < 1e-4
    assert after.run(None, {"input.1": noise[:1, :, :, :32].repeat(3, 3)})[0].shape == (1, 1, 8, 24)


@pytest.mark.parametrize("cut", [1, 100, 5_000, 1_000_000])
def test_a_file_that_is_cut_off_is_no_network(cut: int) -> None:
    published = runtime.path("centerface").read_bytes()
    with pytest.raises(ValueError, match=r"cut off|not in an ONNX file"):
        graphs.any_size(published[:-cut])


# --- photographs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "people"),
    [("13", 2), ("23", 3), ("2", 4), ("21", 5), ("18", 6), ("16", 9), ("11", 26), ("1", 52)],
)
def test_people_in_group_photographs_are_counted(name: str, people: int) -> None:
    file = SCENES / f"{name}.jpg"
    if not file.is_file():
        pytest.skip("../shared/data/scenes is not here")
    assert abs(found(file.read_bytes()).count - people) <= people // 20
