"""How an entry of a bank stands after what people have said of it. Pure.

One person's word is enough to hold an upload and never enough to ban anybody: an entry counts as
confirmed when somebody other than who added it has confirmed it, or where the operator trusts the
people of the exchange that it came from. A wrong one is doubted in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from media_integrity.decision.policy import BankUpkeepPolicy
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import BankLabel
from media_integrity.schema.hashes import (
    MAX_OPINIONS,
    BankHash,
    DisabledFor,
    Opinion,
    OpinionKind,
)

DIFFERENT_PEOPLE = 2
"""Who undo matches until the entry is off: one person alone only makes it hold."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an entry may do. ``disabled_for`` is None while it matches."""

    confirmed: bool
    disabled_for: DisabledFor | None


def with_opinion(entry: BankHash, opinion: Opinion) -> tuple[Opinion, ...]:
    """The entry's opinions with this one, in place of an earlier one of the same person.

    Where there are too many, the oldest goes.
    """
    others = tuple(known for known in entry.opinions if known.by != opinion.by)
    return (*others, opinion)[-MAX_OPINIONS:]


def standing(
    entry: BankHash,
    label: BankLabel,
    policy: BankUpkeepPolicy,
    *,
    never_disabled: frozenset[BankLabel],
) -> Standing:
    """How the entry stands by its opinions and counters.

    An entry of a label in ``never_disabled`` is not switched off by counting: it goes on holding
    uploads, unconfirmed, until somebody disables it by name.
    """
    confirms = {word.by for word in entry.opinions if word.kind is OpinionKind.CONFIRM}
    disputes = {word.by for word in entry.opinions if word.kind is OpinionKind.DISPUTE}
    confirms.discard(UserId(entry.added_by))
    undone = (
        entry.counters.overturned >= policy.overturned
        and entry.counters.overturned > entry.counters.upheld
    )
    doubted: DisabledFor | None = None
    if len(disputes) >= policy.disputes and len(disputes) > len(confirms):
        doubted = DisabledFor.DISPUTED
    elif undone and len(entry.overturned_by) >= DIFFERENT_PEOPLE:
        doubted = DisabledFor.OVERTURNED
    believed = bool(confirms) or entry.verified
    return Standing(
        confirmed=believed and doubted is None and not undone and len(disputes) <= len(confirms),
        disabled_for=None if label in never_disabled else doubted,
    )


def popularity_cleared(
    entry: BankHash, opinion: Opinion, *, senior: bool
) -> dict[str, bool | datetime]:
    """The changes by which a senior moderator's confirmation ends an alarm for popularity."""
    if not (senior and entry.popular and opinion.kind is OpinionKind.CONFIRM):
        return {}
    return {"popular": False, "popular_cleared_at": opinion.at}
