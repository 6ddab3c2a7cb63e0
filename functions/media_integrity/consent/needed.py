"""Who in a picture has to agree to its publication? Pure.

Not everybody whose face a camera caught: a passer-by and a crowd are not what a picture is of. But
a face that is large is always somebody who is shown, whatever stands beside it, so that nobody is
made background by a larger face put next to them. The values: ``policy.toml``, ``[consent]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from media_integrity.decision.policy import ConsentPolicy
from media_integrity.schema.findings import Box


def side(face: Box) -> float:
    """Size of a face: the square root of its share of the picture's area, 0 to 1.

    Of a picture's height or width alone a face would have another share once the picture is cut.
    """
    return sqrt(face.width * face.height)


def depicted(faces: Sequence[Box], policy: ConsentPolicy) -> tuple[Box, ...]:
    """The faces of people who are shown, largest first; none in a crowd."""
    largest = max(map(side, faces), default=0.0)
    shown = [face for face in faces if _is_shown(side(face), largest, policy)]
    if len(shown) >= policy.crowd_faces and largest < policy.shown_side:
        return ()
    return tuple(sorted(shown, key=side, reverse=True))


def people_to_agree(
    faces: Sequence[Box], policy: ConsentPolicy, *, looked: bool, may_show: bool
) -> int:
    """How many people have to agree.

    Where nobody has looked (``looked``), nobody knows how many: something that may show people then
    needs one of them at the least, as not to have looked is not to have found nobody.
    """
    shown = len(depicted(faces, policy))
    return shown if looked or not may_show else max(shown, 1)


def _is_shown(size: float, largest: float, policy: ConsentPolicy) -> bool:
    if size >= policy.shown_side:
        return True
    return size >= policy.background_side and size * policy.background_ratio > largest
