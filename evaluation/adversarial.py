"""``--adversarial``: does a verdict survive what is done to pictures on their way?

Every picture is judged as it is and after each transform, by the whole engine: what changes in the
action, in each signal's score, and in the fingerprint.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from media_integrity.decision.policy import BankMatchPolicy, Policy
from media_integrity.fingerprints.pdq import Form, ViewHashes, hamming
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_image
from media_integrity.scanning.engine import Engine
from media_integrity.schema.enums import Action, AgeGroup, DetectionMethod
from media_integrity.schema.scans import UploadContext

from . import judging
from .about import About, NotRead, about
from .journal import Journal, Run
from .judging import Missing
from .manifest import REFUSED, Original, Table, originals
from .metrics import Interval, Measured, Shape, proportion, separation
from .transforms import TRANSFORMS

ORIGINAL = "original"

SEVERITY = {action.value: action.rank for action in Action} | {REFUSED: len(Action)}

Progress = Callable[[Sequence[Original]], Iterable[Original]]


class Judged(Shape):
    """One form of one picture through the engine."""

    transform: str
    action: str
    scores: dict[str, float]
    """By signal, where it measured."""
    pdq_distance: int | None = None
    """Bits that differ from the original's hash, of 256; None for the original itself."""
    pdq_distance_any_form: int | None = None
    """The least of all eight ways to turn the picture over, as the matcher looks for it."""
    pdq_quality: int | None = None


class FileForms(Shape):
    """A picture as it is and after each transform."""

    path: str
    label: int | None
    original: Judged | None
    """None where the file is no picture; ``cause`` says why."""
    forms: tuple[Judged, ...] = ()
    cause: str | None = None

    @property
    def key(self) -> str:
        return self.path


class ScoreChange(Shape):
    """One signal under one transform, over the pictures that it measured before and after."""

    signal: str
    n: int
    lost: int
    """Pictures that it measured before and not after."""
    median: float
    """Of score after minus score before."""
    largest_fall: float
    largest_rise: float
    auc: Interval
    """After the transform; null without labels of both kinds."""


class TransformRow(Shape):
    """One transform over all pictures."""

    transform: str
    means: str
    n: int
    unchanged: Interval
    """Share of pictures whose action stays."""
    milder: int
    stricter: int
    changes: dict[str, int]
    """``BLOCK to ALLOW`` and the like, the same action left out."""
    pdq_n: int
    """Pictures with enough detail for their fingerprints to be compared at all."""
    pdq_median: float | None
    pdq_largest: int | None
    pdq_missed: Interval
    """Share of them that are no match as they are: too far away, or too little detail left."""
    pdq_missed_any_form: Interval
    """The same with all eight ways to turn a picture over, which is how the matcher looks."""
    scores: tuple[ScoreChange, ...]


class AdversarialReport(Shape):
    """``report.json`` of ``--adversarial``."""

    mode: str
    signal: str | None
    n: int
    """Pictures that were judged in every form."""
    originals: dict[str, Interval]
    """AUC of each signal before any transform, where labels allow it."""
    match_at_most: int
    """Bits."""
    match_quality: int
    """PDQ quality below which the matcher compares nothing."""
    transforms: tuple[TransformRow, ...]
    files: tuple[FileForms, ...]
    missing: tuple[str, ...]
    not_judged: dict[str, int]
    missing_causes: tuple[NotRead, ...]
    about: About


def measure(
    table: Table,
    policy: Policy,
    method: DetectionMethod | None,
    *,
    folder: Path | None,
    resume: bool,
    progress: Progress,
) -> tuple[list[FileForms], list[NotRead]]:
    """Every picture in every form, and the files that are not there.

    Raises:
        EvaluationError: a fault of the manifest, weights that are missing, a folder in use.
    """
    run = Run.of(
        table,
        policy,
        mode="adversarial",
        signal=method.value if method else None,
        version=",".join(transform.name for transform in TRANSFORMS),
    )
    wanted = originals(table)
    journal = Journal(folder, run, FileForms, resume=resume)
    done = {result.key for result in journal.results}
    engine = judging.whole_engine(policy)
    missing: list[NotRead] = []
    for each in progress([each for each in wanted if each.path not in done]):
        try:
            data = judging.load(each.file, policy.limits.media.image.max_bytes)
            journal.add(_forms(engine, each, data, policy, method))
        except Missing as error:
            missing.append(NotRead(path=each.path, cause=str(error)))
        except Refused as refused:
            journal.add(_not_judged(each, refused.code.value))
        except TooMuchToCheck as held:
            journal.add(_not_judged(each, held.code.value))
    order = {each.path: place for place, each in enumerate(wanted)}
    return sorted(journal.results, key=lambda result: order[result.path]), missing


def report(
    table: Table,
    policy: Policy,
    method: DetectionMethod | None,
    files: Sequence[FileForms],
    missing: Sequence[NotRead],
    *,
    resamples: int,
    seed: int,
) -> AdversarialReport:
    """All tables."""
    judged = [file for file in files if file.original is not None]
    signals = sorted({name for file in judged for name in _original(file).scores})
    before = {
        name: _auc([(file, _original(file)) for file in judged], name, resamples, seed)
        for name in signals
    }
    return AdversarialReport(
        mode="adversarial",
        signal=method.value if method else None,
        n=len(judged),
        originals={name: auc for name, auc in before.items() if auc.value is not None},
        match_at_most=policy.bank_match.max_distance,
        match_quality=policy.bank_match.min_quality,
        transforms=tuple(
            _row(place, judged, signals, policy.bank_match, resamples, seed)
            for place in range(len(TRANSFORMS))
            if judged
        ),
        files=tuple(files),
        missing=tuple(each.path for each in missing),
        not_judged=dict(Counter(file.cause or "" for file in files if file.original is None)),
        missing_causes=tuple(missing),
        about=about(
            manifest=table.name,
            manifest_sha256=table.sha256,
            policy_version=policy.version,
            seed=seed,
            resamples=resamples,
        ),
    )


