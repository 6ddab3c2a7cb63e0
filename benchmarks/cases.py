"""What is measured, and how long it may take."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from . import films, matching, pictures
from .measure import WARM_UP, Row, row, seconds

FUNCTIONS = Path(__file__).resolve().parents[1] / "functions"

DIFFERENT = 6
"""Pictures taken in turn, so that no cache holds the one that comes next."""

STEP, FILM = "step_", "film_"

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
            name.startswith(wanted) or (name in {STEP, FILM} and wanted.startswith(name))
            for name in self.names
        )


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
    taken, _ = _decisions(cycle(pictures.portraits(DIFFERENT)))
    return [row("decision_12mp_ms", taken, "ms", target=150, judged="p95")]


def decision_12mp_text() -> list[Row]:
    """The same with three lines of text, and each step of it."""
    taken, steps = _decisions(cycle(pictures.portraits_with_text(DIFFERENT)))
    whole = row("decision_12mp_text_ms", taken, "ms", target=250, judged="p95")
    return [whole, *(row(f"{STEP}{name}_ms", times, "ms") for name, times in steps.items())]


def film_60s() -> list[Row]:
    """A whole judgement of a minute of film of 1280 x 720, and each step of it."""
    taken, steps = _decisions(cycle([films.minute()]), 3, warm_up=1)
    whole = row("film_60s_720p_s", _s(taken), "s", target=30, judged="p95")
    return [whole, *(row(f"film_{name}_s", _s(times), "s") for name, times in steps.items())]


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
    Case((FILM,), film_60s),
    Case(matching.ROWS, matching.matching, group="matching"),
    Case(("cold_import_s",), cold_import),
)


def _decisions(
    files: Iterator[bytes], times: int = 60, warm_up: int = WARM_UP
) -> tuple[list[float], dict[str, list[float]]]:
    """Milliseconds of each judgement, and of each of its steps by name."""
    from media_integrity.api.wiring import make_engine
    from media_integrity.decision.policy import default_policy
    from media_integrity.matching.banks import NoBanks
    from media_integrity.schema.enums import AgeGroup, FindingStatus
    from media_integrity.schema.scans import UploadContext

    engine = make_engine(default_policy(), NoBanks())
    context = UploadContext(age_group=AgeGroup.ADULT)
    steps: list[dict[str, float]] = []

    def judge() -> None:
        judgement = engine.judge(next(files), context)
        if any(finding.status is FindingStatus.FAILED for finding in judgement.findings):
            raise RuntimeError("a signal failed, so the time is not that of a whole decision")
        if len(judgement.faces) != 1:
            raise RuntimeError(f"{len(judgement.faces)} faces found in a picture of one")
        steps.append(judgement.timings_ms)

    taken = _ms(seconds(judge, times, warm_up=warm_up))
    counted = steps[warm_up:]
    names = list(dict.fromkeys(name for step in counted for name in step))
    return taken, {name: [step.get(name, 0.0) for step in counted] for name in names}


def _s(milliseconds: list[float]) -> list[float]:
    return [each / 1e3 for each in milliseconds]


def _ms(taken: list[float]) -> list[float]:
    return [each * 1e3 for each in taken]
