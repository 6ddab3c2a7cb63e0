"""What a service says when it does not do what was asked.

Any layer may raise these. They carry a text for the one who asked: it says what is the matter and
what to do, and names no other person, no hash and no path. What else a service raises is a fault of
ours, and the edge (``api.callables``) tells the caller nothing of it.
"""

from __future__ import annotations

from typing import ClassVar


class ServiceError(Exception):
    """Something was asked that is not done. Raise one of the kinds below.

    ``code`` is for programs: the kind's, or a finer one that never changes once clients know it.
    ``text`` is for people.
    """

    kind: ClassVar[str]

    def __init__(self, text: str, *, code: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.code = code or self.kind


class Unauthenticated(ServiceError):
    """Who asks is not known, or not any more."""

    kind = "unauthenticated"


class Forbidden(ServiceError):
    """Who asks may not."""

    kind = "forbidden"


class NotFound(ServiceError):
    """What was asked for is not there."""

    kind = "not_found"


class Invalid(ServiceError):
    """What was asked makes no sense, whatever the state of things. Asking again does not help."""

    kind = "invalid"


class Conflict(ServiceError):
    """Things are in another state than the request takes for granted: look again, then decide."""

    kind = "conflict"


class TooMany(ServiceError):
    """It was asked too often, or of too much. Later it can be asked again."""

    kind = "too_many"

    def __init__(
        self, text: str, *, code: str | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(text, code=code)
        self.retry_after_s = retry_after_s


class Unavailable(ServiceError):
    """Something that is needed does not answer. Trying again in a while can help."""

    kind = "unavailable"
