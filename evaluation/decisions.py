"""``--decisions``: does the whole engine do with each file what should be done with it?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydantic import Field

from media_integrity.decision.policy import Policy
from media_integrity.media.errors import Refused
from media_integrity.scanning.engine import Engine
from media_integrity.schema.enums import Action, AgeGroup, FindingStatus
from media_integrity.schema.scans import ReasonCode, UploadContext

from . import judging
from .about import About, Latency, NotRead, about, latency
from .enrolled import Enrolled, Enrolment
from .groups import Fairness, Member, fairness
from .journal import Journal, Run
from .judging import Missing
from .manifest import OUTCOMES, REFUSED, SHOWN, ExpectedDecision, Table, expected_decisions
from .metrics import Interval, Shape, proportion

Progress = Callable[[Sequence[ExpectedDecision]], Iterable[ExpectedDecision]]


class FileDecision(Shape):
    """One file, what should have become of it, and what did."""

    path: str
    expected: str
    action: str
    """One of the actions, or REFUSED."""
    surface: str
    teen: bool
    violations: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    inconclusive: tuple[str, ...] = ()
    """Signals that looked and could not judge."""
    failed: tuple[str, ...] = ()
    """Signals that failed: such a file is held whatever is in it."""
    total_ms: float | None = None
    timings_ms: dict[str, float] = Field(default_factory=dict)
    groups: dict[str, str] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        return _key(self.path, self.surface, self.teen)


class ViolationRow(Shape):
    """How often a violation was found, by the action that was expected."""

    violation: str
    files: int
    by_expected: dict[str, int]


class DecisionReport(Shape):
    """``report.json`` of ``--decisions``."""

    mode: str
    n: int
    """Files that were judged or refused."""
    accuracy: Interval
    """Share of files whose action is the expected one, with its exact 95 % interval."""
    confusion: dict[str, dict[str, int]]
    """Expected action, then the action taken."""
    let_through: Interval
    """Of the files that should be held, blocked or refused: share that is shown."""
    held_back: Interval
    """Of the files that should be shown: share that is held, blocked or refused."""
    violations: tuple[ViolationRow, ...]
    signals_not_judging: dict[str, dict[str, int]]
    """Signal, then ``inconclusive`` and ``failed``: number of files."""
    latency: dict[str, Latency]
    """``total`` and each step and signal."""
    files: tuple[FileDecision, ...]
    missing: tuple[str, ...]
    missing_causes: tuple[NotRead, ...]
    fairness: Fairness
    """Positive: should not be shown. ``recall`` is the share of these that is not shown,
    ``false_positive_rate`` the share of the others that is held back. Actions have no AUC."""
    enrolled: Enrolment | None
    """Null where nobody was."""
    about: About


def measure(
    table: Table,
    policy: Policy,
    *,
    enrolled: Enrolled | None = None,
    folder: Path | None,
    resume: bool,
    progress: Progress,
) -> tuple[list[FileDecision], list[NotRead]]:
    """Every file's verdict, and the files that are not there. ``enrolled``: nobody if None.

    Raises:
        EvaluationError: a fault of the manifest, weights that are missing, a folder in use.
    """
    run = Run.of(
        table,
        policy,
        mode="decisions",
        version=judging.versions(),
        enrolled=enrolled.digest if enrolled else None,
    )
    wanted = expected_decisions(table)
    journal = Journal(folder, run, FileDecision, resume=resume)
    done = {result.key for result in journal.results}
    engine = judging.whole_engine(policy, enrolled)
    missing: list[NotRead] = []
    warm = False
    for each in progress(
        [each for each in wanted if _key(each.path, each.surface, each.teen) not in done]
    ):
        try:
            data = judging.load(each.file, policy.limits.max_bytes)
        except Missing as error:
            missing.append(NotRead(path=each.path, cause=str(error)))
            continue
        except Refused as refused:
            journal.add(_refused(each, refused))
            continue
        result = _decision(engine, each, data)
        if not warm and result.action != REFUSED:
            warm = True  # the first one loaded the models
            result = _decision(engine, each, data)
        journal.add(result)
    order = {_key(each.path, each.surface, each.teen): place for place, each in enumerate(wanted)}
    return sorted(journal.results, key=lambda result: order[result.key]), missing


def report(
    table: Table,
    policy: Policy,
    files: Sequence[FileDecision],
    missing: Sequence[NotRead],
    *,
    enrolled: Enrolled | None = None,
    resamples: int,
    seed: int,
) -> DecisionReport:
    """All figures. Shares whose files are none are null."""
    confusion = {outcome: dict.fromkeys(OUTCOMES, 0) for outcome in OUTCOMES}
    for file in files:
        confusion[file.expected][file.action] += 1
    kept_back = [file for file in files if file.expected not in SHOWN]
    shown = [file for file in files if file.expected in SHOWN]
    names = list(dict.fromkeys(name for file in files for name in file.timings_ms))
    return DecisionReport(
        mode="decisions",
        n=len(files),
        accuracy=proportion(sum(file.action == file.expected for file in files), len(files)),
        confusion=confusion,
        let_through=proportion(sum(file.action in SHOWN for file in kept_back), len(kept_back)),
        held_back=proportion(sum(file.action not in SHOWN for file in shown), len(shown)),
        violations=_violations(files),
        signals_not_judging=_not_judging(files),
        latency={
            "total": latency([file.total_ms for file in files]),
            **{name: latency([file.timings_ms.get(name) for file in files]) for name in names},
        },
        files=tuple(files),
        missing=tuple(each.path for each in missing),
        missing_causes=tuple(missing),
        fairness=_fairness(files, resamples, seed),
        enrolled=enrolled.enrolment if enrolled else None,
        about=about(
            manifest=table.name,
            manifest_sha256=table.sha256,
            policy_version=policy.version,
            seed=seed,
            resamples=resamples,
        ),
    )


def _fairness(files: Sequence[FileDecision], resamples: int, seed: int) -> Fairness:
    members = [
        Member(file.expected not in SHOWN, float(file.action not in SHOWN), file.groups)
        for file in files
    ]
    found = fairness(members, 0.5, resamples=resamples, seed=seed)
    rows = tuple(row.model_copy(update={"auc": Interval()}) for row in found.rows)
    return found.model_copy(update={"rows": rows})


def _decision(engine: Engine, each: ExpectedDecision, data: bytes) -> FileDecision:
    context = UploadContext(
        surface=each.surface, age_group=AgeGroup.TEEN if each.teen else AgeGroup.ADULT
    )
    started = time.perf_counter()
    try:
        judgement = engine.judge(data, context, transcript=each.transcript)
    except Refused as refused:
        return _refused(each, refused)
    except Exception as error:  # noqa: BLE001  such an upload is held when its tries are used up
        return FileDecision(
            path=each.path,
            expected=each.expected,
            action=Action.REVIEW.value,
            surface=each.surface.value,
            teen=each.teen,
            groups=dict(each.groups),
            reasons=(ReasonCode.OUT_OF_TRIES.value,),
            failed=(f"engine: {type(error).__name__}",),
        )
    total_ms = (time.perf_counter() - started) * 1e3
    for finding in judgement.findings:
        judging.refuse_missing_model(finding)
    verdict = judgement.verdict
    return FileDecision(
        path=each.path,
        expected=each.expected,
        action=verdict.action.value,
        surface=each.surface.value,
        teen=each.teen,
        groups=dict(each.groups),
        violations=tuple(found.violation.value for found in verdict.violations),
        reasons=tuple(reason.code.value for reason in verdict.reasons),
        inconclusive=tuple(
            found.method.value
            for found in judgement.findings
            if found.status is FindingStatus.INCONCLUSIVE
        ),
        failed=tuple(
            found.method.value
            for found in judgement.findings
            if found.status is FindingStatus.FAILED
        ),
        total_ms=round(total_ms, 2),
        timings_ms={name: round(ms, 2) for name, ms in judgement.timings_ms.items()},
    )


def _refused(each: ExpectedDecision, refused: Refused) -> FileDecision:
    return FileDecision(
        path=each.path,
        expected=each.expected,
        action=REFUSED,
        surface=each.surface.value,
        teen=each.teen,
        groups=dict(each.groups),
        reasons=(refused.code.value,),
    )


def _key(path: str, surface: str, teen: bool) -> str:
    return f"{path}\0{surface}\0{teen}"


def _violations(files: Sequence[FileDecision]) -> tuple[ViolationRow, ...]:
    names = sorted({name for file in files for name in file.violations})
    rows = []
    for name in names:
        found = [file for file in files if name in file.violations]
        by_expected = Counter(file.expected for file in found)
        rows.append(ViolationRow(violation=name, files=len(found), by_expected=dict(by_expected)))
    return tuple(rows)


def _not_judging(files: Sequence[FileDecision]) -> dict[str, dict[str, int]]:
    inconclusive = Counter(name for file in files for name in file.inconclusive)
    failed = Counter(name for file in files for name in file.failed)
    return {
        name: {"inconclusive": inconclusive[name], "failed": failed[name]}
        for name in sorted({*inconclusive, *failed})
    }
