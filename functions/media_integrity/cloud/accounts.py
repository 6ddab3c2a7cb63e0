"""What Firebase Auth knows of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from media_integrity.schema.base import UserId
from media_integrity.schema.enforcement import ACCOUNT_CLOSED_CLAIM
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
    mail_verified: bool = False
    """It has a mail address, and its holder has shown that it is theirs."""


class NoAccount(Exception):
    """There is no account of that id, or not any more."""


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
            mail_verified=bool(found.email and found.email_verified),
        )

    def set_claim(self, user: UserId, name: str, value: bool) -> None:
        """Set a custom claim, or take it away (``False``); the others stay as they are now.

        Tokens carry it from their next refresh on. Firebase Auth can only replace all claims: a
        change that somebody else makes between reading and writing, some 100 ms, is lost.

        Raises:
            NoAccount: there is no such account.
        """
        from firebase_admin import auth

        app = firebase_app()
        try:
            held = dict(auth.get_user(user, app=app).custom_claims or {})
            others = {key: held[key] for key in held if key != name}
            wanted = {**others, name: True} if value else others
            if wanted != held:
                auth.set_custom_user_claims(user, wanted, app=app)
        except auth.UserNotFoundError as error:
            raise NoAccount from error

    def set_closed(self, user: UserId, closed: bool) -> None:
        """Disable an account, or enable it again if it was this that disabled it.

        Who disabled it stands in a claim that is set in the same request, so that an account that
        an operator has disabled for another reason stays so.

        Raises:
            NoAccount: there is no such account.
        """
        from firebase_admin import auth

        app = firebase_app()
        try:
            found = auth.get_user(user, app=app)
            held = dict(found.custom_claims or {})
            others = {key: held[key] for key in held if key != ACCOUNT_CLOSED_CLAIM}
            if closed and not found.disabled:
                wanted = {**others, ACCOUNT_CLOSED_CLAIM: True}
                auth.update_user(user, disabled=True, custom_claims=wanted, app=app)
            elif not closed and held.get(ACCOUNT_CLOSED_CLAIM) is True:
                auth.update_user(user, disabled=False, custom_claims=others, app=app)
        except auth.UserNotFoundError as error:
            raise NoAccount from error

    def end_sessions(self, user: UserId) -> None:
        """Revoke the refresh tokens: whoever is signed in has to sign in again within the hour.

        Raises:
            NoAccount: there is no such account.
        """
        from firebase_admin import auth

        try:
            auth.revoke_refresh_tokens(user, app=firebase_app())
        except auth.UserNotFoundError as error:
            raise NoAccount from error

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
