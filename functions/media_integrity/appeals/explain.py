"""Says what was decided on an upload, why, and what can be done: to uploaders and to those shown.

It is the statement of reasons of Article 17 of the Digital Services Act and the information of
Articles 15(1)(h) and 22(3) GDPR. It decides nothing and changes nothing.

What may not be told is left out where documents are read (``disclosed``, ``Told``, ``ToldShown``),
so that no sentence can come by it: who is shown, who reported, which entry or shield was near and
how near, device, address, moderators; to who is shown, everything about the uploader. Two decisions
that differ in such things alone are explained in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from media_integrity.cloud.firestore import Store
from media_integrity.moderation.outcomes import appeals_until
from media_integrity.schema.appeals import Appeal, AppealStatus
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.cases import Case, CaseDecision, CaseDetails, Evidence
from media_integrity.schema.enforcement import EnforcementRecord
from media_integrity.schema.enums import (
    Action,
    CaseStatus,
    DetectionMethod,
    FindingStatus,
    Sanction,
    ScanState,
    Violation,
)
from media_integrity.schema.errors import NotFound
from media_integrity.schema.notifications import Language
from media_integrity.schema.scans import ReasonCode, ScanJob

from .explain_texts import Audience, SectionCode, sentence

Method = DetectionMethod
Code = ReasonCode


Values = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that is told. ``code`` and ``values`` are for programs, ``text`` is for people."""

    code: str
    text: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    code: SectionCode
    title: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A whole explanation."""

    case_id: CaseId
    audience: Audience
    language: Language
    decided_at: datetime
    """When the upload was judged first."""
    sections: tuple[Section, ...]

    @property
    def text(self) -> str:
        """All of it as plain text: a title, then a line for each point."""
        parts = (
            "\n".join([section.title, *(f"- {point.text}" for point in section.points)])
            for section in self.sections
        )
        return "\n\n".join(parts) + "\n"


# ---- What may be told

COMPARED: Mapping[Method, frozenset[Code]] = {
    Method.BANK_MATCH: frozenset({Code.BANK_MATCH_CONFIRMED, Code.BANK_MATCH_UNCONFIRMED}),
    Method.IDENTITY_MORPHING: frozenset({Code.IDENTITY_MORPHED}),
    Method.NUDITY_SYNTHESIS: frozenset({Code.SEXUAL_AI_NUDITY, Code.SEXUAL_DEEPFAKE}),
    Method.VOICE: frozenset({Code.VOICE_SYNTHETIC, Code.CONFESSION_AUDIO}),
}
"""Checks whose result or threshold depends on what other people have given us for their protection,
and the reasons that say that they counted. Nothing is told of them but what such a reason says; of
the others it is not even said that they did not count."""

CARDS = frozenset(
    {
        Method.COMPRESSION,
        Method.DOCUMENT,
        Method.FACE_MANIPULATION,
        Method.FACES,
        Method.IDENTITY_MORPHING,
        Method.METADATA,
        Method.NUDITY,
        Method.NUDITY_SYNTHESIS,
        Method.PROVENANCE,
        Method.SYNTHETIC_IMAGE,
        Method.TEXT,
        Method.VIDEO,
        Method.VOICE,
    }
)
"""Checks that have a card in ``docs/models``."""

BY_MODERATOR = frozenset({Code.LOOKED_AT, Code.MODERATED})

PEOPLE_SHOWN = frozenset(
    {
        Code.PROTECTED_REFUSED,
        Code.CONSENT_REFUSED,
        Code.CONSENT_EXPIRED,
        Code.CONSENT_WITHDRAWN,
    }
)
"""Reasons that are the word of a person shown, or that it is missing."""

BY_PEOPLE = PEOPLE_SHOWN | {Code.REPORTED}
"""Reasons that rest on what somebody told us."""


@dataclass(frozen=True, slots=True)
class Check:
    """What may be told of one check. Percentages are whole numbers, 0 to 99."""

    method: Method
    counted: bool
    status: FindingStatus = FindingStatus.MEASURED
    version: str | None = None
    model: str | None = None
    percent: int | None = None
    threshold: int | None = None
    supported: bool = False
    """It passed its threshold with other checks' support only."""

    @property
    def compared(self) -> bool:
        return self.method in COMPARED


