"""Media at the edges of what people send: a result of every signal, or why there is none."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import av
import numpy as np
import pytest
from PIL import Image as Pillow

from media_integrity.decision.policy import default_policy
from media_integrity.media.errors import HoldCode, RefusalCode, Refused, TooMuchToCheck
from media_integrity.media.open import open_media
from media_integrity.media.types import Image, Sound
from media_integrity.scanning.examine import Examiner
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import (
    FaceManipulationDetail,
    FacesDetail,
    FaceState,
    Finding,
    IdentityMorphingDetail,
)
from media_integrity.signals import face_quality, films, pictures
from media_integrity.signals.identity.references import People
from media_integrity.signals.registry import all_signals
from media_integrity.signals.voice.examples import robot, silence, wav
from tests.unit import film_files as files
from tests.unit.test_identity import own, person
from tests.unit.test_media_sound import written

LIMITS = default_policy().limits
HOURS_S = 10 * 3600

COLUMNS, ROWS, TILE = 10, 6, 128


class OnePerson:
    """She of the portrait has a shield."""

    def people(self) -> People:
        return People([person("her", own())])

    def voices(self) -> People:
        return People()


def examined(data: bytes) -> dict[DetectionMethod, Finding]:
    """What every signal that applies finds in a file, run as the pipeline runs them."""
    opened = open_media(data, LIMITS.media)
    image = opened if isinstance(opened, Image) else None
    sound = opened if isinstance(opened, Sound) else None
    if image is not None and image.film is not None:
        sound = image.film.sound
    signals = all_signals(OnePerson(), OnePerson())
    found = [each.finding for each in Examiner(signals, timeout_s=120).examine(image, sound, {})]
    assert found
    for finding in found:
        assert finding.status is not FindingStatus.FAILED, finding
        assert Finding.model_validate(finding.model_dump(mode="json", by_alias=True)) == finding
    return {finding.method: finding for finding in found}


def crowd() -> bytes:
    """Sixty times the same head, none of them too small to be judged."""
    portrait = Pillow.open(io.BytesIO(pictures.portrait())).crop((120, 20, 320, 220))
    head = np.asarray(portrait.resize((TILE, TILE), Pillow.Resampling.LANCZOS).convert("RGB"))
    return pictures.jpeg(np.tile(head, (ROWS, COLUMNS, 1)))


def test_a_crowd_of_sixty_ends_in_results_and_what_was_not_reached_is_said() -> None:
    found = examined(crowd())

    assert set(found) >= {each.name for each in all_signals().fusing}
    seen = found[DetectionMethod.FACES].detail
    assert isinstance(seen, FacesDetail)
    assert seen.count == COLUMNS * ROWS
    assert min(box.height for box in seen.boxes) * ROWS * TILE >= face_quality.SMALLEST
    altered = found[DetectionMethod.FACE_MANIPULATION]
    assert isinstance(altered.detail, FaceManipulationDetail)
    assert altered.detail.judged + altered.detail.not_judged == COLUMNS * ROWS
    assert altered.status is FindingStatus.INCONCLUSIVE
    assert altered.cause is not None
    assert FaceState.TOO_SMALL not in {face.state for face in altered.detail.faces}
    whose = found[DetectionMethod.IDENTITY_MORPHING].detail
    assert isinstance(whose, IdentityMorphingDetail)
    assert whose.judged == COLUMNS * ROWS
    assert {face.matched.person_id for face in whose.faces if face.matched} == {"her"}


def variable_rate() -> bytes:
    """Frames in a hurry, then none for two seconds."""
    frames = films.shot(films.Portrait(seconds=1))
    half = len(frames) // 2
    times = [40 * at + (2000 if at >= half else 0) for at in range(len(frames))]
    return files.film(frames, container="matroska", times=times)


def silent_film() -> bytes:
    """With a sound track in which nothing is heard."""
    return files.film(files.panned(25), sound=np.zeros(16_000, np.int16))


FILMS: dict[str, Callable[[], bytes]] = {
    "one frame": lambda: files.film(files.still(1)),
    "no sound track": lambda: files.film(files.panned(25)),
    "silence": silent_film,
    "variable frame rate": variable_rate,
}


@pytest.mark.parametrize("kind", FILMS)
def test_an_odd_film_ends_in_results_of_every_signal_of_films(kind: str) -> None:
    found = examined(FILMS[kind]())
    assert set(default_policy().required.video) - set(found) == {DetectionMethod.BANK_MATCH}
    assert (DetectionMethod.VOICE in found) is (kind == "silence")


SOUNDS: dict[str, Callable[[], bytes]] = {
    "silence": lambda: wav(silence(3.0), 16_000),
    "nothing but zeros": lambda: wav(np.zeros(48_000, np.float32), 16_000),
    "clipped": lambda: wav(np.clip(robot(4.0) * 30, -1, 1).astype(np.float32), 16_000),
    "telephone": lambda: wav(robot(5.0)[::2], 8_000),
    "a tenth of a second": lambda: wav(robot(0.1), 16_000),
}


@pytest.mark.parametrize("kind", SOUNDS)
def test_an_odd_recording_ends_in_a_result(kind: str) -> None:
    assert set(examined(SOUNDS[kind]())) >= {DetectionMethod.VOICE}


def test_a_recording_without_samples_is_refused_or_empty() -> None:
    try:
        found = examined(wav(np.zeros(0, np.float32), 16_000))
    except Refused as refusal:
        assert refusal.code is RefusalCode.DAMAGED
    else:
        assert found[DetectionMethod.VOICE].score == 0.0


def test_a_film_without_frames_is_refused() -> None:
    """A header that promises a picture, and not one packet of it."""
    nothing = io.BytesIO()
    with av.open(nothing, "w", format="matroska") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        file.start_encoding()
    with pytest.raises(Refused) as refusal:
        open_media(nothing.getvalue(), LIMITS.media)
    assert refusal.value.code is RefusalCode.DAMAGED


def test_a_film_whose_header_says_ten_hours_is_held() -> None:
    data = files.film(files.panned(50), container="matroska")
    at = data.index(b"\x44\x89\x88") + 3
    claimed = data[:at] + struct.pack(">d", 1000.0 * HOURS_S) + data[at + 8 :]
    with pytest.raises(TooMuchToCheck) as hold:
        open_media(claimed, LIMITS.media)
    assert hold.value.code is HoldCode.TOO_LONG


def test_a_recording_whose_header_says_ten_hours_is_held() -> None:
    data = bytearray(written("flac", "flac", 16_000, "mono"))
    (rates,) = struct.unpack_from(">Q", data, 18)
    struct.pack_into(">Q", data, 18, rates >> 36 << 36 | 16_000 * HOURS_S)
    with pytest.raises(TooMuchToCheck) as hold:
        open_media(bytes(data), LIMITS.media)
    assert hold.value.code is HoldCode.TOO_LONG


def test_a_wave_whose_header_says_ten_hours_is_judged_to_the_end_of_the_file() -> None:
    """Recorders that are switched off leave such headers: no player plays more than is there."""
    data = bytearray(wav(robot(2.0), 16_000))
    struct.pack_into("<I", data, bytes(data).index(b"data") + 4, 2 * 16_000 * HOURS_S)
    opened = open_media(bytes(data), LIMITS.media)
    assert isinstance(opened, Sound)
    assert opened.duration_s == pytest.approx(2.0, abs=0.01)
