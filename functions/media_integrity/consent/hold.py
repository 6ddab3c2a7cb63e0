"""What each event makes of the consent that one upload needs. Pure.

    AWAITING  --enough agree-->       GIVEN      the upload may be published
    AWAITING  --time is up-->         EXPIRED
    any open  --somebody refuses-->   REFUSED
    any open  --somebody withdraws--> WITHDRAWN
    GIVEN     --a claim was void, or more people are found--> AWAITING

REFUSED, WITHDRAWN and EXPIRED are final: whatever comes later, this upload is not published. Every
function returns the hold as it is afterwards; an event that does not fit changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from media_integrity.schema.base import UserId
from media_integrity.schema.consent import (
    CLOSED_REQUEST_RETENTION,
    CONSENT_PROOF_RETENTION,
    ConsentHold,
    ConsentHoldStatus,
    ConsentRequestId,
    ConsentScope,
)

FINAL = frozenset(
    {ConsentHoldStatus.REFUSED, ConsentHoldStatus.EXPIRED, ConsentHoldStatus.WITHDRAWN}
)


def opened(job: str, uploader: UserId, now: datetime) -> ConsentHold:
    """Of an upload about which nothing is known yet."""
    return ConsentHold(id=job, uploader_id=uploader, created_at=now, updated_at=now)


def missing(hold: ConsentHold) -> int | None:
    """How many people have yet to agree; None before the first verdict."""
    return max(0, hold.needed - len(hold.consents)) if hold.scope is not None else None


def claimed(hold: ConsentHold, now: datetime) -> ConsentHold:
    """The uploader says that they are shown themself; it counts once the upload is judged."""
    return hold if hold.status in FINAL else _changed(hold, now, self_claimed=True)


def judged(
    hold: ConsentHold,
    scope: ConsentScope,
    needed: int,
    own_face: bool | None,
    consents: Iterable[str],
    now: datetime,
) -> ConsentHold:
    """A verdict has said who is shown. ``consents``: those in force, earlier ones included."""
    if hold.status in FINAL:
        return hold
    return _settled(
        _changed(
            hold,
            now,
            scope=scope,
            needed=needed,
            own_face=own_face,
            consents=tuple(dict.fromkeys(consents)),
        )
    )


def waited_for(hold: ConsentHold, until: datetime, now: datetime) -> ConsentHold:
    """The upload would be published, and waits. Its clock starts once."""
    if hold.status is not ConsentHoldStatus.AWAITING or hold.expires_at is not None:
        return hold
    return _changed(hold, now, expires_at=until)


def asked(
    hold: ConsentHold, requests: Iterable[ConsentRequestId], until: datetime, now: datetime
) -> ConsentHold:
    """People were asked, and have time until then: an upload that waits waits so long for them."""
    if hold.status in FINAL:
        return hold
    waits = hold.expires_at is not None
    return _changed(
        hold,
        now,
        requests=tuple(dict.fromkeys((*hold.requests, *requests))),
        expires_at=max(hold.expires_at or until, until) if waits else None,
    )


def agreed(hold: ConsentHold, consent: str, now: datetime) -> ConsentHold:
    """One more person has agreed."""
    if hold.status in FINAL:
        return hold
    return _settled(_changed(hold, now, consents=tuple(dict.fromkeys((*hold.consents, consent)))))


def refused(
    hold: ConsentHold, request: ConsentRequestId, now: datetime, erase_after: timedelta
) -> ConsentHold:
    """Somebody has said no. It counts against later uploads of the same media too."""
    after = hold
    if hold.status not in FINAL:
        after = _closed(hold, ConsentHoldStatus.REFUSED, now, erase_after)
    return _standing(after, (*hold.refused_by, request), now)


def withdrawn(
    hold: ConsentHold,
    consent: str,
    request: ConsentRequestId | None,
    now: datetime,
    erase_after: timedelta,
) -> ConsentHold:
    """Somebody has taken their consent back. ``request``: none where it was the uploader's own."""
    if consent not in hold.consents:
        return hold
    left = tuple(each for each in hold.consents if each != consent)
    after = _changed(hold, now, consents=left)
    if hold.status not in FINAL:
        after = _closed(after, ConsentHoldStatus.WITHDRAWN, now, erase_after)
    own = request is not None and request in hold.requests
    return _standing(after, (*hold.refused_by, request), now) if request and own else after


def expired(hold: ConsentHold, now: datetime, erase_after: timedelta) -> ConsentHold:
    """Not everybody has agreed in time."""
    due = hold.expires_at is not None and hold.expires_at <= now
    if hold.status is not ConsentHoldStatus.AWAITING or not due:
        return hold
    return _closed(hold, ConsentHoldStatus.EXPIRED, now, erase_after)


def stopped(
    hold: ConsentHold, status: ConsentHoldStatus, now: datetime, erase_after: timedelta
) -> ConsentHold:
    """The same media was refused before: nobody needs to be asked again."""
    return hold if hold.status in FINAL else _closed(hold, status, now, erase_after)


def taken_back(hold: ConsentHold, request: ConsentRequestId, now: datetime) -> ConsentHold:
    """A no does not stand any more. This upload stays what it is; later ones may ask again."""
    if request not in hold.refused_by:
        return hold
    return _standing(hold, tuple(each for each in hold.refused_by if each != request), now)


def ended(hold: ConsentHold, now: datetime) -> ConsentHold:
    """The upload was seen to: it is not published."""
    return _changed(hold, now, end_due=False) if hold.end_due else hold


def _settled(hold: ConsentHold) -> ConsentHold:
    """GIVEN exactly when enough have agreed."""
    enough = hold.scope is not None and len(hold.consents) >= hold.needed
    status = ConsentHoldStatus.GIVEN if enough else ConsentHoldStatus.AWAITING
    return hold.model_copy(update={"status": status})


def _closed(
    hold: ConsentHold, status: ConsentHoldStatus, now: datetime, erase_after: timedelta
) -> ConsentHold:
    return _changed(
        hold,
        now,
        status=status,
        end_due=True,
        erase_at=now + erase_after,
        expires_at=None,
        expire_at=now + erase_after + CLOSED_REQUEST_RETENTION,
    )


def _standing(
    hold: ConsentHold, refused_by: tuple[ConsentRequestId, ...], now: datetime
) -> ConsentHold:
    kept = now + CONSENT_PROOF_RETENTION if refused_by else hold.erase_at or now
    later = kept + CLOSED_REQUEST_RETENTION if not refused_by else kept
    return _changed(hold, now, refused_by=tuple(dict.fromkeys(refused_by)), expire_at=later)


def _changed(hold: ConsentHold, now: datetime, **changes: object) -> ConsentHold:
    return hold.model_copy(update={**changes, "updated_at": now})