def disclosed(evidence: Iterable[Evidence], codes: frozenset[Code]) -> tuple[Check, ...]:
    """What may be told of the checks behind a verdict whose reasons are ``codes``. Pure.

    Of a check in ``COMPARED`` only whether a reason that was told rests on it.
    """
    lines = {line.method: line for line in evidence}
    checks = []
    for method in Method:
        line = lines.get(method)
        if line is None:
            continue
        if method in COMPARED:
            checks.append(Check(method, counted=bool(codes & COMPARED[method])))
        else:
            checks.append(_check(line))
    return tuple(checks)


def _check(line: Evidence) -> Check:
    value = line.probability if line.probability is not None else line.score
    told = line.counted and value is not None and line.status is FindingStatus.MEASURED
    return Check(
        method=line.method,
        counted=line.counted,
        status=line.status,
        version=line.version,
        model=line.model.name if line.model is not None else None,
        percent=_percent(value) if told else None,
        threshold=_percent(line.threshold) if told and line.threshold is not None else None,
        supported=bool(
            told and line.threshold is not None and value is not None and value < line.threshold
        ),
    )


def _percent(value: float | None) -> int:
    return min(99, round(100 * (value or 0.0)))


class Outcome(StrEnum):
    """What has become of an upload; the keys of its sentences."""

    HELD = "held"
    BLOCKED = "blocked"
    RELEASED = "released"
    KEPT_BACK = "kept_back"  # the decision is undone, and a person shown has said no
    CLOSED = "closed"
    AWAITING = "awaiting"
    PUBLISHED = "published"
    BLURRED = "blurred"

    @property
    def visible(self) -> bool:
        return self in {Outcome.RELEASED, Outcome.PUBLISHED, Outcome.BLURRED}


@dataclass(frozen=True, slots=True)
class Told:
    """Everything about a decision that its uploader may know."""

    case_id: CaseId
    outcome: Outcome
    status: CaseStatus | None
    """None: no case; the upload was published or waits for those shown."""
    codes: tuple[Code, ...]
    violations: tuple[Violation, ...]
    checks: tuple[Check, ...]
    sanction: Sanction
    needs_confirmation: bool
    policy_version: str
    judged_at: datetime
    decision: CaseDecision | None = None
    """A moderator's that stands."""
    appealable: bool = False
    appeal_until: datetime | None = None
    appeals_closed_until: datetime | None = None
    appeal: AppealStatus | None = None
    appeal_answer: str | None = None

    @classmethod
    def of_case(
        cls,
        case: Case,
        details: CaseDetails | None,
        appeal: Appeal | None,
        record: EnforcementRecord | None,
    ) -> Told:
        """Of a case. Of ``details`` only what ``disclosed`` lets through."""
        codes = tuple(dict.fromkeys(told.code for told in case.explanation))
        answer = appeal.decision if appeal is not None else None
        return cls(
            case_id=CaseId(case.id),
            outcome=_outcome(case),
            status=case.status,
            codes=codes,
            violations=tuple(found.violation for found in case.violations),
            checks=disclosed(details.evidence if details is not None else (), frozenset(codes)),
            sanction=case.sanction,
            needs_confirmation=case.needs_confirmation,
            policy_version=case.policy_version,
            judged_at=case.created_at,
            decision=_standing(case),
            appealable=case.appealable,
            appeal_until=appeals_until(case),
            appeals_closed_until=record.appeals_closed_until if record is not None else None,
            appeal=appeal.status if appeal is not None else None,
            appeal_answer=answer.reason if answer is not None else None,
        )

    @classmethod
    def of_job(cls, job: ScanJob) -> Told | None:
        """Of an upload without a case; None while there is no verdict on it."""
        if job.verdict is None:
            return None
        outcomes = {Action.ALLOW: Outcome.PUBLISHED, Action.BLUR: Outcome.BLURRED}
        awaiting = job.state is ScanState.AWAITING_CONSENT
        outcome = Outcome.AWAITING if awaiting else outcomes.get(job.verdict.action)
        if outcome is None or (not awaiting and job.state is not ScanState.PUBLISHED):
            return None
        return cls(
            case_id=CaseId(job.id),
            outcome=outcome,
            status=None,
            codes=tuple(dict.fromkeys(told.code for told in job.verdict.reasons)),
            violations=(),
            checks=(),
            sanction=Sanction.NONE,
            needs_confirmation=False,
            policy_version=job.verdict.policy_version,
            judged_at=job.created_at,
        )


