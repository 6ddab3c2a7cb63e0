"""What an uploader may write as an appeal; refusals differ from what is allowed in one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest

from devkit.client import App, Denied, Person, Query, Value, app_of, sign_up
from media_integrity.schema.appeals import (
    APPEAL_WINDOW,
    MAX_EVIDENCE_FILES,
    MAX_EXPLANATION,
    MIN_EXPLANATION,
    Appeal,
    AppealDetails,
    AppealReason,
    AppealStatus,
)
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.cases import Case
from media_integrity.schema.enforcement import EnforcementRecord
from tests.rules.people import STAFF, Cast, ask, create_now, seeded
from tests.rules.seeds import EXPLANATION, appeal, case, new_case_id, now, stored

Sent = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Appellant:
    """Somebody with a blocked upload, and what their app would send."""

    person: Person
    app: App
    functions: App
    case: Case

    @property
    def path(self) -> str:
        return Appeal.path_of(self.case.id)

    def sends(self, **changes: Value) -> Sent:
        """A valid appeal but for these changes, without its time, which the server sets."""
        fields = stored(appeal(self.person.uid, CaseId(self.case.id)))
        sent = {name: fields[name] for name in Appeal.CLIENT_FIELDS if name != "createdAt"}
        return {**sent, **changes}

    def evidence(self, name: str) -> str:
        return f"appeals/{self.person.uid}/{self.case.id}/{name}"

    def create(self, fields: Sent) -> None:
        create_now(self.app, self.path, fields, "createdAt")


@pytest.fixture
def appellant(cast: Cast, functions: App) -> Iterator[Appellant]:
    person = cast.people["owner"]
    judged = case(person.uid)
    with seeded(functions, {judged.path: stored(judged)}):
        someone = Appellant(person, cast.app("owner"), functions, judged)
        yield someone
        functions.firestore.delete(someone.path)


def test_the_owner_of_an_appealable_case_may_appeal(appellant: Appellant) -> None:
    appellant.create(appellant.sends())

    found = appellant.app.firestore.get(appellant.path)
    assert Appeal.from_firestore(found.path, dict(found.fields)).status is AppealStatus.PENDING


@pytest.mark.parametrize("reason", AppealReason)
def test_each_reason_is_accepted(appellant: Appellant, reason: AppealReason) -> None:
    appellant.create(appellant.sends(reason=reason.value))


def test_five_evidence_files_are_accepted(appellant: Appellant) -> None:
    paths = [appellant.evidence(f"{number}.pdf") for number in range(MAX_EVIDENCE_FILES)]

    appellant.create(appellant.sends(evidencePaths=paths))


@pytest.mark.parametrize("length", [MIN_EXPLANATION, MAX_EXPLANATION])
def test_the_shortest_and_longest_explanation_are_accepted(
    appellant: Appellant, length: int
) -> None:
    appellant.create(appellant.sends(explanation="x" * length))


@pytest.mark.parametrize("letter", ["é", "語", "\N{GRINNING FACE}"])
@pytest.mark.parametrize("length", [13, 17, 25, 34, MIN_EXPLANATION - 1, MAX_EXPLANATION])
def test_what_the_rules_accept_can_be_read(appellant: Appellant, letter: str, length: int) -> None:
    """However rules count what is not ASCII, nobody's appeal is lost for it."""
    try:
        appellant.create(appellant.sends(explanation=letter * length))
    except Denied:
        counted = len((letter * length).encode("utf-16-le")) // 2
        assert not MIN_EXPLANATION <= counted <= MAX_EXPLANATION
        return
    found = appellant.app.firestore.get(appellant.path)
    assert Appeal.from_firestore(found.path, dict(found.fields)).explanation == letter * length


