"""``./dev scan``, and that the demo's samples get their verdicts from the pipeline alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from devkit import scan
from devkit.samples import Sample, banked_picture, samples
from media_integrity.api.wiring import make_engine
from media_integrity.decision.policy import default_policy
from media_integrity.fingerprints.pdq import fingerprint
from media_integrity.matching.index import HashIndex
from media_integrity.matching.known import KnownBank, KnownHash
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import MediaKind
from media_integrity.scanning.engine import Engine
from media_integrity.schema.enums import AgeGroup, BankLabel, HashAlgorithm
from media_integrity.schema.scans import UploadContext

KEYS = [
    "file",
    "action",
    "violations",
    "reasons",
    "people",
    "signals",
    "fingerprints",
    "timings_ms",
]


class OneBank:
    """A bank with the demo's banked picture, as the demo fills it."""

    def bring_up_to_date(self, index: HashIndex, banks: dict[str, KnownBank]) -> None:
        pdq = fingerprint(open_image(banked_picture(), Limits())).pdq
        banks["demo"] = KnownBank("demo", BankLabel.NCII, True, None, None)
        index.put(
            [
                KnownHash(
                    bank_id="demo",
                    id=f"pdq-{pdq.hex}",
                    algorithm=HashAlgorithm.PDQ,
                    bits=pdq.bits,
                    quality=pdq.quality,
                    confirmed=True,
                    enabled=True,
                    updated_at=datetime.now(UTC),
                )
            ]
        )


@cache
def engine() -> Engine:
    return make_engine(default_policy(), OneBank())


@cache
def listed() -> tuple[Sample, ...]:
    return tuple(samples())


def all_samples() -> dict[str, Sample]:
    return {sample.name: sample for sample in listed()}


def test_samples_have_names_of_their_own() -> None:
    assert len(all_samples()) == len(listed())


SCANNED = [
    *("portrait.jpg", "cup.avif", "clock.webp", "turned.jpg", "cat.png", "deep.png", "moving.gif"),
    *("picnic.png", "generated.png", "generated-face.png", "message.png"),
    *("statement.png", "forged.png", "person.mp4", "flicker.mp4", "tone.wav", "robot.wav"),
    *("notes.jpg", "cut.jpg", "bomb.png", "copy.jpg"),
]


def test_every_sample_that_storage_takes_is_tried_here() -> None:
    taken = [name for name, sample in all_samples().items() if sample.outcome != "DENIED"]
    assert taken == SCANNED


@pytest.mark.parametrize("name", SCANNED)
def test_a_sample_gets_its_verdict(name: str) -> None:
    sample = all_samples()[name]
    context = UploadContext(age_group=AgeGroup.ADULT)
    result = scan.scan(name, sample.data, context, engine())
    reasons = result["reasons"]
    violations = result["violations"]
    assert isinstance(reasons, list)
    assert isinstance(violations, list)
    assert result["action"] == sample.outcome
    assert sample.reason in {reason["code"] for reason in reasons}
    assert set(violations) == sample.violations


def test_the_output_has_one_object_a_line_in_the_stable_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture, text = tmp_path / "picnic.png", tmp_path / "notes.jpg"
    for file in (picture, text):
        file.write_bytes(all_samples()[file.name].data)
    files = [str(picture), str(text), str(tmp_path / "missing.jpg")]
    assert scan.main(["--json", *files]) == 1  # one could not be read
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [result["file"] for result in results] == files
    assert [result["action"] for result in results] == ["ALLOW", "REFUSED", None]
    assert [list(result) for result in results] == [KEYS] * 3
    judged = results[0]
    assert list(judged["fingerprints"]) == ["sha256", "pdq", "pdq_quality"]
    assert judged["people"] == {"count": 0, "boxes": []}
    required = default_policy().required.of(MediaKind.IMAGE)
    assert set(judged["signals"]) == {method.value for method in required}
    assert judged["timings_ms"]["total"] > 0


def test_a_verdict_does_not_change_the_exit_status(tmp_path: Path) -> None:
    message = tmp_path / "message.png"
    message.write_bytes(all_samples()["message.png"].data)
    assert scan.main(["--teen", "--surface", "dm", str(message)]) == 0
