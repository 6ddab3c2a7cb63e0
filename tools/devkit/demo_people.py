"""The demo's second act: what the person in the picture decides.

Five people, each with an app of their own: one uploads, one is shown, three moderate. What they do
they do over the client REST APIs and the callables, so rules and functions decide as in production.
Every line says what holds; one that does not hold is marked and makes the demo fail.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from media_integrity.scanning.intake import job_id
from media_integrity.schema.appeals import Appeal
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.consent import ConsentRequest
from media_integrity.schema.enums import CaseStatus, ScanState
from media_integrity.schema.notifications import Notification
from media_integrity.schema.reports import Report, Takedown
from media_integrity.schema.scans import ScanJob
from media_integrity.schema.shields import Shield

from .client import (
    Absent,
    App,
    Denied,
    Fields,
    Person,
    Query,
    Refused,
    Stored,
    app_of,
    sign_up,
    wait_for,
)
from .http import Answered
from .samples import Crop, notice, portrait, saved_again, wall
from .stack import Addresses

WITHIN_S = 300.0
"""For anything to come about: the first call of a function waits for its instance to start, on a
busy machine for minutes."""

DRAFT_BYTES = 12

CLAIM = "She posted this publicly, so I can use it."
ELSEWHERE = "https://video.example.com/watch/4711"
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

    def denied(self, path: str) -> bool:
        """Whether the rules keep an object from this person; that there is none does not count."""
        try:
            self.app.storage.download(path)
        except Denied:
            return True
        except Absent:
            return False
        return False

    def reads(self, path: str) -> Fields | None:
        try:
            return self.app.firestore.get(path).fields
        except (Denied, Absent):
            return None

    def call(self, function: str, data: object) -> Mapping[str, object]:
        return self.app.call(function, data, timeout_s=WITHIN_S)

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
        """Why a call is refused: the product's code, else the status; empty if it is not."""
        try:
            self.call(function, data)
        except Refused as refusal:
            return refusal.code or refusal.status
        return ""


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part."""

    uploader: One
    shown: One
    first: One
    second: One
    outsider: One


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
    except (TimeoutError, Refused, Answered, KeyError, ValueError) as error:
        yield Step(f"broke off: {type(error).__name__} {str(error)[:160]}", False)


def consent(people: People) -> Iterator[Step]:
    uploader, shown = people.uploader, people.shown
    job = uploader.upload(portrait(Crop.WHOLE), "portrait.jpg")
    yield Step("a picture of a person waits for that person", job.state.value == "AWAITING_CONSENT")
    everybody = (uploader, shown, people.outsider, people.first)
    yield Step(
        "nobody can load it meanwhile", all(each.denied(job.source.name) for each in everybody)
    )

    claim = {"jobId": job.id, "basis": "explicit", "statement": CLAIM}
    yield Step(
        "“she posted this publicly” is refused: it is no consent",
        uploader.refused("verify_media_consent", claim) == "claim_posted_publicly"
        and uploader.job(job.id).state is ScanState.AWAITING_CONSENT,
    )

    uploader.call(
        "request_consent_confirmation", {"jobId": job.id, "people": [{"userId": shown.uid}]}
    )
    yield Step("the person shown is told that they are asked", shown.told("consent_requested"))
    asked = shown.app.firestore.query(
        Query(ConsentRequest.collection, [("subjectId", "==", shown.uid)])
    )
    answer = {"requestId": asked[0].id, "answer": "confirm"}
    yield Step(
        "somebody else cannot answer for them",
        people.outsider.refused("respond_to_consent_request", answer) == "not_found",
    )
    shown.call("respond_to_consent_request", answer)
    published = uploader.job(job.id, ScanState.PUBLISHED)
    yield Step("they agree, and it is published", people.outsider.sees(published.published_path))

    shown.call("withdraw_consent", {"jobId": job.id})
    yield Step(
        "they take it back, and it is gone at once",
        not people.outsider.sees(published.published_path),
    )


def shield(people: People) -> Iterator[Step]:
    shown = people.shown
    made = shown.call("create_victim_shield", {"level": "enhanced"})
    shield_id = str(made["shieldId"])
    try:
        yield from _under(shield_id, people)
    finally:  # also where a step broke off: the face is that of other uploads as well
        shown.call("delete_victim_shield", {"shieldId": shield_id})
    gone = shown.reads(Shield.path_of(shield_id)) or {}
    again = people.outsider.upload(portrait(Crop.CLOSE), "again.jpg")
    yield Step(
        "they delete it, and the face is not looked for any more",
        gone.get("status") == "deleted" and again.state is ScanState.AWAITING_CONSENT,
    )


def _under(shield_id: str, people: People) -> Iterator[Step]:
    uploader, shown, path = people.uploader, people.shown, Shield.path_of(shield_id)
    selfie = base64.b64encode(portrait(Crop.SELFIE)).decode()
    shown.call("add_shield_reference", {"shieldId": shield_id, "content": selfie})
    standing = shown.reads(path) or {}
    yield Step("a shield stands over a face", standing.get("status") == "active")
    strangers = (uploader, people.outsider)
    yield Step("no other user reads it", all(each.reads(path) is None for each in strangers))

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

    said = shown.call("answer_shield_match", {"caseId": job.id, "answer": "refuse"})
    yield Step(
        "they say no: a shield of today holds, and does not block alone",
        said["outcome"] == "noted" and uploader.job(job.id).state is ScanState.HELD,
    )
    people.first.call("claim_case", {"caseId": job.id})
    people.first.call(
        "decide_case",
        {"caseId": job.id, "outcome": "block", "why": "The person shown does not want it."},
    )
    blocked = uploader.job(job.id, ScanState.BLOCKED)
    yield Step("a moderator blocks it", blocked.published_path is None)
    counts = (shown.reads(path) or {}).get("statistics")
    yield Step("their shield counts it", isinstance(counts, dict) and counts["cases"] >= 1)


def appeal(people: People) -> Iterator[Step]:
    uploader = people.uploader
    job = uploader.upload(notice(), "notice.png")
    yield Step("a written threat is held for a moderator", job.state is ScanState.HELD)
    people.first.call("claim_case", {"caseId": job.id})
    people.first.call(
        "decide_case",
        {"caseId": job.id, "outcome": "block", "why": "This reads like a threat to a person."},
    )
    uploader.job(job.id, ScanState.BLOCKED)
    explained = uploader.call("explain_decision", {"caseId": job.id})
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
        people.first.refused("process_media_integrity_appeal", take) == "decided_before",
    )
    people.second.call("process_media_integrity_appeal", take)
    people.second.call(
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


def report(people: People) -> Iterator[Step]:
    uploader, shown = people.uploader, people.shown
    picture = wall()
    job = uploader.upload(picture, "wall.png")
    copy = people.outsider.upload(saved_again(picture), "copy.jpg")
    yield Step(
        "a picture and somebody else's copy of it are published",
        shown.sees(_at(job)) and shown.sees(_at(copy)),
    )
    made = shown.call(
        "submit_report",
        {
            "draftId": secrets.token_urlsafe(DRAFT_BYTES),
            "kind": "ncii",
            "media": [{"jobId": job.id}, {"url": ELSEWHERE}],
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
    report_id = str(made["reportId"])
    yield Step(
        "it is reported with a signed statement, and gone at once",
        not any(each.sees(_at(job)) for each in (uploader, people.outsider)),
    )
    own, other = _takedowns(shown)
    yield Step("its takedown is done", own.fields["state"] == "removed")
    case = uploader.reads(Case.path_of(job.id))
    yield Step(
        "the uploader sees a case, and not who reported",
        case is not None
        and shown.uid not in str(case)
        and uploader.reads(Report.path_of(report_id)) is None
        and uploader.reads(own.path) is None,
    )
    people.outsider.job(copy.id, ScanState.HELD)
    wait_for(lambda: not shown.sees(_at(copy)), within_s=WITHIN_S, what="the end of the copy")
    yield Step("the copy is found, and gone too", not people.outsider.sees(_at(copy)))

    yield Step("for the other site a letter is ready", other.fields["state"] == "prepared")
    letter = {"takedownId": other.id}
    yield Step(
        "it is sent for no report that nobody has looked at",
        people.first.refused("send_takedown", letter) == "not_accepted"
        and _takedowns(shown)[1].fields["state"] == "prepared",
    )
    people.first.call(
        "decide_report",
        {"reportId": report_id, "outcome": "accept", "why": "What you say fits what we saw."},
    )
    people.first.call("send_takedown", letter)
    _, sent = _takedowns(shown)
    due = sent.fields["dueAt"]
    yield Step(
        "a moderator accepts and sends it, and the 48 hours run",
        sent.fields["state"] == "requested"
        and isinstance(due, datetime)
        and timedelta(hours=47) < due - datetime.now(UTC) <= timedelta(hours=48),
    )
    people.first.call(
        "record_takedown_reply",
        {**letter, "state": "removed", "text": "It is not there any more."},
    )
    yield Step("the person who reported is told of the answer", shown.told("takedown_changed"))
    closed = shown.reads(Report.path_of(report_id)) or {}
    yield Step("everything is removed, and the report is closed", closed["status"] == "resolved")


def _takedowns(reporter: One) -> tuple[Stored, Stored]:
    """What one report asks for, as its author sees it: of this app, and of the other site."""
    mine = Query(Takedown.collection, [("reporterId", "==", reporter.uid)])
    own, other = sorted(reporter.app.firestore.query(mine), key=lambda each: each.id)
    return own, other


def _at(job: ScanJob) -> str | None:
    return job.published_path
