"""How many people a verdict asks about, where faces were counted and where nobody has looked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from media_integrity.consent.gate import people_in
from media_integrity.consent.needed import people_to_agree
from media_integrity.decision.decide import block, hold
from media_integrity.decision.policy import default_policy
from media_integrity.decision.verdict import Verdict
from media_integrity.scanning.consequences import Filed
from media_integrity.scanning.documents import Upload
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.enums import Action, DetectionMethod, FindingStatus, Surface
from media_integrity.schema.findings import Box, Finding
from media_integrity.schema.scans import Quarantined, ReasonCode

POLICY = default_policy()
FACE = Box(left=0, top=0, width=0.3, height=0.3, confidence=0.9)

UNOPENED = hold(ReasonCode.TOO_MUCH_TO_CHECK, POLICY)
LET_THROUGH = UNOPENED.model_copy(update={"action": Action.ALLOW})
BANKED = block(ReasonCode.BANK_MATCH_CONFIRMED, POLICY)
SAID_NO = block(ReasonCode.CONSENT_REFUSED, POLICY)


def found(method: DetectionMethod, status: FindingStatus = FindingStatus.MEASURED) -> Finding:
    cause = None if status is FindingStatus.MEASURED else "RuntimeError"
    return Finding(method=method, version="1", status=status, cause=cause)


MATCHED = found(DetectionMethod.BANK_MATCH)
COUNTED = found(DetectionMethod.FACES)
HEARD = found(DetectionMethod.VOICE)


def filed(
    *findings: Finding,
    verdict: Verdict = LET_THROUGH,
    faces: tuple[Box, ...] = (),
    content_type: str = "video/mp4",
) -> Filed:
    return Filed(
        upload=Upload(
            JobId("job"),
            UserId("uploader"),
            Quarantined(bucket="b", name="n", generation="1"),
            Surface.FEED,
        ),
        verdict=verdict,
        findings=findings,
        now=datetime(2026, 1, 2, 12, tzinfo=UTC),
        sha256="0" * 64,
        content_type=content_type,
        faces=faces,
    )


@pytest.mark.parametrize("faces", [0, 1, 3])
def test_where_faces_were_counted_it_is_as_many_as_are_shown(faces: int) -> None:
    assert people_in(filed(MATCHED, COUNTED, faces=(FACE,) * faces), POLICY) == faces


@pytest.mark.parametrize("verdict", [UNOPENED, LET_THROUGH, SAID_NO])
def test_what_was_not_opened_asks_for_one_at_the_least(verdict: Verdict) -> None:
    for content_type in ("video/mp4", "image/gif"):
        unopened = filed(MATCHED, verdict=verdict, content_type=content_type)
        assert people_in(unopened, POLICY) == 1


@pytest.mark.parametrize("status", [FindingStatus.FAILED, FindingStatus.INCONCLUSIVE])
def test_a_count_that_failed_is_no_count(status: FindingStatus) -> None:
    failed = found(DetectionMethod.FACES, status)
    assert people_in(filed(MATCHED, HEARD, failed), POLICY) == 1
    assert people_in(filed(MATCHED, failed, faces=(FACE, FACE)), POLICY) == 2


@pytest.mark.parametrize("status", list(FindingStatus))
def test_sound_that_was_opened_shows_nobody(status: FindingStatus) -> None:
    heard = found(DetectionMethod.VOICE, status)
    assert people_in(filed(MATCHED, heard, content_type="audio/mpeg"), POLICY) == 0


def test_a_container_of_sound_that_was_not_opened_may_hold_a_film() -> None:
    assert people_in(filed(MATCHED, content_type="audio/mp4"), POLICY) == 1


def test_nobody_is_asked_about_what_is_blocked_for_what_it_is() -> None:
    assert people_in(filed(MATCHED, verdict=BANKED), POLICY) == 0


@pytest.mark.parametrize("looked", [True, False])
@pytest.mark.parametrize("may_show", [True, False])
def test_only_not_to_have_looked_at_what_may_show_people_adds_one(
    looked: bool, may_show: bool
) -> None:
    def people(*faces: Box) -> int:
        return people_to_agree(faces, POLICY.consent, looked=looked, may_show=may_show)

    assert people() == (0 if looked or not may_show else 1)
    assert people(FACE, FACE) == 2
