"""Which accounts may be one person's: a graph for moderators, with what speaks for each tie.

No account is closed by it. Every look-up is bounded, and what very many accounts share (an internet
café's device, a picture that went round) ties nobody to anybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from media_integrity.audit.log import Entry
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Query, Store, Transaction, Where
from media_integrity.decision.policy import EnforcementPolicy
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.base import Document, UserId
from media_integrity.schema.cases import BlockedUploadAttempt, Case
from media_integrity.schema.enforcement import (
    MAX_LINKS,
    AccountTrace,
    BlockedThing,
    EnforcementDetails,
    EnforcementRecord,
    LinkedAccount,
    LinkReason,
)
from media_integrity.schema.enums import Action
from media_integrity.schema.errors import Forbidden
from media_integrity.schema.watermarks import MediaWatermark

D = TypeVar("D", bound=Document)

DEPTH = 2
"""Steps from the account that was asked about."""
MAX_ACCOUNTS = 25
"""In one graph; of more, the strongest ties."""
MAX_THINGS = 20
"""Devices, addresses, files of one account that are followed, the newest."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Two accounts, in the order of their ids, and what speaks for one person holding both."""

    one: UserId
    other: UserId
    reasons: tuple[LinkReason, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Graph:
    accounts: tuple[UserId, ...]
    """The one that was asked about first."""
    ties: tuple[Tie, ...]
    complete: bool
    """False: there were more accounts than a graph takes."""


@dataclass(slots=True)
class _Found:
    """What is known of ties so far."""

    reasons: dict[tuple[UserId, UserId], set[LinkReason]] = field(
        default_factory=lambda: defaultdict(set)
    )

    def tie(self, user: UserId, others: Iterable[UserId], reason: LinkReason) -> None:
        for other in others:
            if other != user:
                self.reasons[min(user, other), max(user, other)].add(reason)

    def of(self, user: UserId) -> Iterator[tuple[UserId, set[LinkReason]]]:
        for (one, other), reasons in self.reasons.items():
            if user in {one, other}:
                yield (other if user == one else one), reasons


def find(
    user: UserId, by: Actor, *, policy: EnforcementPolicy, store: Store, clock: Clock
) -> Graph:
    """The accounts around one; its nearest are kept in its details. Who looked is audited.

    Raises:
        Forbidden: a moderator asks about their own account.
    """
    if by.id == user:
        raise Forbidden("Somebody else has to look into your account.")
    graph = around(user, policy, store)
    near = [each for each in graph.ties if user in {each.one, each.other}]
    linked = tuple(
        LinkedAccount(
            user_id=each.other if each.one == user else each.one,
            reasons=each.reasons,
            weight=each.weight,
        )
        for each in near[:MAX_LINKS]
    )

    def body(tx: Transaction) -> None:
        now = clock.now()
        known = tx.get_below(EnforcementDetails, user, EnforcementDetails.DETAILS_ID)
        trail = Entry(tx, EnforcementRecord.path_of(user))
        details = known or EnforcementDetails(id=EnforcementDetails.DETAILS_ID, parent_id=user)
        tx.put(details.model_copy(update={"linked_accounts": linked, "linked_at": now}))
        trail.write(AuditAction.ACCOUNTS_LINKED, by, now, f"{len(graph.accounts) - 1} accounts")

    store.run(body)
    return graph


def around(user: UserId, policy: EnforcementPolicy, store: Store) -> Graph:
    """The accounts within two steps, the strongest ties first. Changes nothing."""
    found, seen, complete = _Found(), [user], True
    step = [user]
    for _ in range(DEPTH):
        for each in step:
            _look(each, found, policy, store)
        beside = {
            other: weight_of(reasons, policy)
            for each in step
            for other, reasons in found.of(each)
            if other not in seen
        }
        nearest = sorted(beside, key=lambda other: (-beside[other], other))
        step = nearest[: MAX_ACCOUNTS - len(seen)]
        complete = complete and len(step) == len(nearest)
        seen += step
    ties = [
        Tie(one, other, tuple(sorted(reasons)), weight_of(reasons, policy))
        for (one, other), reasons in found.reasons.items()
        if {one, other} <= set(seen)
    ]
    ties.sort(key=lambda tie: (user not in {tie.one, tie.other}, -tie.weight, tie.one, tie.other))
    return Graph(tuple(seen), tuple(ties), complete)


def weight_of(reasons: Iterable[LinkReason], policy: EnforcementPolicy) -> float:
    """What several reasons say together, as if they had nothing to do with one another. Pure."""
    doubt = 1.0
    for reason in set(reasons):
        doubt *= 1 - policy.links[reason]
    return 1 - doubt


def _look(user: UserId, found: _Found, policy: EnforcementPolicy, store: Store) -> None:
    """Everything that ties one account to others directly."""
    most = policy.popular_accounts
    traces = list(store.query(_newest(AccountTrace, "userId", user, "lastAt")))
    attempts = list(store.query(_newest(BlockedUploadAttempt, "uploaderId", user, "createdAt")))
    cases = list(store.query(_newest(Case, "uploaderId", user, "createdAt")))
    marks = list(store.query(_newest(MediaWatermark, "uploaderId", user, "publishedAt")))

    devices = _distinct(
        *(each.hash for each in traces if each.kind is BlockedThing.DEVICE),
        *(each.device_hash for each in attempts),
    )
    places = _distinct(*(each.hash for each in traces if each.kind is BlockedThing.ADDRESS))
    for hashed in devices:
        _tie(user, found, LinkReason.DEVICE, most, [*_seen(hashed, store), *_tried(hashed, store)])
    for hashed in places:
        _tie(user, found, LinkReason.ADDRESS, most, _seen(hashed, store))
    for sha256 in _distinct(*(each.sha256 for each in attempts)):
        same = Query(BlockedUploadAttempt, (Where("sha256", "==", sha256),), limit=_FOLLOWED)
        _tie(user, found, LinkReason.MEDIA, most, (each.uploader_id for each in store.query(same)))
    for cluster in _distinct(*(each.cluster_id for each in cases if each.action is Action.BLOCK)):
        alike = Query(
            Case,
            (Where("clusterId", "==", cluster),),
            order_by=(("createdAt", "DESCENDING"),),
            limit=_FOLLOWED,
        )
        blocked = (each.uploader_id for each in store.query(alike) if each.action is Action.BLOCK)
        _tie(user, found, LinkReason.CLUSTER, most, blocked)
    for hashed in _distinct(*(each.device_hash for each in marks)):
        marked = Query(MediaWatermark, (Where("deviceHash", "==", hashed),), limit=_FOLLOWED)
        holders = (each.uploader_id for each in store.query(marked))
        _tie(user, found, LinkReason.WATERMARK, most, holders)


_FOLLOWED = 100
"""Documents of one thing that are read; beyond, it is many people's anyway."""


def _tie(
    user: UserId, found: _Found, reason: LinkReason, most: int, accounts: Iterable[UserId]
) -> None:
    """What more accounts share than the policy says ties nobody."""
    sharing = set(accounts)
    if len(sharing | {user}) <= most:
        found.tie(user, sharing, reason)


def _seen(hashed: str, store: Store) -> list[UserId]:
    traces = Query(AccountTrace, (Where("hash", "==", hashed),), limit=_FOLLOWED)
    return [each.user_id for each in store.query(traces)]


def _tried(hashed: str, store: Store) -> list[UserId]:
    attempts = Query(BlockedUploadAttempt, (Where("deviceHash", "==", hashed),), limit=_FOLLOWED)
    return [each.uploader_id for each in store.query(attempts)]


def _newest(kind: type[D], field_name: str, user: UserId, newest: str) -> Query[D]:
    return Query(
        kind,
        (Where(field_name, "==", user),),
        order_by=((newest, "DESCENDING"),),
        limit=MAX_THINGS,
    )


def _distinct(*values: str | None) -> list[str]:
    return [value for value in dict.fromkeys(values) if value is not None][:MAX_THINGS]
