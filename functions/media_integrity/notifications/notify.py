"""Tells a person something: in the app always, by mail and push where they are wanted.

What is exactly once, and what is not:

- The in-app notification and the mail are documents with the entry's id, written together with the
  mark in the entry that they are there. Each is there once. The mail extension sends a mail at
  least once.
- A push that FCM has taken is noted in the entry, by phone, and not sent again. A worker that dies
  between FCM's answer and that note leaves it open, and the next one sends again: a lost alert
  would be worse than a second. Both carry the same key, so that the phone shows one; but where the
  person has wiped the first away already, it rings twice. FCM gives no way to rule that out.
- Whether a phone has shown a push, nobody is told. The in-app notification is what counts.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from media_integrity.cloud.accounts import Account
from media_integrity.cloud.firestore import Transaction
from media_integrity.cloud.messaging import MAX_TOKENS, PushAnswer, PushMessage, PushState
from media_integrity.schema.notifications import (
    NOTIFICATION_RETENTION,
    Language,
    Notification,
    NotificationKind,
    NotificationSettings,
    PushToken,
)
from media_integrity.schema.outbox import (
    MAIL_RETENTION,
    MAX_PUSHED,
    Channel,
    Mail,
    MailData,
    MailTemplate,
    MailText,
    NotifyEffect,
    OutboxEntry,
)
from media_integrity.schema.reports import Report, ReportKind

from . import claims
from .backend import OutboxBackend
from .quiet import quiet_until
from .settings import tokens_of
from .texts import language_of, text_for
from .work import NO_ACCOUNT, NotNow, Outcome, Work

log = logging.getLogger(__name__)

MAILED = frozenset(
    {
        NotificationKind.SHIELD_MEDIA_BLOCKED,
        NotificationKind.APPEAL_DECIDED,
        NotificationKind.RESTRICTION_SET,
        NotificationKind.RESTRICTION_LIFTED,
        NotificationKind.REPORT_CHANGED,
        NotificationKind.TAKEDOWN_CHANGED,
    }
)
"""What somebody must get to know who does not open the app."""

URGENT = frozenset(
    {
        NotificationKind.SHIELD_MEDIA_HELD,
        NotificationKind.SHIELD_MEDIA_BLOCKED,
        NotificationKind.SHIELD_RESCAN_FOUND,
    }
)
"""What concerns a person's protection; so does all about a report of extortion."""

PUSH_WITHIN = timedelta(days=2)
"""A push that comes later than that says nothing that the app does not show. More than a day, so
that quiet hours alone never bring it to nothing."""

PUSH_KEPT = timedelta(days=1)
"""How long FCM keeps a push for a phone that is off."""


def notify(work: Work, effect: NotifyEffect) -> Outcome:
    """Tell the person on every channel that is theirs.

    Raises:
        NotNow: FCM did not take it for every phone. The other channels are done.
        NotYours: the lease is lost.
    """
    backend, now = work.backend, work.backend.clock.now()
    account = backend.accounts.find(effect.user_id)
    if account is None:
        return work.deliver(NO_ACCOUNT)
    settings = _settings(effect, backend)
    tokens = tokens_of(effect.user_id, now, backend.store) if settings.push else []
    language = _language(settings, tokens)
    entry = _write(work, effect, _mail(work.entry, effect, account, settings, language, backend))
    left = [token for token in tokens if token.id not in entry.pushed_to][:MAX_TOKENS]
    if not left:
        return work.deliver()
    if now - entry.created_at > PUSH_WITHIN:
        return work.deliver("push_too_late")
    urgent = _is_urgent(effect, backend)
    quiet = quiet_until(settings.quiet, now)
    if quiet is not None and not (urgent and settings.urgent_always):
        return work.wait(quiet)
    return _push(work, _message(entry, effect, language, urgent), left)


def _settings(effect: NotifyEffect, backend: OutboxBackend) -> NotificationSettings:
    """As the person set them; where they cannot be read, in the app only."""
    try:
        found = backend.store.get(NotificationSettings, effect.user_id)
    except ValidationError:
        log.exception("notification settings unreadable", extra={"account": effect.user_id})
        found = NotificationSettings(
            id=effect.user_id, push=False, mail=False, updated_at=backend.clock.now()
        )
    return found or NotificationSettings(id=effect.user_id, updated_at=backend.clock.now())


def _language(settings: NotificationSettings, tokens: list[PushToken]) -> Language:
    """As set; else that of the phone opened last."""
    phones = [token.language for token in tokens if token.language]
    return language_of(settings.language or (phones[0] if phones else None))


