"""Would an upload with these hashes be held? For phones, before anything is sent.

Says allow or hold and nothing else: not which bank, not how near, not whether a person's shield is
meant. Somebody who changes a picture until the answer changes gets few tries: after some holds in a
day every answer is hold. The upload itself is always scanned, whatever was said here.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from media_integrity.cloud.firestore import Transaction
from media_integrity.decision.known_media import overruled
from media_integrity.matching.matcher import Matcher
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import BankLabel, CheckAnswer
from media_integrity.schema.findings import BankHit
from media_integrity.schema.rates import RATE_RETENTION, RateWindow

from .backend import BankBackend


def check(
    hashes: Sequence[str], asker: UserId, matcher: Matcher, backend: BankBackend
) -> list[CheckAnswer]:
    """An answer for each PDQ hash (64 hex digits), in order.

    Shields are left out: an attacker must not learn here whether a person has protected a picture.

    Raises:
        Exception: the banks or the day's count cannot be read.
    """
    found = matcher.near([bytes.fromhex(each) for each in hashes])
    held = [_holds(tuple(hits), backend) for hits in found]
    if _spent(asker, sum(held), backend):
        return [CheckAnswer.HOLD] * len(hashes)
    return [CheckAnswer.HOLD if each else CheckAnswer.ALLOW for each in held]


def _holds(hits: tuple[BankHit, ...], backend: BankBackend) -> bool:
    allowed = overruled(hits, backend.policy.bank_match)
    acting = {BankLabel.ALLOW_LIST, BankLabel.SHIELD}
    return any(hit.label not in acting and hit not in allowed for hit in hits)


def _spent(asker: UserId, holds: int, backend: BankBackend) -> bool:
    """Count the day's holds; whether there were too many before these."""
    limit = backend.policy.bank_upkeep.holds_a_day
    now = backend.clock.now()
    window = f"check_holds_{quote(asker, safe='')}_{now:%Y%m%d}"

    def body(tx: Transaction) -> bool:
        known = tx.get(RateWindow, window)
        before = known.count if known is not None else 0
        if holds:
            tx.put(
                RateWindow(
                    id=window,
                    user_id=asker,
                    count=before + holds,
                    expire_at=now + RATE_RETENTION,
                )
            )
        return before >= limit

    return backend.store.run(body)