def _forms(
    engine: Engine, each: Original, data: bytes, policy: Policy, method: DetectionMethod | None
) -> FileForms:
    rgb = open_image(data, policy.limits.media.image).views[0].rgb
    context = UploadContext(
        surface=each.surface, age_group=AgeGroup.TEEN if each.teen else AgeGroup.ADULT
    )
    original, hashes = _judged(engine, ORIGINAL, data, context, None, method)
    forms = [
        _judged(engine, transform.name, transform.make(rgb), context, hashes, method)[0]
        for transform in TRANSFORMS
    ]
    return FileForms(
        path=each.path,
        label=None if each.label is None else int(each.label),
        original=original,
        forms=tuple(forms),
    )


def _judged(
    engine: Engine,
    name: str,
    data: bytes,
    context: UploadContext,
    original: ViewHashes | None,
    method: DetectionMethod | None,
) -> tuple[Judged, ViewHashes | None]:
    try:
        judgement = engine.judge(data, context)
    except Refused:
        return Judged(transform=name, action=REFUSED, scores={}), None
    except Exception:  # noqa: BLE001  such an upload is held when its tries are used up
        return Judged(transform=name, action=Action.REVIEW.value, scores={}), None
    scores = {}
    for finding in judgement.findings:
        judging.refuse_missing_model(finding)
        found = judging.score(finding)
        if found is not None and method in {None, finding.method}:
            scores[finding.method.value] = found
    hashes = judgement.fingerprints.views[0] if judgement.fingerprints is not None else None
    bits: list[int | None] = [None, None]
    if original is not None and hashes is not None:
        bits = [
            hamming(original.forms[Form.ORIGINAL], hashes.forms[Form.ORIGINAL]),
            min(hamming(original.forms[Form.ORIGINAL], form) for form in hashes.forms.values()),
        ]
    return Judged(
        transform=name,
        action=judgement.verdict.action.value,
        scores=scores,
        pdq_distance=bits[0],
        pdq_distance_any_form=bits[1],
        pdq_quality=hashes.quality if hashes is not None else None,
    ), hashes


def _not_judged(each: Original, cause: str) -> FileForms:
    label = None if each.label is None else int(each.label)
    return FileForms(path=each.path, label=label, original=None, cause=cause)


def _original(file: FileForms) -> Judged:
    assert file.original is not None
    return file.original


def _row(
    place: int,
    judged: Sequence[FileForms],
    signals: Sequence[str],
    match: BankMatchPolicy,
    resamples: int,
    seed: int,
) -> TransformRow:
    transform = TRANSFORMS[place]
    moves = [(_original(file).action, file.forms[place].action) for file in judged]
    ranks = [(SEVERITY[was], SEVERITY[now]) for was, now in moves]
    hashed = [
        file.forms[place]
        for file in judged
        if (_original(file).pdq_quality or 0) >= match.min_quality
    ]
    plain = [form.pdq_distance for form in hashed if form.pdq_distance is not None]
    matched = [form for form in hashed if (form.pdq_quality or 0) >= match.min_quality]
    near = sum(_near(form.pdq_distance, match) for form in matched)
    near_turned = sum(_near(form.pdq_distance_any_form, match) for form in matched)
    return TransformRow(
        transform=transform.name,
        means=transform.means,
        n=len(judged),
        unchanged=proportion(sum(was == now for was, now in moves), len(moves)),
        milder=sum(now < was for was, now in ranks),
        stricter=sum(now > was for was, now in ranks),
        changes=dict(Counter(f"{was} to {now}" for was, now in moves if was != now)),
        pdq_n=len(hashed),
        pdq_median=float(np.median(plain)) if plain else None,
        pdq_largest=max(plain, default=None),
        pdq_missed=proportion(len(hashed) - near, len(hashed)),
        pdq_missed_any_form=proportion(len(hashed) - near_turned, len(hashed)),
        scores=tuple(_changes(place, judged, signals, resamples, seed)),
    )


def _near(bits: int | None, match: BankMatchPolicy) -> bool:
    return bits is not None and bits <= match.max_distance


def _changes(
    place: int, judged: Sequence[FileForms], signals: Sequence[str], resamples: int, seed: int
) -> Iterator[ScoreChange]:
    for name in signals:
        before = [(file, file.forms[place]) for file in judged if name in _original(file).scores]
        after = [(file, form) for file, form in before if name in form.scores]
        if not after:
            continue
        deltas = [form.scores[name] - _original(file).scores[name] for file, form in after]
        yield ScoreChange(
            signal=name,
            n=len(after),
            lost=len(before) - len(after),
            median=float(np.median(deltas)),
            largest_fall=min(0.0, *deltas),
            largest_rise=max(0.0, *deltas),
            auc=_auc(after, name, resamples, seed),
        )


def _auc(
    forms: Sequence[tuple[FileForms, Judged]], name: str, resamples: int, seed: int
) -> Interval:
    known = [
        (bool(file.label), form.scores[name])
        for file, form in forms
        if file.label is not None and name in form.scores
    ]
    measured = Measured.of([label for label, _ in known], [score for _, score in known])
    return separation(measured, resamples=resamples, seed=seed).auc
