"""What is measured, and how long it may take."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from . import films, matching, people, pictures, runtimes, sounds
from .measure import WARM_UP, Row, row, seconds

if TYPE_CHECKING:
    from media_integrity.scanning.engine import Judgement
    from media_integrity.schema.findings import Finding
    from media_integrity.signals.identity.references import Enrolled

FUNCTIONS = Path(__file__).resolve().parents[1] / "functions"

DIFFERENT = 6
"""Pictures taken in turn, so that no cache holds the one that comes next."""

STEP, PAGE, FILM, SOUND, ENROLLED = "step_", "page_", "film_", "sound_", "enrolled_"
"""How the rows of the steps of a judgement begin, by what is judged."""

CROWDS = (4, 300)
"""People enrolled."""

SIGNAL_ROWS = {
    "provenance": "step_provenance_ms",
    "metadata": "step_metadata_ms",
    "faces": "step_faces_ms",
    "nudity": "step_nudity_ms",
    "text": "step_text_ms",
    "document": "page_document_ms",
    "compression": "step_compression_ms",
    "face_manipulation": "step_face_manipulation_ms",
    "synthetic_image": "step_synthetic_image_ms",
    "video": "film_video_s",
    "voice": "sound_voice_ms",
    "identity_morphing": "enrolled_300_identity_morphing_ms",
    "nudity_synthesis": "step_nudity_synthesis_ms",
}
"""Where each signal has all of its work to do: elsewhere it may find at once that it has none."""

DEPLOYED = {
    "FIREBASE_CONFIG": '{"projectId": "demo-bench", "storageBucket": "demo-bench.appspot.com"}',
    "GCLOUD_PROJECT": "demo-bench",
}
"""What the platform sets for an instance."""


@dataclass(frozen=True, slots=True)
class Case:
    """Something to run, and the rows that it gives: full names, or the beginning of several."""

    names: tuple[str, ...]
    run: Callable[[], list[Row]]
    group: str | None = None
    """Names all of its rows. Takes minutes, so it runs only where it is asked for."""

    def gives(self, wanted: str) -> bool:
        """Does it give a row whose name begins like that?"""
        return wanted == self.group or any(
            name.startswith(wanted) or (name.endswith("_") and wanted.startswith(name))
            for name in self.names
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """Its names as a list of them has them, the beginnings of several with dots."""
        return tuple(f"{name}…" if name.endswith("_") else name for name in self.names)


def fingerprint_12mp() -> list[Row]:
    """From the bytes of a 12 MP JPEG to SHA-256 and the eight PDQ hashes."""
    from media_integrity.fingerprints.pdq import fingerprint
    from media_integrity.media.limits import Limits
    from media_integrity.media.open import open_image

    files, limits = cycle(pictures.portraits(DIFFERENT)), Limits()
    taken = seconds(lambda: fingerprint(open_image(next(files), limits)), 60)
    return [row("fingerprint_12mp_ms", _ms(taken), "ms", target=30)]


def decision_12mp() -> list[Row]:
    """A whole judgement of a picture with one face and no text; no bank has entries."""
    taken, _ = judgements(cycle(pictures.portraits(DIFFERENT)), one_face)
    return [row("decision_12mp_ms", taken, "ms", target=150, judged="p95")]


def decision_12mp_text() -> list[Row]:
    """The same with three lines of text, and each step of it."""
    taken, steps = judgements(cycle(pictures.portraits_with_text(DIFFERENT)), one_face)
    whole = row("decision_12mp_text_ms", taken, "ms", target=250, judged="p95")
    return [whole, *_steps(STEP, steps)]


def page_a4() -> list[Row]:
    """A whole judgement of a page of text of 1240 x 1754, and each step of it."""
    taken, steps = judgements(cycle(pictures.pages(DIFFERENT)), a_document, 20)
    return [row("page_a4_ms", taken, "ms"), *_steps(PAGE, steps)]


def film_60s() -> list[Row]:
    """A whole judgement of a minute of film of 1280 x 720, and each step of it."""
    taken, steps = judgements(cycle([films.minute()]), one_face, 3, warm_up=1)
    whole = row("film_60s_720p_s", _s(taken), "s", target=30, judged="p95")
    return [whole, *(row(f"{FILM}{name}_s", _s(times), "s") for name, times in steps.items())]


def sound_10s() -> list[Row]:
    """A whole judgement of a recording of ten seconds of speech, and each step of it."""
    taken, steps = judgements(cycle([sounds.speech()]), speech, 20)
    return [row("sound_10s_ms", taken, "ms"), *_steps(SOUND, steps)]


def enrolled() -> list[Row]:
    """What comparing with enrolled people takes of a picture with one face, and of a recording."""
    rows = []
    for count in CROWDS:
        crowd = people.Crowd.of(count)
        faces, voices = compared_faces(count), compared_voices(count)
        _, steps = judgements(cycle(pictures.portraits(DIFFERENT)), faces, 20, enrolled=crowd)
        _, heard = judgements(cycle([sounds.speech()]), voices, 20, enrolled=crowd)
        begin = f"{ENROLLED}{count}_"
        rows += _steps(begin, {"identity_morphing": steps["identity_morphing"]})
        rows += _steps(begin, {"voice": heard["voice"]})
    return rows


def cold_import() -> list[Row]:
    """``import main`` in a fresh process, as a new function instance does it."""
    script = "import time; t = time.perf_counter(); import main; print(time.perf_counter() - t)"

    def imported() -> float:
        child = subprocess.run(  # noqa: S603  our own interpreter and script
            [sys.executable, "-c", script],
            cwd=FUNCTIONS,
            env=os.environ | DEPLOYED,
            capture_output=True,
            check=True,
            text=True,
            timeout=120,
        )
        return float(child.stdout.splitlines()[-1])

    imported()  # writes the byte code, which a deployment has been built with
    return [row("cold_import_s", [imported() for _ in range(5)], "s", target=2)]


CASES = (
    Case(("fingerprint_12mp_ms",), fingerprint_12mp),
    Case(("decision_12mp_ms",), decision_12mp),
    Case(("decision_12mp_text_ms", STEP), decision_12mp_text),
    Case((PAGE,), page_a4),
    Case((FILM,), film_60s),
    Case((SOUND,), sound_10s),
    Case((ENROLLED,), enrolled),
    Case(matching.ROWS, matching.matching, group="matching"),
    Case(("cold_import_s",), cold_import),
    Case(runtimes.ROWS, runtimes.runtimes, group="runtime"),
)

Expected = Callable[["Judgement"], bool]
"""Was what is measured done at all? A file without faces, or speech, takes no time."""


def one_face(judgement: Judgement) -> bool:
    return len(judgement.faces) == 1


def a_document(judgement: Judgement) -> bool:
    from media_integrity.schema.findings import DocumentDetail

    found = _finding(judgement, "document")
    return isinstance(found.detail, DocumentDetail) and found.detail.is_document


def speech(judgement: Judgement) -> bool:
    from media_integrity.schema.findings import VoiceDetail

    found = _finding(judgement, "voice")
    return (
        found.score is not None
        and isinstance(found.detail, VoiceDetail)
        and found.detail.speech_s > sounds.SECONDS / 2
    )


def compared_faces(count: int) -> Expected:
    """One face, with so many people."""
    from media_integrity.schema.findings import IdentityMorphingDetail

    def holds(judgement: Judgement) -> bool:
        detail = _finding(judgement, "identity_morphing").detail
        return isinstance(detail, IdentityMorphingDetail) and (
            (detail.enrolled, detail.judged) == (count, 1)
        )

    return holds


def compared_voices(count: int) -> Expected:
    """Some seconds of speech, with so many people."""
    from media_integrity.schema.findings import VoiceDetail

    def holds(judgement: Judgement) -> bool:
        detail = _finding(judgement, "voice").detail
        return isinstance(detail, VoiceDetail) and (
            detail.enrolled == count and detail.compared_s > 0
        )

    return holds


def judgements(
    files: Iterator[bytes],
    expected: Expected,
    times: int = 60,
    *,
    warm_up: int = WARM_UP,
    enrolled: Enrolled | None = None,
) -> tuple[list[float], dict[str, list[float]]]:
    """Milliseconds of each judgement, and of each of its steps by name.

    ``enrolled``: the people whom faces and voices are compared with; nobody if None.

    Raises:
        RuntimeError: a signal failed, or had not to do what is ``expected``.
    """
    from media_integrity.api.wiring import make_engine
    from media_integrity.decision.policy import default_policy
    from media_integrity.matching.banks import NoBanks
    from media_integrity.schema.enums import AgeGroup, FindingStatus
    from media_integrity.schema.scans import UploadContext

    engine = make_engine(default_policy(), NoBanks(), enrolled)
    context = UploadContext(age_group=AgeGroup.ADULT)
    steps: list[dict[str, float]] = []

    def judge() -> None:
        judgement = engine.judge(next(files), context)
        for finding in judgement.findings:
            if finding.status is FindingStatus.FAILED:
                raise RuntimeError(f"{finding.method} failed ({finding.cause}): no whole judgement")
        if not expected(judgement):
            raise RuntimeError(f"what was to be measured was not done: {expected.__qualname__}")
        steps.append(judgement.timings_ms)

    taken = _ms(seconds(judge, times, warm_up=warm_up))
    counted = steps[warm_up:]
    names = list(dict.fromkeys(name for step in counted for name in step))
    return taken, {name: [step.get(name, 0.0) for step in counted] for name in names}


def _finding(judgement: Judgement, method: str) -> Finding:
    """Raises StopIteration: the signal did not run."""
    return next(found for found in judgement.findings if found.method == method)


def _steps(begin: str, steps: dict[str, list[float]]) -> list[Row]:
    return [row(f"{begin}{name}_ms", times, "ms") for name, times in steps.items()]


def _s(milliseconds: list[float]) -> list[float]:
    return [each / 1e3 for each in milliseconds]


def _ms(taken: list[float]) -> list[float]:
    return [each * 1e3 for each in taken]
