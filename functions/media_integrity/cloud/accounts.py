"""What Firebase Auth knows of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from media_integrity.schema.base import UserId
from media_integrity.schema.enums import AgeGroup

from .app import firebase_app

AGE_CLAIM = "ageGroup"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is now; an ID token tells how it was up to an hour ago."""

    disabled: bool
    claims: Mapping[str, object]
    valid_since: datetime
    """Tokens that were issued before are revoked."""


class Accounts:
    def find(self, user: UserId) -> Account | None:
        """The account, or None if there is none of that id. One request to Firebase Auth."""
        from firebase_admin import auth

        try:
            found = auth.get_user(user, app=firebase_app())
        except (auth.UserNotFoundError, ValueError):
            return None
        return Account(
            disabled=bool(found.disabled),
            claims=dict(found.custom_claims or {}),
            valid_since=datetime.fromtimestamp(found.tokens_valid_after_timestamp / 1000, UTC),
        )

    def age_group(self, user: UserId) -> AgeGroup | None:
        """From the custom claim ``ageGroup``; None if the account or a valid claim is missing."""
        from firebase_admin import auth

        try:
            claims = auth.get_user(user, app=firebase_app()).custom_claims or {}
        except (auth.UserNotFoundError, ValueError):
            return None
        try:
            return AgeGroup(str(claims.get(AGE_CLAIM)))
        except ValueError:
            return None
