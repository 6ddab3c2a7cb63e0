"""The audit chains show what was changed afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.schema.audit import (
    CHAINS,
    GENESIS,
    Actor,
    ActorKind,
    AuditAction,
    AuditEntry,
    AuditHead,
    append,
    chain_of,
    chained_hash,
)

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
MODERATOR = Actor(kind=ActorKind.MODERATOR, id="m1")
CASE = "media_integrity_cases/c1"


def head_of(subject: str) -> AuditHead:
    return AuditHead(id=AuditHead.id_for(chain_of(subject)))


def written(*notes: str) -> tuple[list[AuditEntry], AuditHead]:
    """A chain with one entry for each note."""
    head, entries = head_of(CASE), []
    for number, note in enumerate(notes):
        entry, head = append(
            head,
            at=NOON + timedelta(seconds=number),
            actor=MODERATOR,
            action=AuditAction.CASE_DECIDED,
            subject=CASE,
            note=note,
        )
        entries.append(entry)
    return entries, head


def test_each_entry_carries_the_hash_of_the_one_before() -> None:
    entries, head = written("a", "b", "c")

    assert [entry.previous_hash for entry in entries] == [
        GENESIS,
        entries[0].hash,
        entries[1].hash,
    ]
    assert head.last_hash == entries[-1].hash
    assert head.length == 3


def test_ids_follow_the_sequence_and_sort_like_it() -> None:
    entries, _ = written(*"abcdefghijkl")

    ids = [entry.id for entry in entries]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)


def test_an_untouched_entry_is_intact_also_after_a_stay_in_firestore() -> None:
    (entry,), _ = written("a")

    assert entry.intact
    assert AuditEntry.from_firestore(entry.path, entry.to_firestore()).intact


CHANGES: dict[str, object] = {
    "id": "0-000000000009",
    "chain": (chain_of(CASE) + 1) % CHAINS,
    "sequence": 1,
    "at": NOON + timedelta(microseconds=1),
    "actor": Actor(kind=ActorKind.MODERATOR, id="m2"),
    "action": AuditAction.CASE_CLAIMED,
    "subject": "media_integrity_cases/c2",
    "note": "b",
    "previous_hash": "1" * 64,
    "hash": "1" * 64,
}


def test_the_changes_below_are_of_every_field() -> None:
    assert set(CHANGES) == set(AuditEntry.model_fields)


@pytest.mark.parametrize("field", CHANGES)
def test_any_change_shows(field: str) -> None:
    (entry,), _ = written("a")

    assert not entry.model_copy(update={field: CHANGES[field]}).intact


def test_who_acted_and_in_what_capacity_are_told_apart() -> None:
    (entry,), _ = written("a")
    promoted = Actor(kind=ActorKind.ADMIN, id=MODERATOR.id)

    assert not entry.model_copy(update={"actor": promoted}).intact


def test_an_entry_is_not_written_to_a_chain_that_is_not_its_own() -> None:
    wrong = AuditHead(id=AuditHead.id_for((chain_of(CASE) + 1) % CHAINS))

    with pytest.raises(ValueError, match="belongs to chain"):
        append(wrong, at=NOON, actor=MODERATOR, action=AuditAction.CASE_DECIDED, subject=CASE)


def test_subjects_are_spread_over_all_chains() -> None:
    assert {chain_of(f"media_integrity_cases/{number}") for number in range(400)} == set(
        range(CHAINS)
    )


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_other_parts_give_another_hash(first: list[str], second: list[str]) -> None:
    """Also where the parts put together are the same text."""
    assert (chained_hash(*first) == chained_hash(*second)) == (first == second)
