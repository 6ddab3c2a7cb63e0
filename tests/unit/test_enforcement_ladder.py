"""What follows from strikes: exact at the borders, whatever the order; nothing is left of what was
undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.decision.policy import EnforcementPolicy, default_policy
from media_integrity.enforcement.books import news
from media_integrity.enforcement.ladder import Outlook, calls_moderators, outlook
from media_integrity.enforcement.strikes import confirmed
from media_integrity.schema.base import CaseId
from media_integrity.schema.enforcement import (
    MeritlessAppeal,
    Restriction,
    RestrictionKind,
    Standing,
    Strike,
    StrikeState,
)
from media_integrity.schema.enums import Sanction, Severity, Violation
from media_integrity.schema.notifications import NotificationKind

POLICY = default_policy().enforcement
MATRIX = default_policy().violations
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
LONG = timedelta(days=4000)

UPLOADS = RestrictionKind.UPLOADS
ACCOUNT = RestrictionKind.ACCOUNT
APPEALS = RestrictionKind.APPEALS


def strike(
    name: str = "case",
    at: timedelta = timedelta(),
    violation: Violation = Violation.VOICE_CLONE,
    state: StrikeState = StrikeState.PROVISIONAL,
    **changes: object,
) -> Strike:
    row = MATRIX[violation]
    moment = NOON + at
    days = POLICY.strike_days.get(row.severity)
    known = state is not StrikeState.PROVISIONAL
    fields: dict[str, object] = {
        "id": name,
        "parent_id": "user",
        "violation": violation,
        "severity": row.severity,
        "sanction": row.sanction,
        "state": state,
        "attempted_at": moment,
        "recorded_at": moment,
        "decided_at": moment if known else None,
        "expires_at": moment + timedelta(days=days) if days is not None else None,
    }
    return Strike.model_validate({**fields, **changes})


def sure(name: str = "case", at: timedelta = timedelta(), **changes: object) -> Strike:
    return strike(name, at, state=StrikeState.CONFIRMED, **changes)  # type: ignore[arg-type]


def follows(*strikes: Strike, now: timedelta = timedelta(), **policy: object) -> Outlook:
    rules = EnforcementPolicy.model_validate({**POLICY.model_dump(), **policy})
    return outlook(strikes, (), rules, NOON + now)


def closed(found: Outlook) -> dict[RestrictionKind, bool]:
    """What is closed, and whether firmly."""
    return {each.kind: not each.provisional for each in found.restrictions}


def spaced(number: int, span: timedelta, *, firm: bool = True) -> list[Strike]:
    """Attempts spread evenly, the last exactly ``span`` after the first."""
    make = sure if firm else strike
    return [make(f"case-{n}", span * n / (number - 1)) for n in range(number)]


# ---- the matrix


def test_nothing_brings_nothing() -> None:
    assert follows() == Outlook()


def test_a_confirmed_warning_warns_and_counts() -> None:
    found = follows(sure(violation=Violation.DEEPFAKE_FACE))

    assert (found.standing, found.strikes, found.warnings) == (Standing.WARNED, 1, 1)
    assert found.restrictions == ()


def test_what_rests_on_a_model_alone_is_no_strike_yet() -> None:
    found = follows(strike(violation=Violation.DEEPFAKE_FACE))

    assert (found.standing, found.strikes, found.warnings) == (Standing.WARNED, 0, 0)


def test_confirmed_fraud_is_flagged() -> None:
    forged = Violation.EVIDENCE_FABRICATION

    assert follows(sure(violation=forged)).fraud_flags == 1
    assert follows(strike(violation=forged)).fraud_flags == 0


@pytest.mark.parametrize("violation", list(Violation))
def test_a_ban_suspends_until_it_is_confirmed_and_nothing_else_does(violation: Violation) -> None:
    bans = MATRIX[violation].sanction in {Sanction.PERMANENT_BAN, Sanction.PERMANENT_BAN_LEGAL}

    provisional, firm = follows(strike(violation=violation)), follows(sure(violation=violation))

    assert (provisional.standing is Standing.SUSPENDED) == bans
    assert (firm.standing is Standing.BANNED) == bans
    assert closed(provisional) == ({UPLOADS: False} if bans else {})
    assert closed(firm) == ({ACCOUNT: True, UPLOADS: True} if bans else {})


def test_synthetic_pornography_closes_uploads_at_once() -> None:
    found = follows(sure(violation=Violation.SYNTHETIC_PORNOGRAPHY))
    beside = follows(sure(others=(Violation.SYNTHETIC_PORNOGRAPHY,)))
    suspected = follows(strike(others=(Violation.SYNTHETIC_PORNOGRAPHY,)))

    assert closed(found) == {ACCOUNT: True, UPLOADS: True}
    assert closed(beside) == {UPLOADS: True}
    assert closed(suspected) == {UPLOADS: False}


def test_a_ban_outlives_the_life_of_its_strike() -> None:
    ban = sure(violation=Violation.AI_NUDE)

    found = follows(ban, now=LONG)

    assert ban.expires_at is None
    assert (found.standing, found.strikes) == (Standing.BANNED, 1)


# ---- windows


@pytest.mark.parametrize(
    ("span", "closes"), [(WEEK - MOMENT, True), (WEEK, False), (WEEK + MOMENT, False)]
)
def test_five_attempts_in_seven_days_close_uploads(span: timedelta, closes: bool) -> None:
    found = follows(*spaced(5, span), now=span)

    assert closed(found) == ({UPLOADS: True} if closes else {})
    assert found.standing is (Standing.RESTRICTED if closes else Standing.WARNED)


def test_four_attempts_close_nothing() -> None:
    assert closed(follows(*spaced(4, DAY), now=DAY)) == {}


def test_five_attempts_of_which_one_is_not_confirmed_suspend() -> None:
    found = follows(*spaced(4, DAY), strike("last", DAY), now=DAY)

    assert closed(found) == {UPLOADS: False}
    assert found.standing is Standing.SUSPENDED


def test_the_window_may_lie_anywhere() -> None:
    before = sure("long-before", -60 * DAY)
    after = sure("long-after", 60 * DAY)

    found = follows(before, *spaced(5, DAY), after, now=90 * DAY)

    assert closed(found) == {UPLOADS: True}


def test_what_was_published_over_months_and_blocked_in_one_go_is_no_window() -> None:
    blocked = [sure(f"case-{n}", -n * 30 * DAY, recorded_at=NOON) for n in range(6)]

    assert closed(follows(*blocked)) == {}


def test_a_restriction_says_since_when_and_by_which_case() -> None:
    (found,) = follows(*spaced(5, DAY), now=DAY).restrictions

    assert (found.since, found.case_id, found.until) == (NOON + DAY, "case-4", None)


def test_the_closing_outlives_the_strikes() -> None:
    expired = [each.model_copy(update={"state": StrikeState.EXPIRED}) for each in spaced(5, DAY)]

    found = follows(*expired, now=LONG)

    assert (found.strikes, closed(found)) == (0, {UPLOADS: True})


def test_a_policy_may_close_uploads_for_a_time() -> None:
    rule = {"attempts": 5, "within_hours": 168, "closed_days": 14}
    strikes = spaced(5, DAY)
    end = DAY + 14 * DAY

    before = follows(*strikes, now=end - MOMENT, restriction=rule)
    after = follows(*strikes, now=end, restriction=rule)

    assert [each.until for each in before.restrictions] == [NOON + end]
    assert before.changes_at == NOON + end
    assert after.restrictions == ()


def test_a_strike_counts_until_it_expires() -> None:
    one = sure(violation=Violation.DEEPFAKE_FACE)
    life = timedelta(days=POLICY.strike_days[Severity.HIGH])

    before, after = follows(one, now=life - MOMENT), follows(one, now=life)

    assert (before.strikes, before.changes_at) == (1, NOON + life)
    assert (after.strikes, after.warnings, after.standing) == (0, 0, Standing.GOOD)
    assert after.changes_at is None


def test_the_worse_the_longer_it_counts() -> None:
    lives = [POLICY.strike_days.get(severity, 10**6) for severity in Severity]

    assert lives == sorted(lives)


# ---- moderators are called


@pytest.mark.parametrize(("span", "called"), [(DAY - MOMENT, True), (DAY, False)])
def test_three_attempts_in_a_day_call_moderators(span: timedelta, called: bool) -> None:
    first, second, third = spaced(3, span, firm=False)

    assert not calls_moderators(first, [first], POLICY)
    assert not calls_moderators(second, [first, second], POLICY)
    assert calls_moderators(third, [first, second, third], POLICY) is called
    assert calls_moderators(first, [third, second, first], POLICY) is called, "filed last"


def test_an_attempt_that_was_undone_does_not_count_towards_it() -> None:
    first, second, third = spaced(3, timedelta(hours=1), firm=False)
    undone = second.model_copy(update={"state": StrikeState.UNDONE})

    assert not calls_moderators(third, [first, undone, third], POLICY)


def test_a_suspension_calls_moderators_and_a_certain_ban_does_not() -> None:
    suspended, banned = strike(violation=Violation.AI_NUDE), sure(violation=Violation.AI_NUDE)

    assert calls_moderators(suspended, [suspended], POLICY)
    assert not calls_moderators(banned, [banned], POLICY)


# ---- appeals without merit


def warned(*days: float) -> list[MeritlessAppeal]:
    return [
        MeritlessAppeal(case_id=CaseId(f"case-{number}"), at=NOON + timedelta(days=day))
        for number, day in enumerate(days)
    ]


@pytest.mark.parametrize(
    ("days", "until"),
    [((0, 1), None), ((0, 1, 29.999), 59.999), ((0, 1, 30), None), ((0, 28, 29, 31), 61)],
)
def test_three_in_thirty_days_close_appeals_for_thirty(
    days: tuple[float, ...], until: float | None
) -> None:
    found = outlook((), warned(*days), POLICY, NOON + timedelta(days=days[-1]))

    expected = NOON + timedelta(days=until) if until is not None else None
    assert found.appeals_closed_until == expected
    assert (found.standing is Standing.RESTRICTED) == (until is not None)
    assert found.warnings == len(days)


def test_appeals_open_again_by_themselves() -> None:
    appeals = warned(0, 0, 0)

    before = outlook((), appeals, POLICY, NOON + 30 * DAY - MOMENT)
    after = outlook((), appeals, POLICY, NOON + 30 * DAY)

    assert before.appeals_closed_until == NOON + 30 * DAY
    assert (after.appeals_closed_until, after.standing) == (None, Standing.WARNED)


# ---- lifted, undone


def test_what_a_moderator_lifts_brings_nothing_and_still_counts() -> None:
    found = follows(sure(violation=Violation.AI_NUDE, lifted_at=NOON))

    assert (found.standing, found.strikes) == (Standing.WARNED, 1)
    assert found.restrictions == ()


def test_undoing_one_of_five_opens_uploads_and_one_of_six_does_not() -> None:
    six = spaced(6, DAY)

    def without(number: int) -> list[Strike]:
        undone = {"state": StrikeState.UNDONE}
        return [each.model_copy(update=undone) for each in six[:number]] + six[number:]

    assert closed(follows(*without(1), now=DAY)) == {UPLOADS: True}
    assert closed(follows(*without(2), now=DAY)) == {}


def test_undoing_the_warning_leaves_the_ban() -> None:
    ban = sure("ban", violation=Violation.AI_NUDE)
    warning = sure("warning", violation=Violation.DEEPFAKE_FACE)

    undone = warning.model_copy(update={"state": StrikeState.UNDONE})
    assert follows(ban, undone) == follows(ban)


# ---- properties

moments = st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
histories = st.lists(
    st.builds(
        lambda at, violation, state: (at, violation, state),
        moments,
        st.sampled_from(list(Violation)),
        st.sampled_from(list(StrikeState)),
    ),
    max_size=7,
).map(
    lambda rows: [
        strike(f"case-{number}", at, violation, state)
        for number, (at, violation, state) in enumerate(rows)
    ]
)
later = st.integers(20, 500).map(lambda number: number * DAY)


def no_better(before: Outlook, after: Outlook) -> bool:
    """Nothing that was closed is open, and nothing that was closed firmly is so for a while."""
    was, now_is = closed(before), closed(after)
    return all(kind in now_is and now_is[kind] >= firm for kind, firm in was.items()) and (
        before.standing is Standing.GOOD or after.standing is not Standing.GOOD
    )


@given(histories, later, st.randoms())
def test_the_order_in_which_things_come_does_not_matter(
    strikes: list[Strike], now: timedelta, random: object
) -> None:
    shuffled = list(strikes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert follows(*shuffled, now=now) == follows(*strikes, now=now)


@given(histories, moments, st.sampled_from(list(Violation)), st.booleans(), later)
def test_another_strike_never_makes_it_better(
    strikes: list[Strike], at: timedelta, violation: Violation, firm: bool, now: timedelta
) -> None:
    state = StrikeState.CONFIRMED if firm else StrikeState.PROVISIONAL
    more = [*strikes, strike("more", at, violation, state)]

    before, after = follows(*strikes, now=now), follows(*more, now=now)

    assert no_better(before, after)
    assert after.strikes >= before.strikes


@given(histories, later)
def test_confirming_never_makes_it_better_and_undoing_never_worse(
    strikes: list[Strike], now: timedelta
) -> None:
    standing = follows(*strikes, now=now)
    for number, each in enumerate(strikes):
        others = [*strikes[:number], *strikes[number + 1 :]]
        undone = each.model_copy(update={"state": StrikeState.UNDONE})
        assert no_better(follows(*others, undone, now=now), standing)
        if each.state is not StrikeState.UNDONE:
            word = follows(*others, confirmed(each, NOON + now), now=now)
            assert no_better(standing, word)


@given(histories, later)
def test_undoing_everything_leaves_nothing(strikes: list[Strike], now: timedelta) -> None:
    undone = [each.model_copy(update={"state": StrikeState.UNDONE}) for each in strikes]

    assert follows(*undone, now=now) == Outlook()


@given(histories, later)
def test_nothing_permanent_rests_on_a_model_alone(strikes: list[Strike], now: timedelta) -> None:
    """Without the strikes that nobody has confirmed, everything firm is the same."""
    found = follows(*strikes, now=now)
    certain = follows(*(each for each in strikes if each.confirmed), now=now)

    firm = [each for each in found.restrictions if not each.provisional]
    assert firm == list(certain.restrictions)
    assert found.strikes == certain.strikes


@given(histories, later)
def test_strikes_are_the_confirmed_that_are_not_over(strikes: list[Strike], now: timedelta) -> None:
    live = [
        each
        for each in strikes
        if each.state is StrikeState.CONFIRMED
        and (each.expires_at is None or each.expires_at > NOON + now)
    ]

    assert follows(*strikes, now=now).strikes == len(live)


@given(st.lists(moments, max_size=8))
def test_windows_are_exactly_those_counted_one_by_one(times: list[timedelta]) -> None:
    strikes = [sure(f"case-{number}", at) for number, at in enumerate(times)]
    by_hand = any(
        sum(start <= at < start + WEEK for at in times) >= POLICY.restriction.attempts
        for start in times
    )

    assert bool(closed(follows(*strikes, now=30 * DAY))) == by_hand


@given(histories, later)
def test_nothing_changes_by_itself_before_it_says(
    strikes: Sequence[Strike], now: timedelta
) -> None:
    found = follows(*strikes, now=now)
    if found.changes_at is None:
        assert follows(*strikes, now=now + LONG) == found
    else:
        assert found.changes_at > NOON + now
        assert follows(*strikes, now=found.changes_at - NOON - MOMENT) == found


# ---- what is told


def closing(kind: RestrictionKind, *, provisional: bool = False) -> Restriction:
    return Restriction(kind=kind, since=NOON, provisional=provisional)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([], [], None),
        ([], [closing(UPLOADS)], NotificationKind.RESTRICTION_SET),
        ([], [closing(UPLOADS, provisional=True)], NotificationKind.RESTRICTION_SET),
        ([closing(UPLOADS)], [], NotificationKind.RESTRICTION_LIFTED),
        ([closing(UPLOADS)], [closing(UPLOADS)], None),
        (
            [closing(UPLOADS, provisional=True)],
            [closing(UPLOADS)],
            NotificationKind.RESTRICTION_SET,
        ),
        ([closing(UPLOADS)], [closing(UPLOADS, provisional=True)], None),
        ([closing(ACCOUNT), closing(UPLOADS)], [], NotificationKind.RESTRICTION_LIFTED),
        (
            [closing(UPLOADS, provisional=True)],
            [closing(ACCOUNT)],
            NotificationKind.RESTRICTION_SET,
        ),
        (
            [closing(UPLOADS), closing(APPEALS)],
            [closing(UPLOADS)],
            NotificationKind.RESTRICTION_LIFTED,
        ),
    ],
)
def test_what_the_holder_is_told(
    before: list[Restriction], after: list[Restriction], told: NotificationKind | None
) -> None:
    assert news(before, after) is told
