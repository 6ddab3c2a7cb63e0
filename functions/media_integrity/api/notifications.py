"""What apps call to say how, where and when their person wants to be told."""

from __future__ import annotations

from pydantic import Field

from media_integrity.schema.base import Moment
from media_integrity.schema.notifications import LanguageTag, Platform, QuietHours

from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .rates import per_day, per_minute


class SetNotificationSettings(Request):
    """All of them: what is left out goes back to its default."""

    language: LanguageTag | None = None
    push: bool = True
    mail: bool = True
    quiet: QuietHours | None = None
    urgent_always: bool = False


class NotificationSettingsSet(Response):
    updated_at: Moment


class RegisterPushToken(Request):
    token: str = Field(pattern=r"^[\x21-\x7e]{16,4096}$")
    platform: Platform
    language: LanguageTag | None = None


class ForgetPushToken(Request):
    token: str = Field(pattern=r"^[\x21-\x7e]{16,4096}$")


class RetryDeadEffect(Request):
    entry_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,400}$")


class Done(Response):
    """Nothing but that it is done."""


@callable(role=Role.SIGNED_IN, request=SetNotificationSettings, rate=(per_minute(20), per_day(200)))
def set_notification_settings(
    request: SetNotificationSettings, caller: Caller
) -> NotificationSettingsSet:
    """Replace the caller's own settings. They are read from ``notification_settings/{uid}``."""
    from media_integrity.notifications import settings

    from . import services

    written = settings.set_settings(
        caller.uid,
        language=request.language,
        push=request.push,
        mail=request.mail,
        quiet=request.quiet,
        urgent_always=request.urgent_always,
        store=services.store(),
        clock=services.clock(),
    )
    return NotificationSettingsSet(updated_at=written.updated_at)


@callable(role=Role.SIGNED_IN, request=RegisterPushToken, rate=(per_minute(10), per_day(100)))
def register_push_token(request: RegisterPushToken, caller: Caller) -> Done:
    """Have the caller's pushes sent to this installation. Apps call it at every start."""
    from media_integrity.notifications import settings

    from . import services

    settings.register_token(
        caller.uid,
        request.token,
        request.platform,
        request.language,
        store=services.store(),
        clock=services.clock(),
    )
    return Done()


@callable(role=Role.SIGNED_IN, request=ForgetPushToken, rate=(per_minute(10), per_day(100)))
def forget_push_token(request: ForgetPushToken, caller: Caller) -> Done:
    """No more pushes to this installation. Apps call it before their person signs out."""
    from media_integrity.notifications import settings

    from . import services

    settings.forget_token(caller.uid, request.token, store=services.store(), clock=services.clock())
    return Done()


@callable(role=Role.ADMIN, request=RetryDeadEffect, rate=per_minute(60))
def retry_dead_effect(request: RetryDeadEffect, caller: Caller) -> Done:
    """Have an effect that could not be delivered tried again. Administrators."""
    from media_integrity.notifications.deliver import revive

    from .outbox import outbox_backend

    revive(request.entry_id, outbox_backend())
    return Done()
