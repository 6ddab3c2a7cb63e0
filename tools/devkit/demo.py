"""``./dev demo``: uploads travel through the local stack as they would from phones.

Everything a person does here is done over the client REST APIs with that person's own ID token, so
the security rules decide. The administrator only fills the hash bank beforehand.
"""

from __future__ import annotations

import argparse
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn, cast

from media_integrity.fingerprints.pdq import fingerprint
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.scanning.intake import job_id
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.enums import BankLabel, HashAlgorithm, ScanState
from media_integrity.schema.hashes import BankHash, HashBank
from media_integrity.schema.scans import ScanJob

from .cli import INTERRUPTED, describe
from .client import (
    Absent,
    App,
    Denied,
    Fields,
    Person,
    Refused,
    admin,
    app_of,
    sign_up,
    wait_for,
)
from .console import Console
from .demo_people import second_act
from .errors import DevError
from .repository import Repository
from .samples import Sample, banked_picture, samples
from .stack import Addresses, Stack

VERDICT_S = 300.0
"""The first upload waits for the functions to load their models."""

BANK = "demo-ncii"
DENIED = "DENIED"
COLUMNS = (20, 34, 8, 21, 26)
HEAD = ("file", "what it is", "action", "violations", "reasons", "time")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one sample."""

    sample: Sample
    action: str
    violations: frozenset[str]
    reasons: tuple[str, ...]
    seconds: float
    job: ScanJob | None
    """None where the rules did not take the upload."""

    @property
    def expected(self) -> bool:
        wanted = self.sample
        return (
            self.action == wanted.outcome
            and self.violations == wanted.violations
            and (not wanted.reason or wanted.reason in self.reasons)
        )


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    user: Person
    victim: Person
    moderator: Person


def main(arguments: Sequence[str]) -> int:
    """Run the demo. Returns 1 if a verdict or a right is not the expected one."""
    signal.signal(signal.SIGTERM, _leave)
    options = _parser().parse_args(arguments)
    stack = Stack(
        Repository.here(),
        Console(),
        port_base=options.port_base,
        ui=options.keep,
        reload=options.keep,
    )
    try:
        with stack as addresses:
            good = show(addresses)
            print(
                "\nAs expected."
                if good
                else f"\nNot as expected: see ✗. The functions' log is {addresses.log}.",
                flush=True,
            )
            if options.keep:
                print(describe(addresses, ui=stack.ui), flush=True)
                stack.wait()
    except DevError as error:
        print(f"\n{error.what}\n→ {error.todo}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0 if options.keep else INTERRUPTED
    return 0 if good else 1


def show(addresses: Addresses) -> bool:
    """Upload all samples and look at what came of them. True if all is as expected."""
    people = Cast(
        user=sign_up(addresses, "user", ageGroup="adult"),
        victim=sign_up(addresses, "victim", ageGroup="adult"),
        moderator=sign_up(addresses, "moderator", ageGroup="adult", moderator=True),
    )
    print("\nAccounts")
    for person in (people.user, people.victim, people.moderator):
        print(f"  {person.email:32} password {person.password}")
    fill_bank(addresses, people.victim)
    print(f"\n  A picture that the victim reported is in the bank {BANK}.\n")

    outcomes = []
    app = app_of(addresses, people.user)
    print("  " + _columns(HEAD))
    for number, sample in enumerate(samples()):
        outcome = upload(app, people.user, sample, number)
        outcomes.append(outcome)
        print(_row(outcome), flush=True)

    print("\nWho may see what")
    rights = [*_rights(addresses, people, outcomes)]
    for text, holds in rights:
        print(f"  {'✓' if holds else '✗'} {text}")

    print("\nThe person in the picture decides")
    steps = []
    for title, scene in second_act(addresses):
        print(f"\n  {title}")
        for step in scene:
            steps.append(step)
            print(f"  {'✓' if step.holds else '✗'} {step.text}", flush=True)

    # Last: the shield of the second act has looked through what was published before it.
    print("\nURLs of what is published")
    for text in _urls(app, outcomes):
        print(f"  {text}")
    return (
        all(outcome.expected for outcome in outcomes)
        and all(holds for _, holds in rights)
        and all(step.holds for step in steps)
    )


def fill_bank(addresses: Addresses, victim: Person) -> None:
    """Put the banked picture's PDQ hash into a bank, confirmed by a person."""
    now = datetime.now(UTC)
    pdq = fingerprint(open_image(banked_picture(), Limits())).pdq
    bank = HashBank(
        id=BANK,
        label=BankLabel.NCII,
        name="Pictures reported in the demo",
        source="demo",
        created_at=now,
        updated_at=now,
    )
    entry = BankHash(
        id=BankHash.id_for(HashAlgorithm.PDQ, pdq.hex),
        parent_id=BANK,
        algorithm=HashAlgorithm.PDQ,
        value=pdq.hex,
        quality=pdq.quality,
        confirmed=True,
        added_by=victim.uid,
        created_at=now,
        updated_at=now,
    )
    database = admin(addresses).firestore
    for document in (bank, entry):
        database.set(document.path, cast("Fields", document.to_firestore()))


