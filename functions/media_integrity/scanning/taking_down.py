"""Takes published media down because a person said so: the one shown, a moderator, a report.

One transaction in which the caller finds out that it may not stay; then the bytes, at once. A crash
in between leaves a job that the sweeper sees to.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from media_integrity.cloud.firestore import Transaction
from media_integrity.decision.policy import Policy
from media_integrity.decision.verdict import Verdict
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.errors import Unavailable
from media_integrity.schema.findings import Finding
from media_integrity.schema.hashes import MediaHash

from . import moving, unpublish
from .backend import Backend
from .clusters import Shown

log = logging.getLogger(__name__)


def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Ground:
    """Why media is taken down."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    victims: tuple[UserId, ...] = ()
    write: Callable[[], None] = _nothing
    """What else is written in the same transaction."""


def take_down(
    media_id: str,
    ground: Callable[[Transaction, unpublish.Published], Ground | None],
    policy: Policy,
    backend: Backend,
    *,
    bucket: str,
) -> bool:
    """Unpublish one upload; False if it is not published, or ``ground`` says that it may stay.

    ``ground`` reads in the transaction what it needs; its body may run twice. ``bucket``: for
    records that do not name theirs.

    Raises:
        Unavailable: it is being published this moment; asking again helps.
    """
    media = backend.store.get(MediaHash, media_id)
    if media is None or media.unpublished_at is not None:
        return False
    cluster = backend.clusters.place(Shown.of_published(media))

    def body(tx: Transaction) -> bool:
        now = backend.clock.now()
        try:
            published = unpublish.read(tx, media_id, now, bucket)
        except unpublish.StillMoving as error:
            raise Unavailable(
                "This upload is being published this moment. Try again in a minute.",
                code="still_moving",
            ) from error
        found = ground(tx, published) if published is not None else None
        if published is None or found is None:
            return False
        unpublish.write(
            tx,
            published,
            found.verdict,
            found.findings,
            policy.bank_match,
            cluster=cluster,
            now=now,
            consequences=backend.consequences,
            victims=found.victims,
            move=True,
        )
        found.write()
        return True

    if not backend.store.run(body):
        return False
    try:
        moving.move_now(JobId(media_id), policy, backend)
    except Exception as error:  # noqa: BLE001  the sweeper sees to it
        log.error(
            "taken down, not moved yet", extra={"job": media_id, "error_type": type(error).__name__}
        )
    return True