REFUSED: Mapping[str, Callable[[Appellant], Sent]] = {
    "in_the_name_of_another": lambda a: a.sends(uploaderId="somebody-else"),
    "about_a_case_that_is_not_its_id": lambda a: a.sends(caseId=new_case_id()),
    "with_an_unknown_reason": lambda a: a.sends(reason="because"),
    "with_a_reason_that_is_no_text": lambda a: a.sends(reason=1),
    "with_too_short_an_explanation": lambda a: a.sends(explanation="x" * (MIN_EXPLANATION - 1)),
    "with_too_long_an_explanation": lambda a: a.sends(explanation="x" * (MAX_EXPLANATION + 1)),
    "with_an_explanation_of_blanks": lambda a: a.sends(explanation="x" + " " * MIN_EXPLANATION),
    "with_an_explanation_that_is_no_text": lambda a: a.sends(explanation=[EXPLANATION] * 60),
    "with_six_files": lambda a: a.sends(evidencePaths=[a.evidence(f"{n}.pdf") for n in range(6)]),
    "with_one_file_twice": lambda a: a.sends(evidencePaths=[a.evidence("a.pdf")] * 2),
    "with_a_file_of_another_person": lambda a: a.sends(
        evidencePaths=[f"appeals/somebody-else/{a.case.id}/a.pdf"]
    ),
    "with_a_file_of_another_case": lambda a: a.sends(
        evidencePaths=[f"appeals/{a.person.uid}/{new_case_id()}/a.pdf"]
    ),
    "with_a_file_from_quarantine": lambda a: a.sends(
        evidencePaths=[f"uploads/{a.person.uid}/{a.case.id}/a.pdf"]
    ),
    "with_a_file_in_a_folder": lambda a: a.sends(evidencePaths=[a.evidence("b/a.pdf")]),
    "with_a_file_name_that_climbs": lambda a: a.sends(evidencePaths=[a.evidence("..")]),
    "with_a_file_name_that_goes_on": lambda a: a.sends(evidencePaths=[a.evidence("a.pdf\nb")]),
    "with_a_path_that_is_no_text": lambda a: a.sends(evidencePaths=[1]),
    "with_paths_that_are_no_list": lambda a: a.sends(evidencePaths=a.evidence("a.pdf")),
    "that_is_decided_already": lambda a: a.sends(status="overturned"),
    "with_a_decision": lambda a: a.sends(decision={"outcome": "overturned"}),
    "with_any_other_field": lambda a: a.sends(note="please"),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
def test_an_appeal_is_refused(appellant: Appellant, make: Callable[[Appellant], Sent]) -> None:
    with pytest.raises(Denied):
        appellant.create(make(appellant))


@pytest.mark.parametrize("place", range(MAX_EVIDENCE_FILES))
def test_every_file_is_looked_at(appellant: Appellant, place: int) -> None:
    paths: list[Value] = [appellant.evidence(f"{each}.pdf") for each in range(MAX_EVIDENCE_FILES)]
    paths[place] = f"appeals/somebody-else/{appellant.case.id}/{place}.pdf"

    with pytest.raises(Denied):
        appellant.create(appellant.sends(evidencePaths=paths))


@pytest.mark.parametrize("name", sorted(set(Appeal.CLIENT_FIELDS) - {"createdAt"}))
def test_an_appeal_lacks_nothing(appellant: Appellant, name: str) -> None:
    with pytest.raises(Denied):
        appellant.create(_without(appellant.sends(), name))


@pytest.mark.parametrize("hours", [-1, 1])
def test_an_appeal_at_a_time_of_ones_own_is_refused(appellant: Appellant, hours: int) -> None:
    fields = appellant.sends(createdAt=now() + timedelta(hours=hours))

    with pytest.raises(Denied):
        appellant.app.firestore.create(appellant.path, fields)


def test_an_appeal_without_a_time_is_refused(appellant: Appellant) -> None:
    with pytest.raises(Denied):
        appellant.app.firestore.create(appellant.path, appellant.sends())


@pytest.mark.parametrize(
    "role", ["anonymous", "other", "victim", "moderator", "senior_moderator", "admin"]
)
@pytest.mark.parametrize("name", ["owner", "oneself"])
def test_nobody_else_appeals(appellant: Appellant, cast: Cast, role: str, name: str) -> None:
    named = appellant.person.uid if name == "owner" else cast.uid(role)

    with pytest.raises(Denied):
        create_now(cast.app(role), appellant.path, appellant.sends(uploaderId=named), "createdAt")


def test_a_case_that_is_not_there_cannot_be_appealed(appellant: Appellant) -> None:
    appellant.functions.firestore.delete(appellant.case.path)

    with pytest.raises(Denied):
        appellant.create(appellant.sends())


def test_a_verdict_without_appeal_cannot_be_appealed(appellant: Appellant) -> None:
    appellant.functions.firestore.update(appellant.case.path, {"appealable": False})

    with pytest.raises(Denied):
        appellant.create(appellant.sends())


def test_an_appeal_is_accepted_until_its_last_hour(appellant: Appellant) -> None:
    _opened(appellant, APPEAL_WINDOW - timedelta(hours=1))

    appellant.create(appellant.sends())


def test_an_appeal_is_refused_when_the_time_is_over(appellant: Appellant) -> None:
    _opened(appellant, APPEAL_WINDOW + timedelta(hours=1))

    with pytest.raises(Denied):
        appellant.create(appellant.sends())


@pytest.mark.parametrize(
    ("ago", "accepted"),
    [(APPEAL_WINDOW - timedelta(hours=1), True), (APPEAL_WINDOW + timedelta(hours=1), False)],
    ids=["in_time", "too_late"],
)
def test_the_time_begins_with_a_moderators_block_of_what_was_held(
    appellant: Appellant, ago: timedelta, accepted: bool
) -> None:
    blocked = {"createdAt": now() - 2 * APPEAL_WINDOW, "actionedAt": now() - ago}
    appellant.functions.firestore.update(appellant.case.path, blocked)

    if accepted:
        appellant.create(appellant.sends())
    else:
        with pytest.raises(Denied):
            appellant.create(appellant.sends())


@pytest.mark.parametrize("role", sorted(STAFF))
def test_a_moderator_does_not_read_who_hears_an_appeal_of_their_own(
    cast: Cast, functions: App, role: str
) -> None:
    mine, theirs = (
        appeal(uploader, new_case_id()) for uploader in (cast.uid(role), "somebody-else")
    )
    details = [
        AppealDetails(id=AppealDetails.DETAILS_ID, parent_id=each.id) for each in (mine, theirs)
    ]
    with seeded(functions, {each.path: stored(each) for each in (mine, theirs, *details)}):
        assert cast.app(role).firestore.get(details[1].path)
        with pytest.raises(Denied):
            cast.app(role).firestore.get(details[0].path)
        with pytest.raises(Denied):
            ask(cast.app(role), Query(f"{mine.path}/private"))


def test_a_case_is_appealed_once(appellant: Appellant) -> None:
    appellant.create(appellant.sends())

    with pytest.raises(Denied):
        appellant.app.firestore.set(appellant.path, appellant.sends(createdAt=now()))


@pytest.mark.parametrize(
    "change",
    [
        {"explanation": "y" * MIN_EXPLANATION},
        {"status": "overturned"},
        {"decision": {"outcome": "overturned"}},
    ],
    ids=["explanation", "status", "decision"],
)
@pytest.mark.parametrize("role", ["owner", "moderator", "admin"])
def test_nobody_changes_an_appeal(
    appellant: Appellant, cast: Cast, role: str, change: Sent
) -> None:
    appellant.create(appellant.sends())

    with pytest.raises(Denied):
        cast.app(role).firestore.update(appellant.path, change)


@pytest.mark.parametrize("role", ["owner", "moderator", "admin"])
def test_nobody_takes_an_appeal_back(appellant: Appellant, cast: Cast, role: str) -> None:
    appellant.create(appellant.sends())

    with pytest.raises(Denied):
        cast.app(role).firestore.delete(appellant.path)


@pytest.fixture
def new_person(appellant: Appellant) -> Appellant:
    """Somebody with an account of their own, whose record a test can write."""
    person = sign_up(appellant.app.stack, "appellant")
    theirs = appellant.case.model_copy(update={"uploader_id": UserId(person.uid)})
    appellant.functions.firestore.set(theirs.path, stored(theirs))
    return Appellant(person, app_of(appellant.app.stack, person), appellant.functions, theirs)


CLOSED_UNTIL = {
    "never_closed": (None, True),
    "closed_until_an_hour_ago": (timedelta(hours=-1), True),
    "closed_for_another_hour": (timedelta(hours=1), False),
}


@pytest.mark.parametrize(("until", "accepted"), CLOSED_UNTIL.values(), ids=CLOSED_UNTIL.keys())
def test_appeals_without_merit_close_the_portal_for_a_time(
    new_person: Appellant, until: timedelta | None, accepted: bool
) -> None:
    record = EnforcementRecord(
        id=new_person.person.uid,
        appeals_closed_until=None if until is None else now() + until,
        updated_at=now(),
    )
    with seeded(new_person.functions, {record.path: stored(record)}):
        if accepted:
            new_person.create(new_person.sends())
        else:
            with pytest.raises(Denied):
                new_person.create(new_person.sends())


def _without(fields: Sent, name: str) -> Sent:
    return {key: value for key, value in fields.items() if key != name}


def _opened(appellant: Appellant, ago: timedelta) -> None:
    appellant.functions.firestore.update(appellant.case.path, {"createdAt": now() - ago})