@dataclass(frozen=True, slots=True)
class ToldShown:
    """Everything about a decision that a person shown may know: nothing of the uploader."""

    case_id: CaseId
    outcome: Outcome
    violations: tuple[Violation, ...]
    by_person: bool
    in_review: bool
    policy_version: str
    judged_at: datetime

    @classmethod
    def of_case(cls, case: Case) -> ToldShown:
        return cls(
            case_id=CaseId(case.id),
            outcome=_outcome(case),
            violations=tuple(found.violation for found in case.violations),
            by_person=_standing(case) is not None,
            in_review=case.status in {CaseStatus.OPEN, CaseStatus.IN_REVIEW},
            policy_version=case.policy_version,
            judged_at=case.created_at,
        )


def _standing(case: Case) -> CaseDecision | None:
    """A moderator's decision, unless what it rested on fell away since."""
    decision, reopened = case.decision, case.reopened_at
    if decision is not None and reopened is not None and decision.decided_at < reopened:
        return None
    return decision


def _outcome(case: Case) -> Outcome:
    if case.status is CaseStatus.OVERTURNED:
        decision = _standing(case)
        kept_back = decision is not None and not decision.published
        return Outcome.KEPT_BACK if kept_back else Outcome.RELEASED
    if case.action is Action.BLOCK:
        return Outcome.BLOCKED
    return Outcome.CLOSED if case.status is CaseStatus.CLOSED else Outcome.HELD


# ---- Reading it

NOTHING = "There is no decision of this id that you could be told about."


def explain(
    case_id: CaseId, asks: UserId, language: Language, store: Store, now: datetime
) -> Explanation:
    """The explanation of a decision, for who uploaded or is shown.

    Raises:
        NotFound: there is none, or it does not concern who asks; which of the two is not told.
    """
    case = store.get(Case, case_id)
    if case is None:
        job = store.get(ScanJob, case_id)
        told = Told.of_job(job) if job is not None and job.uploader_id == asks else None
        if told is None:
            raise NotFound(NOTHING)
        return for_uploader(told, language, now)
    details = store.get_below(CaseDetails, case_id, CaseDetails.DETAILS_ID)
    if case.uploader_id == asks:
        appeal = store.get(Appeal, case_id)
        record = store.get(EnforcementRecord, asks)
        return for_uploader(Told.of_case(case, details, appeal, record), language, now)
    if details is not None and asks in details.victim_ids:
        return for_shown(ToldShown.of_case(case), language)
    raise NotFound(NOTHING)


# ---- Putting it into words


def for_uploader(told: Told, language: Language, now: datetime) -> Explanation:
    """The explanation for who uploaded. Pure."""
    words = _Words(language)
    sections = {
        SectionCode.DECISION: _decision(told, words),
        SectionCode.FACTS: (words.point("reason", code) for code in told.codes),
        SectionCode.AUTOMATION: _automation(told, words),
        SectionCode.COUNTED: _counted(told, words),
        SectionCode.NOT_COUNTED: _not_counted(told, words),
        SectionCode.RULE: _rule(told.policy_version, told.violations, words),
        SectionCode.CONSEQUENCES: _consequences(told, words),
        SectionCode.REMEDIES: _remedies(told, words, now),
        SectionCode.NOT_DISCLOSED: _not_disclosed(told, words),
    }
    return words.explanation(told.case_id, Audience.UPLOADER, told.judged_at, sections)


