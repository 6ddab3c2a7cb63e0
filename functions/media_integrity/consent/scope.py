"""What a consent covers, and whether an upload is that. Pure.

A consent is bound to the media, the surface and the purpose. The same media is the same bytes or,
of a still picture, the same picture saved again; what differs by more is an edited copy. Of films
and animations only the bytes count: their frames may be alike while what is said over them is not.
"""

from __future__ import annotations

from media_integrity.decision.policy import Policy
from media_integrity.scanning.consequences import Filed
from media_integrity.schema.consent import MAX_SCOPE_VIEWS, ConsentScope
from media_integrity.schema.hashes import PdqView


def scope_of(filed: Filed) -> ConsentScope:
    """What a consent to this upload covers."""
    whole = [view for view in filed.views if view.inside is None]
    return ConsentScope(
        sha256=filed.sha256,
        views=tuple(whole[:MAX_SCOPE_VIEWS]),
        surface=filed.upload.surface,
    )


def covers(given: ConsentScope, wanted: ConsentScope, policy: Policy) -> bool:
    """Whether what was agreed to covers this media, surface and purpose."""
    if (given.surface, given.purpose) != (wanted.surface, wanted.purpose):
        return False
    return same_media(given, wanted, policy)


def same_media(one: ConsentScope, other: ConsentScope, policy: Policy) -> bool:
    """Whether both are the same media, and neither an edited copy of the other."""
    if one.sha256 == other.sha256:
        return True
    if not len(one.views) == len(other.views) == 1:
        return False
    return _alike(one.views[0], other.views[0], policy)


def _alike(one: PdqView, other: PdqView, policy: Policy) -> bool:
    """Hashes of pictures without detail are near to each other and say nothing."""
    if min(one.quality, other.quality) < policy.bank_match.min_quality:
        return False
    distance = (int(one.pdq, 16) ^ int(other.pdq, 16)).bit_count()
    return distance <= policy.consent.edited_distance
