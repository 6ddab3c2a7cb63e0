"""What Firebase Auth knows of an account."""

from __future__ import annotations

from media_integrity.schema.base import UserId
from media_integrity.schema.enums import AgeGroup

from .app import firebase_app

AGE_CLAIM = "ageGroup"


class Accounts:
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