def _mail(
    entry: OutboxEntry,
    effect: NotifyEffect,
    account: Account,
    settings: NotificationSettings,
    language: Language,
    backend: OutboxBackend,
) -> Mail | None:
    """The mail that is due, with its template in place; None if none is."""
    wanted = effect.notification in MAILED and settings.mail and account.mail_verified
    if not wanted or Channel.MAIL in entry.reached:
        return None
    if backend.app_url is None:
        log.warning("no mail: the app's address is not set", extra={"outbox": entry.id})
        return None
    now = backend.clock.now()
    words = mail_text(effect.notification, language)
    if words.id not in backend.mail_texts:
        backend.store.put(words)
        backend.mail_texts.add(words.id)
    return Mail(
        id=entry.id,
        to_uids=(effect.user_id,),
        template=MailTemplate(
            name=words.id,
            data=MailData(
                language=language,
                app_url=backend.app_url,
                case_id=effect.case_id,
                report_id=effect.report_id,
            ),
        ),
        created_at=now,
        expire_at=now + MAIL_RETENTION,
    )


def mail_text(kind: NotificationKind, language: Language) -> MailText:
    """The mail's words: those of the notification, and the way into the app."""
    text = text_for(kind, language)
    return MailText(
        id=f"{kind.value}_{language.value}",
        subject=text.title,
        text=f"{text.body}\n\n{{{{appUrl}}}}\n",
    )


def _write(work: Work, effect: NotifyEffect, mail: Mail | None) -> OutboxEntry:
    """Write what has not been written yet, and note it in the entry, in one transaction."""

    def body(tx: Transaction, entry: OutboxEntry) -> OutboxEntry:
        now = work.backend.clock.now()
        # Ids that are there already are not ours to replace: the person may have read them.
        known = tx.get(Notification, entry.id)
        mailed = tx.get(Mail, entry.id) if mail is not None else None
        new: list[Channel] = []
        if Channel.IN_APP not in entry.reached:
            new.append(Channel.IN_APP)
            if known is None:
                tx.create(_notification(entry, effect, now))
        if mail is not None and Channel.MAIL not in entry.reached:
            new.append(Channel.MAIL)
            if mailed is None:
                tx.create(mail)
        return tx.update(entry, reached=(*entry.reached, *new)) if new else entry

    return work.run(body)


def _notification(entry: OutboxEntry, effect: NotifyEffect, now: datetime) -> Notification:
    return Notification(
        id=entry.id,
        user_id=effect.user_id,
        kind=effect.notification,
        case_id=effect.case_id,
        consent_request_id=effect.consent_request_id,
        shield_id=effect.shield_id,
        report_id=effect.report_id,
        created_at=now,
        expire_at=now + NOTIFICATION_RETENTION,
    )


def _is_urgent(effect: NotifyEffect, backend: OutboxBackend) -> bool:
    if effect.notification in URGENT:
        return True
    if effect.report_id is None:
        return False
    report = backend.store.get(Report, effect.report_id)
    return report is not None and report.kind is ReportKind.EXTORTION


def _message(
    entry: OutboxEntry, effect: NotifyEffect, language: Language, urgent: bool
) -> PushMessage:
    text = text_for(effect.notification, language)
    return PushMessage(
        key=entry.id,
        title=text.title,
        body=text.body,
        notification_id=entry.id,
        urgent=urgent,
        keep=PUSH_KEPT,
    )


@dataclass(frozen=True, slots=True)
class _Pushed:
    """What came of a push, phone by phone."""

    phones: list[PushToken]
    answers: tuple[PushAnswer, ...]

    def those(self, *states: PushState) -> list[PushToken]:
        pairs = zip(self.phones, self.answers, strict=True)
        return [phone for phone, answer in pairs if answer.state in states]


def _push(work: Work, message: PushMessage, phones: list[PushToken]) -> Outcome:
    """Send, note what went out, forget phones that are gone.

    Raises:
        NotNow: some phone's push is to be tried again.
    """
    answers = work.backend.push.send(message, [phone.token for phone in phones])
    pushed = _Pushed(phones, answers)
    later = [answer for answer in answers if answer.state is PushState.LATER]
    refused = [answer for answer in answers if answer.state is PushState.REFUSED]
    done = pushed.those(PushState.SENT, PushState.GONE, PushState.REFUSED)
    sent = bool(pushed.those(PushState.SENT))

    def noted(entry: OutboxEntry, now: datetime) -> dict[str, object]:
        reached = entry.reached
        if sent and Channel.PUSH not in reached:
            reached = (*reached, Channel.PUSH)
        ids = [*entry.pushed_to, *(phone.id for phone in done)]
        changes: dict[str, object] = {"reached": reached, "pushed_to": tuple(ids[-MAX_PUSHED:])}
        if not later:
            changes |= claims.delivered(now, refused[0].error if refused else None)
        return changes

    work.change(noted)
    work.backend.store.delete(*(phone.path for phone in pushed.those(PushState.GONE)))
    if later:
        asked = max(answer.retry_after_s or 0 for answer in later)
        raise NotNow(f"push_{later[0].error}", at_least=timedelta(seconds=asked))
    if refused:
        log.warning("push refused", extra={"outbox": work.entry.id, "code": refused[0].error})
    return Outcome.DELIVERED