def for_shown(told: ToldShown, language: Language) -> Explanation:
    """The explanation for a person shown: what was done with the media. Pure."""
    words = _Words(language)
    visible = told.outcome is Outcome.RELEASED
    sections = {
        SectionCode.DECISION: _decision_shown(told, words),
        SectionCode.AUTOMATION: _automation_shown(told, words),
        SectionCode.RULE: _rule(told.policy_version, told.violations, words, ground=False),
        SectionCode.CONSEQUENCES: [words.point("shown", "visible" if visible else "hidden")],
        SectionCode.REMEDIES: (
            words.point("shown", key) for key in ("answer", "report", "shield", "human")
        ),
        SectionCode.NOT_DISCLOSED: (words.point("shown", key) for key in ("uploader", "numbers")),
    }
    return words.explanation(told.case_id, Audience.SHOWN, told.judged_at, sections)


class _Words:
    """Makes points in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def point(self, group: str, key: str, **values: str | int) -> Point:
        """The sentence ``key``, which is its code too. ``values`` go into both."""
        return Point(key, self(group, key, **values), values)

    def __call__(self, group: str, key: str, **values: str | int) -> str:
        return sentence(self._language, group, key, **values)

    def explanation(
        self,
        case_id: CaseId,
        audience: Audience,
        judged_at: datetime,
        sections: Mapping[SectionCode, Iterable[Point]],
    ) -> Explanation:
        made = ((code, tuple(points)) for code, points in sections.items())
        return Explanation(
            case_id=case_id,
            audience=audience,
            language=self._language,
            decided_at=judged_at,
            sections=tuple(
                Section(code, self("title", code), points) for code, points in made if points
            ),
        )


def _decision(told: Told, words: _Words) -> Iterator[Point]:
    yield words.point("decision", told.outcome, date=_date(told.judged_at))
    if told.decision is not None:
        yield words.point("decision", "moderator_wrote", reason=told.decision.reason)
    if told.appeal_answer is not None:
        yield words.point("decision", "appeal_answered", reason=told.appeal_answer)


def _decision_shown(told: ToldShown, words: _Words) -> Iterator[Point]:
    keys = {
        Outcome.BLOCKED: "blocked",
        Outcome.RELEASED: "released",
        Outcome.HELD: "held",
    }
    yield words.point("shown", keys.get(told.outcome, "kept_back"), date=_date(told.judged_at))


def _automation(told: Told, words: _Words) -> Iterator[Point]:
    codes = frozenset(told.codes)
    found = _found_by(codes)
    yield words.point("automation", f"found_by_{found}")
    if told.decision is not None or told.status in {CaseStatus.UPHELD, CaseStatus.OVERTURNED}:
        yield words.point("automation", "person_decided")
    elif told.status is CaseStatus.IN_REVIEW:
        yield words.point("automation", "person_looks")
    elif told.outcome is Outcome.AWAITING or (codes and codes <= PEOPLE_SHOWN):
        yield words.point("automation", "people_shown_decided")
    elif told.outcome is Outcome.HELD:
        yield words.point("automation", "machine_held")
    else:
        yield words.point("automation", "machine_decided")
    yield words.point("automation", "logic_people" if found == "people" else "logic")


def _automation_shown(told: ToldShown, words: _Words) -> Iterator[Point]:
    yield words.point("shown", "found_by_comparison")
    if told.by_person:
        yield words.point("automation", "person_decided")
    elif told.in_review:
        yield words.point("automation", "machine_held")
    else:
        yield words.point("shown", "machine_decided")


def _found_by(codes: frozenset[Code]) -> str:
    if not codes:
        return "checks"
    if codes == {Code.ORIGIN_WATCHED}:
        return "rule"
    if codes <= BY_MODERATOR:
        return "moderator"
    if codes <= BY_PEOPLE | BY_MODERATOR:
        return "people"
    return "both" if codes & BY_PEOPLE else "checks"


def _counted(told: Told, words: _Words) -> Iterator[Point]:
    counted = [check for check in told.checks if check.counted]
    for check in counted:
        yield _result(check, words)
    if not counted:
        yield words.point("result", "none_counted" if told.checks else "not_kept")


def _not_counted(told: Told, words: _Words) -> Iterator[Point]:
    for check in told.checks:
        if not check.counted and not check.compared:
            yield _result(check, words)


def _not_disclosed(told: Told, words: _Words) -> Iterator[Point]:
    for check in told.checks:
        if not check.counted and check.compared:
            yield _result(check, words)
    for key in ("people", "comparisons", "staff"):
        yield words.point("not_disclosed", key)


def _result(check: Check, words: _Words) -> Point:
    """What came of one check, and what made it."""
    values: dict[str, str | int] = {"method": check.method.value}
    gaps: dict[str, str | int] = {"check": words("check", check.method)}
    if check.percent is not None:
        values["percent"] = gaps["percent"] = check.percent
    if check.threshold is not None:
        values["threshold"] = gaps["threshold"] = check.threshold
    key = _result_key(check)
    texts = [words("result", key, **gaps)]
    if check.model is not None and check.version is not None:
        values |= {"version": check.version, "model": check.model}
        texts.append(words("result", "made_by", version=check.version, model=check.model))
    elif check.version is not None:
        values["version"] = check.version
        texts.append(words("result", "version", version=check.version))
    if check.counted and check.method in CARDS:
        values["card"] = check.method.value
        texts.append(words("result", "card", card=check.method))
    return Point(key, " ".join(texts), values)


def _result_key(check: Check) -> str:
    if check.compared:
        return "compared" if check.counted else "compared_untold"
    if not check.counted:
        return {
            FindingStatus.MEASURED: "below",
            FindingStatus.INCONCLUSIVE: "inconclusive",
            FindingStatus.FAILED: "failed",
        }[check.status]
    if check.status is not FindingStatus.MEASURED:
        return "no_result"
    if check.percent is None:
        return "fact"
    if check.threshold is None:
        return "number"
    return "with_others" if check.supported else "over_threshold"


def _rule(
    version: str, violations: tuple[Violation, ...], words: _Words, *, ground: bool = True
) -> Iterator[Point]:
    for violation in violations:
        yield words.point("rule", violation)
    if not violations:
        yield words.point("rule", "no_violation")
    yield words.point("rule", "policy", version=version)
    if ground:
        yield words.point("rule", "ground")


def _consequences(told: Told, words: _Words) -> Iterator[Point]:
    if told.outcome is Outcome.BLURRED:
        yield words.point("consequences", "visible_blurred")
    else:
        yield words.point("consequences", "visible" if told.outcome.visible else "hidden")
    if told.outcome in {Outcome.RELEASED, Outcome.KEPT_BACK}:
        yield words.point("consequences", "undone")
        return
    yield words.point("consequences", f"sanction_{told.sanction.value.lower()}")
    if told.needs_confirmation and told.sanction is not Sanction.NONE:
        yield words.point("consequences", "waits")


def _remedies(told: Told, words: _Words, now: datetime) -> Iterator[Point]:
    codes = frozenset(told.codes)
    if told.outcome is Outcome.AWAITING:
        yield words.point("remedies", "ask_people")
    elif told.outcome is Outcome.HELD:
        yield words.point("remedies", "wait")
    elif told.outcome in {Outcome.BLOCKED, Outcome.CLOSED, Outcome.KEPT_BACK}:
        yield from _appeal(told, words, now)
    if Code.CONSENT_EXPIRED in codes:
        yield words.point("remedies", "ask_again")
    elif codes & PEOPLE_SHOWN:
        yield words.point("remedies", "their_word")
    yield words.point("remedies", "human")
    yield words.point("remedies", "authority")


def _appeal(told: Told, words: _Words, now: datetime) -> Iterator[Point]:
    """What can be done by an appeal, in the order in which it would be refused."""
    closed, until = told.appeals_closed_until, told.appeal_until
    if told.appeal in {AppealStatus.PENDING, AppealStatus.IN_REVIEW}:
        yield words.point("remedies", "appeal_pending")
    elif told.appeal is not None:
        yield words.point("remedies", "appeal_answered")
    elif not told.appealable or until is None:
        yield words.point("remedies", "no_appeal")
    elif now > until:
        yield words.point("remedies", "appeal_over", until=_date(until))
    elif closed is not None and closed > now:
        yield words.point("remedies", "appeals_closed", until=_date(closed))
    else:
        yield words.point("remedies", "appeal_until", until=_date(until))


def _date(moment: datetime) -> str:
    """The day in UTC, in the form that is read alike everywhere."""
    return moment.date().isoformat()
