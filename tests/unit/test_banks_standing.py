"""One person's word holds; only another's confirms; doubt switches off."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.banks.importing import is_flood
from media_integrity.banks.standing import Standing, popularity_cleared, standing, with_opinion
from media_integrity.decision.policy import default_policy
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import BankLabel, HashAlgorithm
from media_integrity.schema.hashes import (
    MAX_OPINIONS,
    BankHash,
    DisabledFor,
    HashCounters,
    Opinion,
    OpinionKind,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = default_policy()
UPKEEP = POLICY.bank_upkeep
VALUE = "5a" * 32
CONFIRM, DISPUTE = OpinionKind.CONFIRM, OpinionKind.DISPUTE


def entry(**changes: object) -> BankHash:
    fields: dict[str, object] = {
        "id": f"pdq-{VALUE}",
        "parent_id": "bank",
        "algorithm": HashAlgorithm.PDQ,
        "value": VALUE,
        "quality": 90,
        "added_by": "adder",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return BankHash.model_validate({**fields, **changes})


def opinion(by: str, kind: OpinionKind) -> Opinion:
    return Opinion(by=UserId(by), kind=kind, why="looked", at=NOW)


def stands(*opinions: Opinion, label: BankLabel = BankLabel.NCII, **changes: object) -> Standing:
    heard = entry(opinions=opinions, **changes)
    return standing(heard, label, UPKEEP, never_disabled=POLICY.bank_match.never_overruled)


def test_an_entry_that_nobody_has_confirmed_is_unconfirmed() -> None:
    assert stands() == Standing(confirmed=False, disabled_for=None)


def test_who_added_an_entry_cannot_confirm_it() -> None:
    assert not stands(opinion("adder", CONFIRM)).confirmed


def test_somebody_else_can() -> None:
    assert stands(opinion("other", CONFIRM)).confirmed


def test_what_a_trusted_source_has_verified_is_confirmed_until_somebody_disputes_it() -> None:
    assert stands(verified=True).confirmed
    assert not stands(opinion("other", DISPUTE), verified=True).confirmed


def test_one_dispute_against_one_confirmation_leaves_it_confirmed() -> None:
    assert stands(opinion("one", CONFIRM), opinion("two", DISPUTE)).confirmed


def test_enough_disputes_disable_it() -> None:
    disputes = [opinion(f"m{number}", DISPUTE) for number in range(UPKEEP.disputes)]
    assert stands(*disputes) == Standing(False, DisabledFor.DISPUTED)


def test_as_many_confirmations_outweigh_disputes() -> None:
    words = [opinion(f"d{number}", DISPUTE) for number in range(UPKEEP.disputes)]
    words += [opinion(f"c{number}", CONFIRM) for number in range(UPKEEP.disputes)]
    assert stands(*words) == Standing(True, None)


def test_matches_that_different_people_undo_disable_it() -> None:
    counters = HashCounters(matches=5, overturned=UPKEEP.overturned)
    undone = stands(verified=True, counters=counters, overturned_by=("one", "two"))
    assert undone == Standing(False, DisabledFor.OVERTURNED)


def test_one_person_who_undoes_all_its_matches_only_makes_it_hold() -> None:
    counters = HashCounters(matches=90, overturned=80)
    undone = stands(verified=True, counters=counters, overturned_by=("one",))
    assert undone == Standing(confirmed=False, disabled_for=None)


def test_matches_that_were_mostly_right_do_not() -> None:
    counters = HashCounters(matches=9, upheld=UPKEEP.overturned, overturned=UPKEEP.overturned)
    assert stands(verified=True, counters=counters).confirmed


def test_child_abuse_entries_are_never_switched_off_by_counting_they_go_on_holding() -> None:
    disputes = [opinion(f"m{number}", DISPUTE) for number in range(UPKEEP.disputes + 3)]
    assert stands(*disputes, label=BankLabel.CSAM, verified=True) == Standing(False, None)


def test_a_later_word_of_the_same_person_replaces_the_earlier_one() -> None:
    heard = entry(opinions=(opinion("one", CONFIRM), opinion("two", CONFIRM)))
    words = with_opinion(heard, opinion("one", DISPUTE))
    assert [(word.by, word.kind) for word in words] == [("two", CONFIRM), ("one", DISPUTE)]


def test_opinions_do_not_grow_without_end() -> None:
    heard = entry(opinions=tuple(opinion(f"m{n}", CONFIRM) for n in range(MAX_OPINIONS)))
    words = with_opinion(heard, opinion("new", DISPUTE))
    assert len(words) == MAX_OPINIONS
    assert words[-1].by == "new"


@given(
    st.lists(
        st.tuples(st.sampled_from(["adder", "a", "b", "c"]), st.sampled_from(list(OpinionKind))),
        max_size=12,
    )
)
def test_no_sequence_of_one_persons_words_confirms_or_disables(
    words: list[tuple[str, OpinionKind]],
) -> None:
    heard = entry()
    for _, kind in words:
        heard = entry(opinions=with_opinion(heard, opinion("adder", kind)))
    result = standing(heard, BankLabel.NCII, UPKEEP, never_disabled=frozenset())
    assert result == Standing(False, None)


@pytest.mark.parametrize(
    ("kind", "senior", "popular", "cleared"),
    [
        (CONFIRM, True, True, True),
        (CONFIRM, False, True, False),
        (DISPUTE, True, True, False),
        (CONFIRM, True, False, False),
    ],
)
def test_only_a_senior_moderators_confirmation_ends_an_alarm_for_popularity(
    kind: OpinionKind, senior: bool, popular: bool, cleared: bool
) -> None:
    changes = popularity_cleared(entry(popular=popular), opinion("s", kind), senior=senior)
    assert bool(changes) is cleared


@pytest.mark.parametrize(
    ("new", "bank", "flood"),
    [
        (UPKEEP.flood_floor, 0, False),  # a new bank's first few
        (UPKEEP.flood_floor + 1, 0, True),
        (UPKEEP.flood_floor + 1, 10_000, False),
        (UPKEEP.flood_entries, 10**9, False),
        (UPKEEP.flood_entries + 1, 10**9, True),
        (300, 1000, True),  # three in ten
    ],
)
def test_a_flood_is_too_many_or_too_large_a_share(new: int, bank: int, flood: bool) -> None:
    assert is_flood(new, bank, UPKEEP) is flood
