"""What shields need done from time to time; each part can be repeated and stopped at any point.

* Deletions and pauses that died half-way are finished.
* Young shields are compared with others once more: two made at the same time, or one made while the
  key service did not answer, may have missed each other.
* Lost rescans are asked for again.
* Keys are wrapped anew with the newest version of the KMS key, so that old ones can be destroyed.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from media_integrity.banks import personal
from media_integrity.cloud.firestore import Query, Where
from media_integrity.cloud.keys import KeysUnreachable
from media_integrity.schema.base import days
from media_integrity.schema.shields import Shield, ShieldId, ShieldKey, ShieldStatus
from media_integrity.sealing.envelopes import CannotOpen

from . import conflicts, rescan, service
from .backend import ShieldBackend

log = logging.getLogger(__name__)

LOOKED_BACK = timedelta(hours=2)
"""For changes that died half-way: longer than the schedule's failures last, as a rule."""

REWRAPPED = 200
"""Keys in one run; each asks the key service twice."""


def finish(backend: ShieldBackend) -> int:
    """Finish what was begun with shields that changed lately; how many were looked at."""
    since = backend.clock.now() - LOOKED_BACK
    changed = list(backend.store.query(changed_since(since)))
    for shield in changed:
        shield_id = ShieldId(shield.id)
        if shield.status is ShieldStatus.DELETED:
            service.finish_deletion(shield_id, backend)
            continue
        if shield.references.hashes:
            personal.follow_shield(shield_id, backend.banks)
        conflicts.look(shield, backend)
    return len(changed)


def changed_since(since: datetime) -> Query[Shield]:
    return Query(Shield, (Where("updatedAt", ">=", since),), order_by=(("updatedAt", "ASCENDING"),))


def rewrap(backend: ShieldBackend) -> int:
    """Wrap the oldest keys anew; how many. One that does not open is left as it was, with an error
    in the log: whoever reads the templates raises the alarm."""
    before = backend.clock.now() - days(backend.policy.shields.rewrap_days)
    done = 0
    for key in list(backend.store.query(wrapped_before(before))):
        try:
            done += backend.templates.keys.wrap_anew(ShieldId(key.parent_id))
        except CannotOpen:
            log.error("key does not open", extra={"shield": key.parent_id})
        except KeysUnreachable as error:
            log.warning("keys not wrapped anew", extra={"error_type": type(error).__name__})
            return done
    return done


def wrapped_before(moment: datetime) -> Query[ShieldKey]:
    return Query(
        ShieldKey,
        (Where("updatedAt", "<=", moment),),
        order_by=(("updatedAt", "ASCENDING"),),
        limit=REWRAPPED,
        group=True,
    )


def rescans(backend: ShieldBackend) -> int:
    """Ask again for rescans that nobody works on; how many."""
    return rescan.sweep(backend)
