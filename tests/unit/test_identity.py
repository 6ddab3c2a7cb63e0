"""Embeddings, the people they are compared with, and faces between two of them."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from media_integrity.decision.protected import named
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import Face, Film, Image, Pixels, Point, View
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import (
    Box,
    Finding,
    IdentityMorphingDetail,
    IdentityReason,
)
from media_integrity.signals import identity_morphing, pictures, runtime
from media_integrity.signals.base import Evidence
from media_integrity.signals.faces import detect, look
from media_integrity.signals.identity import network
from media_integrity.signals.identity.between import LIKE, between
from media_integrity.signals.identity.embedding import (
    MIN_FACE,
    SAME_PERSON,
    Embedding,
    Numbers,
    Unusable,
    distance,
    embeddings,
    of_aligned,
)
from media_integrity.signals.identity.references import Near, NoReferences, People, Reference
from media_integrity.signals.identity_morphing import MAX_FACES, IdentityMorphingSignal


@cache
def portrait() -> Pixels:
    picture = Pillow.open(io.BytesIO(pictures.portrait())).convert("RGB")
    return np.asarray(picture, np.uint8)


@cache
def face() -> Face:
    (found,) = detect(portrait())
    return found


def resized(times: float) -> Pixels:
    height, width = portrait().shape[:2]
    size = (round(width * times), round(height * times))
    return np.asarray(Pillow.fromarray(portrait()).resize(size, Pillow.Resampling.LANCZOS))


def numbers_of(rgb: Pixels, which: Face) -> Numbers:
    (found,) = embeddings(rgb, [which])
    assert found.numbers is not None, found.unusable
    return found.numbers


@cache
def own() -> Numbers:
    return numbers_of(portrait(), face())


def turned(degrees: float) -> tuple[Pixels, Face]:
    """The portrait turned about its middle, and the same landmarks in it."""
    picture = np.asarray(Pillow.fromarray(portrait()).rotate(degrees, Pillow.Resampling.BICUBIC))
    angle = np.deg2rad(degrees)
    places = np.array([(mark.x - 0.5, mark.y - 0.5) for mark in face().landmarks])
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    eye, other, nose, mouth, corner = (
        Point(float(x) + 0.5, float(y) + 0.5) for x, y in places @ matrix.T
    )
    return picture, replace(face(), landmarks=(eye, other, nose, mouth, corner))


# The network -------------------------------------------------------------------------------------


def test_the_network_gives_dlibs_own_numbers() -> None:
    dlib = pytest.importorskip("dlib", reason="dlib-bin is in requirements-dev.txt")
    chip = np.ascontiguousarray(portrait()[20:170, 150:300])
    noise = np.random.default_rng(1).integers(0, 256, (150, 150, 3), dtype=np.uint8)
    original = dlib.face_recognition_model_v1(str(runtime.path("dlib_embedding")))
    for picture in (chip, noise):
        both = [picture, np.ascontiguousarray(picture[:, ::-1])]
        expected = np.mean([original.compute_face_descriptor(each) for each in both], axis=0)
        (found,) = of_aligned([picture])
        assert np.abs(found - expected).max() < 1e-3


@pytest.mark.parametrize("keep", [0, 100, 1_000_000])
def test_a_file_that_is_cut_off_is_no_network(keep: int) -> None:
    whole = runtime.path("dlib_embedding").read_bytes()
    with pytest.raises(ValueError, match="not dlib's"):
        network.as_onnx(whole[:keep])


# Embeddings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [0.6, 2.0, 4.0])
def test_the_size_of_the_picture_hardly_matters(times: float) -> None:
    assert distance(own(), numbers_of(resized(times), face())) < SAME_PERSON / 2


def test_a_turned_picture_shows_the_same_person() -> None:
    assert distance(own(), numbers_of(*turned(30))) < SAME_PERSON / 2


def test_a_mirrored_face_has_the_same_numbers() -> None:
    chip = np.ascontiguousarray(portrait()[20:170, 150:300])
    upright, mirrored = of_aligned([chip, np.ascontiguousarray(chip[:, ::-1])])
    assert np.allclose(upright, mirrored, atol=1e-5)


def test_what_is_no_face_is_not_the_same_person() -> None:
    noise = np.random.default_rng(1).integers(0, 256, portrait().shape, dtype=np.uint8)
    assert distance(own(), numbers_of(noise, face())) > SAME_PERSON


def test_a_small_face_is_not_embedded_and_says_so() -> None:
    width = face().box.width * portrait().shape[1]
    (found,) = embeddings(resized((MIN_FACE - 2) / width), [face()])
    assert found == Embedding(unusable=Unusable.TOO_SMALL)


def test_landmarks_in_one_point_are_no_face() -> None:
    point = face().landmarks[0]
    nowhere = replace(face(), landmarks=(point, point, point, point, point))
    (found,) = embeddings(portrait(), [nowhere])
    assert found.unusable is Unusable.TURNED_AWAY


def test_landmarks_in_the_wrong_places_are_no_face() -> None:
    eye, other, nose, mouth, corner = face().landmarks
    shuffled = replace(face(), landmarks=(nose, eye, mouth, corner, other))
    (found,) = embeddings(portrait(), [shuffled])
    assert found.unusable is Unusable.TURNED_AWAY


def test_each_face_gets_its_own_answer_in_its_place() -> None:
    tiny = replace(face(), box=face().box.model_copy(update={"width": 0.001}))
    found = embeddings(portrait(), [tiny, face(), tiny] + [face()] * 9)
    assert [each.unusable for each in found[:3]] == [Unusable.TOO_SMALL, None, Unusable.TOO_SMALL]
    assert all(
        each.numbers is not None and distance(each.numbers, own()) < 1e-4 for each in found[3:]
    )


def test_a_face_at_the_edge_of_the_picture_is_embedded() -> None:
    box = face().box
    left = round((box.left + box.width / 3) * portrait().shape[1])
    cut = np.ascontiguousarray(np.tile(portrait()[:, left:], (6, 6, 1)))  # large: is shrunk
    width, height = cut.shape[1], cut.shape[0]
    marks = [
        Point(
            (mark.x * portrait().shape[1] - left) * 6 / width,
            mark.y * portrait().shape[0] * 6 / height,
        )
        for mark in face().landmarks
    ]
    eye, other, nose, mouth, corner = marks
    edge = Face(
        Box(left=0, top=0, width=0.2, height=0.2, confidence=1), (eye, other, nose, mouth, corner)
    )
    (found,) = embeddings(cut, [edge])
    assert found.numbers is not None and np.isfinite(found.numbers).all()


def test_threads_at_once_get_the_same_numbers() -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: numbers_of(portrait(), face()), range(8)))
    assert all(np.allclose(each, own(), atol=1e-5) for each in found)


def test_numbers_do_not_show_where_things_are_printed() -> None:
    numbers = np.arange(128, dtype=np.float32)
    shown = repr(Embedding(numbers)) + repr(Near("a", 0.5, numbers))
    shown += repr(Reference("a", numbers[None]))
    assert "array" not in shown and "127" not in shown


# People ------------------------------------------------------------------------------------------


def at(*values: float) -> Numbers:
    """An embedding with these first numbers."""
    return np.array([*values, *([0.0] * (128 - len(values)))], np.float32)


def person(name: str, *embedded: Numbers) -> Reference:
    return Reference(name, np.stack(embedded))


def test_people_are_found_each_once_the_nearest_first() -> None:
    people = People([person("a", at(0.5), at(0.2)), person("b", at(0, 0.3)), person("c", at(9))])
    near = people.near(at(0), 0.6)
    assert [each.person_id for each in near] == ["a", "b"]
    assert near[0].distance == pytest.approx(0.2)
    assert len(people) == 3


def test_nobody_is_near_where_nobody_is_enrolled() -> None:
    assert len(NoReferences().people()) == 0
    assert NoReferences().people().near(at(0), 9) == ()


coordinate = st.floats(-1, 1, width=32)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), max_size=12), st.floats(0, 2))
def test_nearness_agrees_with_the_distances(
    places: list[tuple[float, float]], within: float
) -> None:
    people = People(person(str(name), at(*place)) for name, place in enumerate(places))
    near = people.near(at(0, 0), within)
    distances = {str(name): float(np.linalg.norm(at(*place))) for name, place in enumerate(places)}
    expected = {name for name, far in distances.items() if far <= within - 1e-5}
    assert expected <= {each.person_id for each in near}
    assert all(distances[each.person_id] <= within + 1e-5 for each in near)
    assert [each.distance for each in near] == sorted(each.distance for each in near)


# Between two -------------------------------------------------------------------------------------


def near_of(numbers: Numbers, *others: Numbers) -> tuple[Near, ...]:
    people = People(person(str(name), other) for name, other in enumerate(others))
    return people.near(numbers, LIKE)


def test_a_face_in_the_middle_of_two_people_is_a_blend() -> None:
    near = near_of(at(0), at(0.4), at(-0.4))
    assert between(at(0), near, 4) > 0.9


def test_a_face_of_one_of_them_is_not() -> None:
    near = near_of(at(0.38), at(0.4), at(-0.2))
    assert between(at(0.38), near, 4) < 0.5


def test_a_face_near_one_person_alone_is_not() -> None:
    assert between(at(0), near_of(at(0), at(0.4), at(3)), 2) == 0


def test_among_many_people_the_same_face_says_less() -> None:
    near = near_of(at(0), at(0.5), at(-0.5))
    scores = [between(at(0), near, people) for people in (2, 20, 200, 2000)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


@settings(max_examples=40, deadline=None)
@given(st.floats(0.2, 0.64), st.floats(0, 1), st.floats(0, 1))
def test_an_altered_face_never_lowers_the_score(far: float, less: float, more: float) -> None:
    less, more = sorted((less, more))
    near = near_of(at(0), at(0.2), at(-far))
    assert between(at(0), near, 9, more) >= between(at(0), near, 9, less)
    assert 0 <= between(at(0), near, 9, more) <= 1


def test_one_picture_enrolled_twice_makes_nobody_a_blend() -> None:
    assert between(at(0), near_of(at(0), at(0.3), at(0.3)), 2) == 0


def test_somebody_who_enrolled_twice_does_not_hide_the_other_person() -> None:
    near = near_of(at(0), at(0.3), at(0.32), at(-0.33))
    assert between(at(0), near, 4) > 0.9


# The signal --------------------------------------------------------------------------------------


class Enrolled:
    def __init__(self, *references: Reference) -> None:
        self._people = People(references)

    def people(self) -> People:
        return self._people


class Unreachable:
    def people(self) -> People:
        raise ConnectionError


@cache
def opened() -> Image:
    image = open_image(pictures.portrait(), Limits())
    return replace(image, faces=look(image))


def blend() -> tuple[Reference, Reference]:
    """Two people between whom the portrait lies."""
    way = np.zeros(128, np.float32)
    way[:64] = 0.35 / 8
    return person("left", own() + way), person("right", own() - way)


def result(*references: Reference, **findings: Finding) -> Finding:
    known = {finding.method: finding for finding in findings.values()}
    return IdentityMorphingSignal(Enrolled(*references)).run(Evidence(known, opened()))


def detail(finding: Finding) -> IdentityMorphingDetail:
    assert isinstance(finding.detail, IdentityMorphingDetail)
    return finding.detail


def test_a_blend_of_two_enrolled_people_is_found_and_both_are_named() -> None:
    finding = result(*blend())
    assert finding.score is not None and finding.score > 0.9
    (found,) = detail(finding).faces
    assert found.reason is IdentityReason.BETWEEN_TWO
    assert {near.person_id for near in found.near} == {"left", "right"}


def test_an_enrolled_person_is_matched_and_is_no_blend() -> None:
    finding = result(person("her", own()), person("other", at(2)))
    assert finding.score == 0
    (found,) = detail(finding).faces
    assert found.matched is not None and found.matched.person_id == "her"
    assert found.near == () and found.reason is None


def test_everybody_whom_a_face_matches_is_said() -> None:
    """Who enrols the same photograph twice, under another name, hides nobody by it."""
    (found,) = detail(result(person("again", own()), person("her", own()))).faces
    assert {each.person_id for each in found.shows} == {"again", "her"}


def test_strangers_are_not_named() -> None:
    assert detail(result(person("a", at(2)), person("b", at(0, 2)))).faces == ()


def test_a_likeness_is_no_match_where_so_many_are_enrolled_that_it_is_chance() -> None:
    way = np.zeros(128, np.float32)
    way[:64] = 0.55 / 8
    like = person("like", own() + way)
    crowd = [person(str(number), at(2, number)) for number in range(200)]
    few, many = detail(result(like)), detail(result(like, *crowd))
    assert [found.matched is not None for found in few.faces] == [True]
    assert many.faces == ()


def test_an_altered_face_between_two_people_is_another_reason() -> None:
    way = np.zeros(128, np.float32)
    way[:64] = 0.62 / 8
    two = (person("a", own() + way * 0.9), person("b", own() - way))
    crowd = [person(str(number), at(2, number)) for number in range(200)]
    altered = Finding(method=DetectionMethod.FACE_MANIPULATION, version="1", score=0.97)
    plain, raised = result(*two, *crowd), result(*two, *crowd, altered=altered)
    assert plain.score is not None and raised.score is not None
    assert plain.score < 0.5 < raised.score
    assert detail(raised).faces[0].reason is IdentityReason.ALTERED_AND_TWO


def test_with_nobody_enrolled_nothing_is_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "session", lambda *_: pytest.fail("loaded a model"))
    finding = IdentityMorphingSignal().run(Evidence({}, opened()))
    assert finding.status is FindingStatus.MEASURED
    assert (finding.score, detail(finding).enrolled) == (0.0, 0)


def test_faces_that_cannot_be_compared_are_not_clean() -> None:
    small = face().box.model_copy(update={"width": 0.01, "height": 0.01})
    image = replace(opened(), faces=((replace(face(), box=small),),))
    finding = IdentityMorphingSignal(Enrolled(*blend())).run(Evidence({}, image))
    assert finding.status is FindingStatus.INCONCLUSIVE


def test_faces_that_nobody_looked_for_are_not_clean() -> None:
    image = replace(opened(), faces=None)
    finding = IdentityMorphingSignal(Enrolled(*blend())).run(Evidence({}, image))
    assert finding.status is FindingStatus.INCONCLUSIVE


def test_a_picture_without_faces_is_clean() -> None:
    image = replace(opened(), faces=((),))
    finding = IdentityMorphingSignal(Enrolled(*blend())).run(Evidence({}, image))
    assert (finding.status, finding.score) == (FindingStatus.MEASURED, 0.0)


def test_people_that_cannot_be_read_are_not_nobody() -> None:
    with pytest.raises(ConnectionError):
        IdentityMorphingSignal(Unreachable()).run(Evidence({}, opened()))


def test_sixty_faces_are_compared_within_the_cap() -> None:
    image = replace(opened(), faces=((face(),) * 60,))
    finding = IdentityMorphingSignal(Enrolled(person("her", own()))).run(Evidence({}, image))
    assert (detail(finding).judged, detail(finding).not_judged) == (60, 0)
    assert Finding.model_validate(finding.model_dump(mode="json", by_alias=True)) == finding


def test_a_crowd_beyond_the_cap_is_not_clean_and_whom_it_shows_is_named() -> None:
    image = replace(opened(), faces=((face(),) * (MAX_FACES + 3),))
    finding = IdentityMorphingSignal(Enrolled(person("her", own()))).run(Evidence({}, image))
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert finding.score == 0
    assert (detail(finding).judged, detail(finding).not_judged) == (MAX_FACES, 3)
    assert {each.shield_id for each in named([finding])} == {"her"}


def two_people_filmed(views: int) -> Image:
    """The portrait beside another person, who is larger in every view and nobody enrolled."""
    small = resized(0.6)
    height, width = portrait().shape[:2]
    rgb = np.zeros((height, width + small.shape[1], 3), np.uint8)
    rgb[:, :width] = portrait()[:, ::-1] // 2 + 60
    rgb[: small.shape[0], width:] = small
    across, down = small.shape[1] / rgb.shape[1], small.shape[0] / height

    def placed(of: Face, left: float, wide: float, tall: float) -> Face:
        eye, other, nose, mouth, corner = (
            Point(left + mark.x * wide, mark.y * tall) for mark in of.landmarks
        )
        box = of.box.model_copy(
            update={
                "left": left + of.box.left * wide,
                "top": of.box.top * tall,
                "width": of.box.width * wide,
                "height": of.box.height * tall,
            }
        )
        return Face(box, (eye, other, nose, mouth, corner))

    hers = placed(face(), 1 - across, across, down)
    larger = placed(face(), 0.0, 1 - across, 1.0)
    frame = View(rgb, 0)
    times = tuple(float(number) for number in range(views))
    return replace(
        opened(),
        views=(frame,) * views,
        faces=((larger, hers),) * views,
        film=Film(float(views), 1.0, times, (0,)),
    )


def test_a_larger_face_in_every_view_of_a_film_does_not_hide_another() -> None:
    film = two_people_filmed(MAX_FACES + 10)
    compared = identity_morphing._chosen(film)
    assert [seen.box.left > 0.5 for _, seen, _ in compared.faces] == [False, True] * 3
    assert (compared.unusable, compared.not_reached) == (0, 0)
    finding = IdentityMorphingSignal(Enrolled(person("her", own()))).run(Evidence({}, film))
    assert finding.status is FindingStatus.MEASURED
    assert [each.shield_id for each in named([finding])] == ["her"]


def test_of_more_people_than_are_compared_those_left_out_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(identity_morphing, "MAX_FACES", 1)
    finding = IdentityMorphingSignal(Enrolled(*blend())).run(Evidence({}, two_people_filmed(9)))
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert (detail(finding).judged, detail(finding).not_judged) == (1, 1)


def test_of_an_animation_every_view_is_asked_for() -> None:
    views = replace(two_people_filmed(MAX_FACES // 2 + 1), film=None)
    compared = identity_morphing._chosen(views)
    assert (len(compared.faces), compared.not_reached) == (MAX_FACES, 2)


def test_a_face_too_small_to_compare_takes_nobodys_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_morphing, "MAX_FACES", 1)
    small = face().box.model_copy(update={"width": 0.01, "height": 0.9})
    image = replace(opened(), faces=((replace(face(), box=small), face()),))
    finding = IdentityMorphingSignal(Enrolled(person("her", own()))).run(Evidence({}, image))
    assert finding.status is FindingStatus.MEASURED
    assert (detail(finding).judged, detail(finding).not_judged) == (1, 1)
