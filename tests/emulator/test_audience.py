"""Nudity by surface and age, through the whole filing: blurred for adults, blocked for the rest.

No picture of that kind is in this project. The thresholds are lowered to zero instead, so that a
landscape takes the way that nudity would.
"""

from __future__ import annotations

import io

import pytest
from PIL import Image as Pillow

from media_integrity.api.wiring import make_engine
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.matching.banks import FirestoreBanks
from media_integrity.schema.enums import AgeGroup, ScanState
from media_integrity.schema.scans import ReasonCode, ScanJob
from tests.emulator import pictures
from tests.emulator.world import World, denied


@pytest.fixture
def strict(world: World) -> World:
    """Everything counts as nudity."""
    policy = default_policy()
    rows = {
        group: {surface: row.model_copy(update={"at": 0.0}) for surface, row in surfaces.items()}
        for group, surfaces in policy.nudity.items()
    }
    lowered: Policy = policy.model_copy(update={"nudity": rows})
    world.engine = make_engine(lowered, FirestoreBanks(world.backend.store))
    return world


def codes(job: ScanJob) -> list[ReasonCode]:
    assert job.verdict is not None
    return [reason.code for reason in job.verdict.reasons]


def test_an_adults_picture_is_published_behind_a_blur_that_only_adults_lift(
    strict: World,
) -> None:
    content = pictures.clean()
    done = strict.scan(strict.deliver(strict.upload(content, person=strict.adult())))

    assert (done.state, codes(done)) == (ScanState.PUBLISHED, [ReasonCode.NUDITY_ADULT])
    assert done.published_path is not None
    assert done.preview_path is not None
    adult = strict.app(strict.adult()).storage
    assert adult.download(done.published_path) == content
    for person in (strict.person("teen", ageGroup="teen"), strict.person("unknown")):
        app = strict.app(person).storage
        preview = Pillow.open(io.BytesIO(app.download(done.preview_path)))
        assert max(preview.size) <= 320
        with denied():
            app.download(done.published_path)
    with denied():
        strict.app(None).storage.download(done.preview_path)


@pytest.mark.parametrize("age_group", [AgeGroup.TEEN.value, None])
def test_a_picture_from_a_teen_or_from_somebody_of_unknown_age_is_blocked(
    strict: World, age_group: str | None
) -> None:
    claims = {"ageGroup": age_group} if age_group else {}
    person = strict.person("young", **claims)
    done = strict.scan(strict.deliver(strict.upload(pictures.clean(), person=person)))

    assert (done.state, codes(done)) == (ScanState.BLOCKED, [ReasonCode.NUDITY_TEEN])
    assert strict.objects(done) == {"evidence"}
    case = strict.case(done.id)
    assert case is not None
    assert case.appealable
