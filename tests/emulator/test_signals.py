"""Every signal works in the pipeline, on real emulators, with the files that it brings itself.

So that findings can be read, everything is held here: the policy asks for a check that no upload
has. What a finding then leads to is decided in ``decision`` and tested there and in
``test_detections``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import pytest
from _pytest.mark import ParameterSet

from devkit.stack import Addresses
from media_integrity.api.wiring import make_matcher
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.matching.banks import FirestoreBanks
from media_integrity.media.sniff import sniff
from media_integrity.media.types import Image, MediaKind, Sound
from media_integrity.scanning.engine import Engine
from media_integrity.schema.enums import DetectionMethod, FindingStatus, ScanState
from media_integrity.schema.findings import Finding
from media_integrity.signals.base import Example, Signal
from media_integrity.signals.registry import all_signals
from tests.emulator.world import World, make_world

SIGNALS = all_signals()
CONTENT_TYPES: Mapping[MediaKind, str] = {
    MediaKind.IMAGE: "image/jpeg",
    MediaKind.VIDEO: "video/mp4",
    MediaKind.AUDIO: "audio/wav",
}


def examples() -> list[ParameterSet]:
    with_files: tuple[Signal[Image] | Signal[Sound], ...] = (*SIGNALS.pictures, *SIGNALS.sounds)
    found = [
        pytest.param(signal.name, example, id=f"{signal.name.value}-{example.name}")
        for signal in with_files
        for example in signal.examples()
    ]
    assert found
    return found


def holding_everything(policy: Policy) -> Policy:
    """Media of each kind misses something that is required of it."""
    values = policy.model_dump()
    values["required"] = {
        "image": [*policy.required.image, DetectionMethod.VIDEO],
        "video": [*policy.required.video, DetectionMethod.VOICE],  # the examples are silent
        "audio": [*policy.required.audio, DetectionMethod.TEXT],
    }
    return Policy.model_validate(values)


@pytest.fixture(scope="module")
def holding(emulated: Addresses) -> World:
    world = make_world(emulated)
    policy = holding_everything(default_policy())
    matcher = make_matcher(policy, FirestoreBanks(world.backend.store))
    world.engine = Engine(policy, SIGNALS, matcher)
    return world


def findings(world: World, content: bytes) -> dict[DetectionMethod, Finding]:
    done = world.judged(
        content, content_type=CONTENT_TYPES[sniff(content)], name=f"{secrets.token_hex(4)}.bin"
    )
    assert done.state is ScanState.HELD, done.refusal
    details = world.details(done.id)
    assert details is not None
    return {finding.method: finding for finding in details.findings}


@pytest.mark.parametrize(("method", "example"), examples())
def test_a_signal_finds_in_an_upload_what_its_example_says(
    holding: World, method: DetectionMethod, example: Example
) -> None:
    finding = findings(holding, example.file())[method]
    assert finding.status is not FindingStatus.FAILED, finding.cause
    assert example.holds(finding), finding


def test_a_picture_gets_a_finding_of_every_signal_that_applies(holding: World) -> None:
    portrait = next(
        example.file()
        for signal in SIGNALS.pictures
        if signal.name is DetectionMethod.FACES
        for example in signal.examples()
    )
    found = findings(holding, portrait)
    assert not [each for each in found.values() if each.status is FindingStatus.FAILED]
    assert set(found) >= set(default_policy().required.image)
