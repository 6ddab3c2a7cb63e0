"""What each event makes of the consent to an upload, and what no sequence of them can."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from media_integrity.consent import hold as holds
from media_integrity.schema.base import UserId
from media_integrity.schema.consent import (
    ConsentHold,
    ConsentHoldStatus,
    ConsentRequestId,
    ConsentScope,
)
from media_integrity.schema.enums import Surface

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
WEEK = timedelta(days=7)
SCOPE = ConsentScope(sha256="0" * 64, surface=Surface.FEED)
GIVEN, AWAITING = ConsentHoldStatus.GIVEN, ConsentHoldStatus.AWAITING


def opened() -> ConsentHold:
    return holds.opened("job", UserId("uploader"), NOON)


def judged(needed: int, *consents: str, own_face: bool | None = None) -> ConsentHold:
    return holds.judged(opened(), SCOPE, needed, own_face, consents, NOON)


def request(name: str) -> ConsentRequestId:
    return ConsentRequestId(name)


def test_nobody_shown_needs_nobody() -> None:
    assert judged(0).status is GIVEN


def test_before_the_first_verdict_nothing_is_given() -> None:
    assert holds.agreed(opened(), "a", NOON).status is AWAITING
    assert holds.missing(opened()) is None


def test_everybody_has_to_agree_and_each_counts_once() -> None:
    hold = judged(2)
    hold = holds.agreed(hold, "a", NOON)
    hold = holds.agreed(hold, "a", NOON)
    assert (hold.status, holds.missing(hold)) == (AWAITING, 1)
    assert holds.agreed(hold, "b", NOON).status is GIVEN


def test_a_later_verdict_may_find_more_people_or_a_void_claim() -> None:
    hold = judged(1, "a")
    assert hold.status is GIVEN
    assert holds.judged(hold, SCOPE, 2, None, ["a"], NOON).status is AWAITING
    assert holds.judged(hold, SCOPE, 1, False, [], NOON).status is AWAITING


def test_the_clock_starts_when_the_upload_waits_and_not_before() -> None:
    hold = judged(1)
    late = NOON + WEEK * 3
    assert holds.expired(hold, late, MONTH) == hold
    waiting = holds.waited_for(hold, NOON + WEEK, NOON)
    again = holds.waited_for(waiting, NOON + WEEK * 2, NOON + WEEK)
    assert again.expires_at == NOON + WEEK
    assert holds.expired(waiting, NOON + WEEK - timedelta(seconds=1), MONTH) == waiting
    assert holds.expired(waiting, NOON + WEEK, MONTH).status is ConsentHoldStatus.EXPIRED


def test_who_is_asked_late_has_their_week_all_the_same() -> None:
    waiting = holds.waited_for(judged(1), NOON + WEEK, NOON)
    sixth = NOON + timedelta(days=6)
    asked = holds.asked(waiting, [request("r")], sixth + WEEK, sixth)
    assert asked.expires_at == sixth + WEEK
    held = holds.asked(judged(1), [request("r")], sixth + WEEK, sixth)
    assert held.expires_at is None, "an upload that a moderator holds does not run out"


def test_a_refusal_counts_against_later_uploads_until_it_is_taken_back() -> None:
    hold = holds.asked(judged(2), [request("r"), request("s")], NOON + WEEK, NOON)
    refused = holds.refused(hold, request("r"), NOON, MONTH)
    assert refused.stands
    assert refused.end_due
    back = holds.taken_back(refused, request("r"), NOON)
    assert not back.stands
    assert back.status is ConsentHoldStatus.REFUSED
    assert holds.taken_back(refused, request("s"), NOON).stands, "somebody else's"


def test_taking_down_ones_own_picture_stands_in_the_way_of_nothing() -> None:
    hold = judged(1, "job_self")
    withdrawn = holds.withdrawn(hold, "job_self", None, NOON, MONTH)
    assert withdrawn.status is ConsentHoldStatus.WITHDRAWN
    assert not withdrawn.stands


def test_a_withdrawn_consent_that_was_carried_over_stands_where_it_was_given() -> None:
    carried = judged(1, "other_r")
    withdrawn = holds.withdrawn(carried, "other_r", request("r"), NOON, MONTH)
    assert withdrawn.status is ConsentHoldStatus.WITHDRAWN
    assert not withdrawn.stands


@pytest.mark.parametrize("status", sorted(holds.FINAL))
def test_a_closed_hold_is_kept_while_a_no_stands_and_goes_otherwise(
    status: ConsentHoldStatus,
) -> None:
    closed = holds.stopped(judged(1), status, NOON, MONTH)
    assert closed.erase_at == NOON + MONTH
    assert closed.expire_at is not None
    assert closed.expire_at > closed.erase_at


@given(st.lists(st.sampled_from("abcde"), max_size=8), st.integers(0, 6))
def test_given_exactly_when_enough_different_people_agree(consents: list[str], needed: int) -> None:
    hold = judged(needed)
    for consent in consents:
        hold = holds.agreed(hold, consent, NOON)
    assert (hold.status is GIVEN) == (len(set(consents)) >= needed)


@dataclass
class Told:
    """What people have said, beside the machine."""

    agreed: set[str] = field(default_factory=set)
    no: set[str] = field(default_factory=set)


class AnySequence(RuleBasedStateMachine):
    """No sequence of events lets an upload through that somebody in it is against."""

    @initialize(before_verdict=st.booleans(), needed=st.integers(0, 3))
    def begin(self, before_verdict: bool, needed: int) -> None:
        self.now = NOON
        self.told = Told()
        self.closed: ConsentHoldStatus | None = None
        self.hold = opened()
        if not before_verdict:
            self.verdict(needed, own_face=None, publishes=True)

    @rule(
        needed=st.integers(0, 3),
        own_face=st.sampled_from([None, True, False]),
        publishes=st.booleans(),
    )
    def verdict(self, needed: int, own_face: bool | None, publishes: bool) -> None:
        known = [each for each in self.hold.consents if each not in self.told.no]
        self.hold = holds.judged(self.hold, SCOPE, needed, own_face, known, self.now)
        if publishes:
            self.hold = holds.waited_for(self.hold, self.now + WEEK, self.now)

    @rule()
    def claim(self) -> None:
        self.hold = holds.claimed(self.hold, self.now)

    @rule(person=st.sampled_from("abcd"))
    def ask(self, person: str) -> None:
        self.hold = holds.asked(self.hold, [request(person)], self.now + WEEK, self.now)

    @rule(person=st.sampled_from("abcd"))
    def agree(self, person: str) -> None:
        if person not in self.told.no:
            self.told.agreed.add(person)
            self.hold = holds.agreed(self.hold, person, self.now)

    @rule(person=st.sampled_from("abcd"))
    def refuse(self, person: str) -> None:
        self.told.no.add(person)
        self.hold = holds.refused(self.hold, request(person), self.now, MONTH)

    @rule(person=st.sampled_from("abcd"))
    def withdraw(self, person: str) -> None:
        if person in self.hold.consents:
            self.told.no.add(person)
            self.hold = holds.withdrawn(self.hold, person, request(person), self.now, MONTH)

    @rule(person=st.sampled_from("abcd"))
    def take_back(self, person: str) -> None:
        self.hold = holds.taken_back(self.hold, request(person), self.now)

    @rule(days=st.integers(0, 9))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.hold = holds.expired(self.hold, self.now, MONTH)

    @rule()
    def end(self) -> None:
        self.hold = holds.ended(self.hold, self.now)

    @invariant()
    def nobody_is_shown_against_their_will(self) -> None:
        if getattr(self, "hold", None) is None:
            return
        if self.told.no:
            assert self.hold.status is not GIVEN
        if self.hold.status is GIVEN:
            assert len(set(self.hold.consents)) >= self.hold.needed
            assert set(self.hold.consents) <= self.told.agreed
            assert self.hold.scope is not None

    @invariant()
    def what_is_closed_stays_closed(self) -> None:
        if getattr(self, "hold", None) is None:
            return
        if self.closed is not None:
            assert self.hold.status is self.closed
        if self.hold.status in holds.FINAL:
            self.closed = self.hold.status

    @invariant()
    def every_state_is_a_document(self) -> None:
        if getattr(self, "hold", None) is not None:
            stored = self.hold.to_firestore()
            assert ConsentHold.from_firestore(self.hold.path, stored) == self.hold


TestAnySequence = AnySequence.TestCase
