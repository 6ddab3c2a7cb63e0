"""How people want to be told, and on which phones."""

from __future__ import annotations

from datetime import datetime, timedelta

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Query, Store, Transaction, Where
from media_integrity.schema.base import UserId
from media_integrity.schema.errors import Invalid
from media_integrity.schema.notifications import (
    TOKEN_RETENTION,
    LanguageTag,
    NotificationSettings,
    Platform,
    PushToken,
    QuietHours,
)

from .quiet import zone_of

MAX_PHONES = 20
"""Of one account; the one that was opened longest ago makes room."""

ASK_AGAIN_AFTER = timedelta(days=1)
"""An app registers at every start; what is younger is not written again."""


def set_settings(
    user: UserId,
    *,
    language: LanguageTag | None,
    push: bool,
    mail: bool,
    quiet: QuietHours | None,
    urgent_always: bool,
    store: Store,
    clock: Clock,
) -> NotificationSettings:
    """Replace a person's settings.

    Raises:
        Invalid: the time zone of the quiet hours is not known.
    """
    if quiet is not None and zone_of(quiet.zone) is None:
        raise Invalid(
            "This time zone is not known. Send its IANA name, such as Europe/Berlin.",
            code="unknown_time_zone",
        )
    settings = NotificationSettings(
        id=user,
        language=language,
        push=push,
        mail=mail,
        quiet=quiet,
        urgent_always=urgent_always,
        updated_at=clock.now(),
    )
    store.put(settings)
    return settings


def register_token(
    user: UserId,
    token: str,
    platform: Platform,
    language: LanguageTag | None,
    *,
    store: Store,
    clock: Clock,
) -> None:
    """From now on this installation of the app gets the account's pushes, and no other account's.

    Whoever knows a token can bring its pushes to an end this way, and learns nothing by it.
    """
    now = clock.now()
    fresh = PushToken(
        id=PushToken.id_for(token),
        user_id=user,
        token=token,
        platform=platform,
        language=language,
        registered_at=now,
        expire_at=now + TOKEN_RETENTION,
    )

    def body(tx: Transaction) -> bool:
        known = tx.get(PushToken, fresh.id)
        if known is not None and _is_fresh(known, fresh):
            return False
        tx.put(fresh)
        return True

    if store.run(body):
        held = tokens_of(user, now, store)
        store.delete(*(each.path for each in held[MAX_PHONES:]))


def forget_token(user: UserId, token: str, *, store: Store, clock: Clock) -> None:
    """Before somebody signs out: no more pushes there. No error if the token is not theirs.

    It expires at once; the database deletes it within days.
    """

    def body(tx: Transaction) -> None:
        known = tx.get(PushToken, PushToken.id_for(token))
        if known is not None and known.user_id == user:
            tx.update(known, expire_at=clock.now())

    store.run(body)


def tokens_of(user: UserId, now: datetime, store: Store) -> list[PushToken]:
    """The account's installations, the last opened first."""
    found = store.query(Query(PushToken, (Where("userId", "==", user),)))
    live = [each for each in found if each.expire_at > now]
    return sorted(live, key=lambda each: each.registered_at, reverse=True)


def _is_fresh(known: PushToken, asked: PushToken) -> bool:
    """It says the same already, and was written not long ago."""
    return (
        known.user_id == asked.user_id
        and known.language == asked.language
        and known.expire_at > asked.registered_at
        and asked.registered_at - known.registered_at < ASK_AGAIN_AFTER
    )
