"""The demo's second act: what the person in the picture decides.

Five people, each with an app of their own: one uploads, one is shown, three moderate. What they do
they do over the client REST APIs and the callables, so rules and functions decide as in production.
Every line says what holds; one that does not hold is marked and makes the demo fail.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from media_integrity.scanning.intake import job_id
from media_integrity.schema.appeals import Appeal
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.consent import ConsentRequest
from media_integrity.schema.enums import CaseStatus, ScanState
from media_integrity.schema.notifications import Notification
from media_integrity.schema.reports import Report, Takedown
from media_integrity.schema.scans import ScanJob
from media_integrity.schema.shields import Shield

from .client import Absent, App, Denied, Fields, Person, Query, Refused, app_of, sign_up, wait_for
from .http import Answered
from .samples import Crop, notice, portrait
from .stack import Addresses

WITHIN_S = 120.0
DRAFT_BYTES = 12

CLAIM = "She posted this publicly, so I can use it."
APPEAL = (
    "I wrote down the message that I was sent, to warn my friends of it. I threaten nobody, and "
    "nobody is shown in it."
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried, and whether it came out as it must."""

    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class One:
    """A person and their app."""

    person: Person
    app: App

    @classmethod
    def signed_up(cls, addresses: Addresses, name: str, **claims: bool) -> One:
        person = sign_up(addresses, name, ageGroup="adult", **claims)
        return cls(person, app_of(addresses, person))

    @property
    def uid(self) -> str:
        return self.person.uid

    def upload(self, data: bytes, name: str, *, until: ScanState | None = None) -> ScanJob:
        """Upload, and wait for the verdict, or for the state named."""
        path = f"uploads/{self.uid}/{secrets.token_hex(8)}/{name}"
        kind = "image/png" if name.endswith("png") else "image/jpeg"
        stored = self.app.storage.upload(path, data, kind)
        identity = job_id(self.app.stack.bucket, path, int(stored.generation))
        return self.job(identity, until)

    def job(self, identity: str, until: ScanState | None = None) -> ScanJob:
        """The own job, once it is final, or in the state named."""

        def reached() -> ScanJob | None:
            try:
                fields = self.app.firestore.get(ScanJob.path_of(identity)).fields
            except (Absent, Denied):
                return None
            job = ScanJob.from_firestore(identity, dict(fields))
            return job if (job.state is until if until else job.state.final) else None

        return wait_for(reached, within_s=WITHIN_S, what=f"job {until or 'finished'}")

    def sees(self, path: str | None) -> bool:
        """Whether this person can load an object."""
        if path is None:
            return False
        try:
            self.app.storage.download(path)
        except (Denied, Absent):
            return False
        return True

    def reads(self, path: str) -> Fields | None:
        try:
            return self.app.firestore.get(path).fields
        except (Denied, Absent):
            return None

    def told(self, kind: str) -> bool:
        """Whether this person is told something, within a while."""

        def found() -> bool:
            query = Query(Notification.collection, [("userId", "==", self.uid)])
            return any(each.fields["kind"] == kind for each in self.app.firestore.query(query))

        try:
            return wait_for(found, within_s=WITHIN_S, what=f"the notification {kind}")
        except TimeoutError:
            return False

    def refused(self, function: str, data: object) -> str:
        """The code with which a call is refused; empty if it is not."""
        try:
            self.app.call(function, data)
        except Refused as refusal:
            return refusal.code
        return ""


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part."""

    uploader: One
    shown: One
    first: One
    second: One
    outsider: One
    jobs: dict[str, ScanJob] = field(default_factory=dict)


def second_act(addresses: Addresses) -> Iterator[tuple[str, Iterator[Step]]]:
    """The scenes, each with its steps; a step is tried when it is asked for."""
    people = People(
        uploader=One.signed_up(addresses, "uploader"),
        shown=One.signed_up(addresses, "shown"),
        first=One.signed_up(addresses, "moderator-1", moderator=True),
        second=One.signed_up(addresses, "moderator-2", moderator=True),
        outsider=One.signed_up(addresses, "outsider"),
    )
    scenes: tuple[tuple[str, Callable[[People], Iterator[Step]]], ...] = (
        ("Consent: a picture of somebody else", consent),
        ("A shield: the same person has had enough", shield),
        ("An appeal: a moderator was wrong", appeal),
        ("A report: media is taken down", report),
    )
    for title, scene in scenes:
        yield title, _tried(scene(people))


def _tried(steps: Iterator[Step]) -> Iterator[Step]:
    """A scene that breaks off has failed; the next one is played all the same."""
    try:
        yield from steps
    except (TimeoutError, Refused, Answered, KeyError) as error:
        yield Step(f"broke off: {type(error).__name__} {str(error)[:160]}", False)


def consent(people: People) -> Iterator[Step]:
    uploader, shown = people.uploader, people.shown
    job = uploader.upload(portrait(Crop.WHOLE), "portrait.jpg")
    yield Step("a picture of a person waits for that person", job.state.value == "AWAITING_CONSENT")
    yield Step("nobody can load it meanwhile", not shown.sees(job.source.name))

    claimed = uploader.app.call(
        "verify_media_consent", {"jobId": job.id, "basis": "explicit", "statement": CLAIM}
    )
    yield Step("“she posted this publicly” is no consent", claimed["status"] == "awaiting")

    uploader.app.call(
        "request_consent_confirmation", {"jobId": job.id, "people": [{"userId": shown.uid}]}
    )
    yield Step("the person shown is told that they are asked", shown.told("consent_requested"))
    asked = shown.app.firestore.query(
        Query(ConsentRequest.collection, [("subjectId", "==", shown.uid)])
    )
    answer = {"requestId": asked[0].id, "answer": "confirm"}
    yield Step(
        "somebody else cannot answer for them",
        bool(people.outsider.refused("respond_to_consent_request", answer)),
    )
    shown.app.call("respond_to_consent_request", answer)
    published = uploader.job(job.id, ScanState.PUBLISHED)
    yield Step("they agree, and it is published", people.outsider.sees(published.published_path))

    shown.app.call("withdraw_consent", {"jobId": job.id})
    yield Step(
        "they take it back, and it is gone at once",
        not people.outsider.sees(published.published_path),
    )


def shield(people: People) -> Iterator[Step]:
    uploader, shown = people.uploader, people.shown
    made = shown.app.call("create_victim_shield", {"level": "enhanced"})
    shield_id = str(made["shieldId"])
    shown.app.call(
        "add_shield_reference",
        {"shieldId": shield_id, "content": base64.b64encode(portrait(Crop.SELFIE)).decode()},
        timeout_s=WITHIN_S,
    )
    standing = shown.reads(Shield.path_of(shield_id)) or {}
    yield Step("a shield stands over a face", standing.get("status") == "active")
    yield Step("nobody else reads it", uploader.reads(Shield.path_of(shield_id)) is None)

    job = uploader.upload(portrait(Crop.CLOSE), "close.jpg")
    yield Step("another picture of that face is held", job.state is ScanState.HELD)
    case = uploader.reads(Case.path_of(job.id))
    hidden = uploader.reads(CaseDetails.path_below(job.id, CaseDetails.DETAILS_ID))
    yield Step(
        "the uploader sees the case, and nothing of whom it shows",
        case is not None
        and hidden is None
        and shown.uid not in str(case)
        and shield_id not in str(case),
    )
    yield Step("the person shown is told", shown.told("shield_media_held"))

    shown.app.call("answer_shield_match", {"caseId": job.id, "answer": "refuse"})
    people.first.app.call("claim_case", {"caseId": job.id})
    if people.first.reads(Case.path_of(job.id)) is not None and (
        uploader.job(job.id).state is ScanState.HELD
    ):
        people.first.app.call(
            "decide_case",
            {"caseId": job.id, "outcome": "block", "why": "The person shown does not want it."},
        )
    blocked = uploader.job(job.id, ScanState.BLOCKED)
    yield Step("they say no, and it is blocked", not uploader.sees(blocked.source.name))
    counts = shown.reads(Shield.path_of(shield_id))
    statistics = counts["statistics"] if counts else None
    yield Step(
        "their shield counts it", isinstance(statistics, dict) and bool(statistics["mediaHeld"])
    )


def appeal(people: People) -> Iterator[Step]:
    uploader = people.uploader
    job = uploader.upload(notice(), "notice.png")
    yield Step("a written threat is held for a moderator", job.state is ScanState.HELD)
    people.first.app.call("claim_case", {"caseId": job.id})
    people.first.app.call(
        "decide_case",
        {"caseId": job.id, "outcome": "block", "why": "This reads like a threat to a person."},
    )
    uploader.job(job.id, ScanState.BLOCKED)
    explained = uploader.app.call("explain_decision", {"caseId": job.id})
    yield Step("the uploader gets the decision explained", bool(explained.get("text")))

    fields: Fields = {
        "caseId": job.id,
        "uploaderId": uploader.uid,
        "reason": "not_synthetic",
        "explanation": APPEAL,
        "evidencePaths": [],
        "status": "pending",
    }
    uploader.app.firestore.create_now(Appeal.path_of(job.id), fields, "createdAt")
    yield Step("an appeal is received", uploader.told("appeal_received"))
    take = {"appealId": job.id, "action": "take"}
    yield Step(
        "who decided cannot hear it",
        bool(people.first.refused("process_media_integrity_appeal", take)),
    )
    people.second.app.call("process_media_integrity_appeal", take)
    people.second.app.call(
        "process_media_integrity_appeal",
        {
            "appealId": job.id,
            "action": "overturn",
            "reason": "You warn of a threat and make none. We are sorry.",
        },
    )
    published = uploader.job(job.id, ScanState.PUBLISHED)
    yield Step("another moderator overturns, and it is published", uploader.sees(_at(published)))
    case = uploader.reads(Case.path_of(job.id))
    overturned = case is not None and case["status"] == CaseStatus.OVERTURNED.value
    yield Step("the case says so", overturned)
    yield Step("the uploader is told", uploader.told("appeal_decided"))
    people.jobs["published"] = published


def report(people: People) -> Iterator[Step]:
    uploader, shown, job = people.uploader, people.shown, people.jobs["published"]
    elsewhere = "https://video.example.com/watch/4711"
    made = shown.app.call(
        "submit_report",
        {
            "draftId": secrets.token_urlsafe(DRAFT_BYTES),
            "kind": "ncii",
            "media": [{"jobId": job.id}, {"url": elsewhere}],
            "description": "It is about me, and I never agreed.",
            "victim": {"name": "Demo Person", "mail": "demo@example.com"},
            "statement": {
                "capacity": "depicted",
                "notConsensual": True,
                "goodFaith": True,
                "signature": "Demo Person",
            },
        },
    )
    yield Step("media of this app is taken down at once", not uploader.sees(_at(job)))
    report_path = Report.path_of(str(made["reportId"]))
    yield Step("who reported is hidden from the uploader", uploader.reads(report_path) is None)
    listed = shown.app.firestore.query(
        Query(Takedown.collection, [("reporterId", "==", shown.uid)])
    )
    states = {str(each.fields["media"]["platform"]): each for each in listed}  # type: ignore[index,call-overload]
    own = states.pop("own_app")
    yield Step("its takedown is done", own.fields["state"] == "removed")
    (other,) = states.values()
    yield Step("for the other site a letter is ready", other.fields["state"] == "prepared")
    people.first.app.call("send_takedown", {"takedownId": other.id})
    sent = shown.app.firestore.get(other.path).fields
    due = sent["dueAt"]
    yield Step(
        "a moderator sends it, and the 48 hours run",
        sent["state"] == "requested" and isinstance(due, datetime) and due > datetime.now(UTC),
    )
    people.first.app.call(
        "record_takedown_reply",
        {"takedownId": other.id, "state": "removed", "text": "It is not there any more."},
    )
    yield Step("the person who reported is told of the answer", shown.told("takedown_changed"))


def _at(job: ScanJob) -> str | None:
    return job.published_path