def upload(app: App, user: Person, sample: Sample, number: int) -> Outcome:
    """Upload one sample and watch its job until it is final."""
    started = time.monotonic()
    path = f"uploads/{user.uid}/demo-{number:04}/{sample.name}"
    try:
        stored = app.storage.upload(path, sample.data, sample.content_type, sample.metadata)
    except Denied:
        return Outcome(sample, DENIED, frozenset(), (), time.monotonic() - started, None)
    identity = job_id(app.stack.bucket, path, int(stored.generation))

    def final() -> ScanJob | None:
        try:
            fields = app.firestore.get(ScanJob.path_of(identity)).fields
        except (Absent, Denied):  # until the job exists the rules cannot tell whose it is
            return None
        job = ScanJob.from_firestore(identity, dict(fields))
        if sample.shows_uploader and job.state is ScanState.AWAITING_CONSENT:
            return None  # what they have said counts in a moment
        return job if job.state.final else None

    def said() -> bool | None:
        try:
            app.call("verify_media_consent", {"jobId": identity, "basis": "self"})
        except Refused as refused:
            if refused.status == "NOT_FOUND":  # the job is not there yet
                return None
            raise
        return True

    try:
        if sample.shows_uploader:
            wait_for(said, within_s=VERDICT_S, what=f"the word on {sample.name}")
        job = wait_for(final, within_s=VERDICT_S, what=f"the verdict on {sample.name}")
    except TimeoutError as error:
        raise DevError(
            f"{error}.", f"The functions' log is {app.stack.log}; it says what went wrong."
        ) from None
    took = time.monotonic() - started
    if job.state is ScanState.REFUSED or job.verdict is None:
        reasons = (job.refusal.code,) if job.refusal else ()
        return Outcome(sample, job.state.value, frozenset(), reasons, took, job)
    verdict = job.verdict
    return Outcome(
        sample,
        verdict.action.value,
        frozenset(violation.value for violation in verdict.violations),
        tuple(reason.code.value for reason in verdict.reasons),
        took,
        job,
    )


def _rights(
    addresses: Addresses, people: Cast, outcomes: Sequence[Outcome]
) -> Iterator[tuple[str, bool]]:
    """What each person can and cannot reach, tried for real."""
    user, victim, moderator = (
        app_of(addresses, person) for person in (people.user, people.victim, people.moderator)
    )
    jobs = {outcome.action: outcome.job for outcome in outcomes if outcome.expected and outcome.job}
    if not {"ALLOW", "REVIEW", "BLOCK"} <= jobs.keys():
        yield "cannot be tried without an allowed, a held and a blocked upload", False
        return
    held, blocked, published = jobs["REVIEW"], jobs["BLOCK"], jobs["ALLOW"]
    case = Case.path_of(blocked.id)
    details = CaseDetails.path_below(blocked.id, CaseDetails.DETAILS_ID)
    evidence = _evidence_path(addresses, details)
    assert published.published_path is not None
    path = published.published_path

    yield "the uploader sees the own published picture", _can(lambda: user.storage.download(path))
    yield "so does everybody who is signed in", _can(lambda: victim.storage.download(path))
    yield (
        "the uploader cannot read the own upload in quarantine",
        _cannot(lambda: user.storage.download(held.source.name)),
    )
    yield (
        "nor can a moderator, from a client",
        _cannot(lambda: moderator.storage.download(held.source.name)),
    )
    yield (
        "nobody reads evidence",
        all(_cannot(partial(app.storage.download, evidence)) for app in (user, victim, moderator)),
    )
    yield "the uploader reads the own case", _can(lambda: user.firestore.get(case))
    yield "but not what stands behind it", _cannot(lambda: user.firestore.get(details))
    yield (
        "a stranger reads neither case nor job",
        all(
            _cannot(partial(victim.firestore.get, hidden))
            for hidden in (case, details, ScanJob.path_of(blocked.id))
        ),
    )
    yield "a moderator reads the case", _can(lambda: moderator.firestore.get(case))
    yield "and what stands behind it", _can(lambda: moderator.firestore.get(details))


def _evidence_path(addresses: Addresses, details: str) -> str:
    path = admin(addresses).firestore.get(details).fields["evidencePath"]
    assert isinstance(path, str)
    admin(addresses).storage.metadata(path)  # it is there: a denial below is no absence
    return path


def _can(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (Denied, Absent):
        return False
    return True


def _cannot(attempt: Callable[[], object]) -> bool:
    """Denied by the rules; that there is nothing there does not count."""
    try:
        attempt()
    except Denied:
        return True
    except Absent:
        return False
    return False


def _urls(app: App, outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield f"{'with the header':20} Authorization: Firebase <ID token of any account>"
    for outcome in outcomes:
        path = outcome.job.published_path if outcome.job else None
        if path is not None and _can(partial(app.storage.download, path)):
            yield f"{outcome.sample.name:20} {app.storage.url(path)}"


def _row(outcome: Outcome) -> str:
    cells = (
        outcome.sample.name,
        outcome.sample.what,
        outcome.action,
        ", ".join(sorted(outcome.violations)) or "-",
        ", ".join(outcome.reasons) or ("storage.rules" if outcome.action == DENIED else "-"),
        f"{outcome.seconds:.1f} s",
    )
    if outcome.expected:
        return "✓ " + _columns(cells)
    wanted = outcome.sample
    expectation = ", ".join((wanted.outcome, *sorted(wanted.violations), wanted.reason))
    return f"✗ {_columns(cells)}\n    expected: {expectation}"


def _columns(cells: Sequence[str]) -> str:
    fixed = (
        textwrap.shorten(cell, width, placeholder="…").ljust(width)
        for cell, width in zip(cells, COLUMNS, strict=False)
    )
    return "  ".join((*fixed, cells[-1]))


def _leave(_number: int, _frame: object) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev demo")
    parser.add_argument("--port-base", default="auto")
    parser.add_argument("--keep", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
