"""``./dev scan``: the pipeline over files on this machine, with no Firebase and no hash banks.

With ``--json`` one object a line, in the order of the files:

    file          as given
    action        ALLOW, BLUR, REVIEW or BLOCK, judging the media alone; REFUSED for a file that is
                  not taken at all; null for one that cannot be read
    violations    their names, gravest first
    reasons       [{code, text}]
    people        {count, boxes}: who would have to consent; boxes are shares of width and height
    signals       {method: its finding, in full}
    fingerprints  {sha256, pdq, pdq_quality}; pdq is null where the file was not opened as an image
    timings_ms    each step and each signal, and total
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from media_integrity.api.wiring import make_engine
from media_integrity.decision.policy import default_policy
from media_integrity.matching.banks import NoBanks
from media_integrity.media.errors import Refused
from media_integrity.scanning.engine import Engine, Judgement
from media_integrity.schema.base import Value
from media_integrity.schema.enums import AgeGroup, Surface
from media_integrity.schema.scans import UploadContext

REFUSED = "REFUSED"


def main(arguments: Sequence[str]) -> int:
    """Scan the files. Returns 1 if one could not be read, else 0 whatever the verdicts."""
    options = _parser().parse_args(arguments)
    context = UploadContext(
        surface=Surface(options.surface),
        age_group=AgeGroup.TEEN if options.teen else AgeGroup.ADULT,
    )
    engine = make_engine(default_policy(), NoBanks())
    status = 0
    for file in options.files:
        try:
            data = Path(file).read_bytes()
        except OSError as error:
            status = 1
            result = _unread(file, error)
        else:
            result = scan(file, data, context, engine)
        print(json.dumps(result) if options.json else _line(result), flush=True)
    return status


def scan(file: str, data: bytes, context: UploadContext, engine: Engine) -> dict[str, object]:
    """The result for one file, in the form that the module describes."""
    started = time.perf_counter()
    try:
        judgement = engine.judge(data, context)
    except Refused as refused:
        result = _refused(file, data, refused)
        timings: dict[str, float] = {}
    else:
        result = _judged(file, judgement)
        timings = dict(judgement.timings_ms)
    timings["total"] = (time.perf_counter() - started) * 1e3
    return {**result, "timings_ms": {name: round(ms, 2) for name, ms in timings.items()}}


def _judged(file: str, judgement: Judgement) -> dict[str, object]:
    verdict = judgement.verdict
    pdq = judgement.fingerprints.pdq if judgement.fingerprints is not None else None
    return {
        "file": file,
        "action": verdict.action.value,
        "violations": [found.violation.value for found in verdict.violations],
        "reasons": [_plain(reason) for reason in verdict.reasons],
        "people": {
            "count": len(judgement.faces),
            "boxes": [_plain(box) for box in judgement.faces],
        },
        "signals": {finding.method.value: _plain(finding) for finding in judgement.findings},
        "fingerprints": {
            "sha256": judgement.sha256,
            "pdq": pdq.hex if pdq else None,
            "pdq_quality": pdq.quality if pdq else None,
        },
    }


def _refused(file: str, data: bytes, refused: Refused) -> dict[str, object]:
    sha256 = hashlib.sha256(data).hexdigest()
    return {
        "file": file,
        "action": REFUSED,
        "violations": [],
        "reasons": [{"code": refused.code.value, "text": refused.message}],
        "people": {"count": 0, "boxes": []},
        "signals": {},
        "fingerprints": {"sha256": sha256, "pdq": None, "pdq_quality": None},
    }


def _unread(file: str, error: OSError) -> dict[str, object]:
    return {
        "file": file,
        "action": None,
        "violations": [],
        "reasons": [{"code": "unreadable", "text": error.strerror or str(error)}],
        "people": {"count": 0, "boxes": []},
        "signals": {},
        "fingerprints": {"sha256": None, "pdq": None, "pdq_quality": None},
        "timings_ms": {},
    }


def _plain(value: Value) -> dict[str, object]:
    """snake_case, as all of this output."""
    return value.model_dump(mode="json", by_alias=False)


def _line(result: dict[str, object]) -> str:
    reasons = cast("list[dict[str, str]]", result["reasons"])
    violations = cast("list[str]", result["violations"])
    people = cast("dict[str, int]", result["people"])["count"]
    took = cast("dict[str, float]", result["timings_ms"]).get("total", 0.0)
    what = ", ".join([*violations, *(reason["code"] for reason in reasons)])
    verdict = str(result["action"] or "ERROR")
    return f"{verdict:8} {result['file']}: {what} · people {people} · {took:.0f} ms"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev scan", description="Judge files with the pipeline, without any Firebase."
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--teen", action="store_true", help="judge for a teenager's account")
    parser.add_argument(
        "--surface",
        choices=[surface.value for surface in Surface],
        default=Surface.FEED.value,
        help="where the media will appear (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
