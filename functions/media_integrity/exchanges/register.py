"""Which exchanges there are: added and switched by operators and senior moderators."""

from __future__ import annotations

from media_integrity.audit.log import Entry
from media_integrity.banks.backend import BankBackend
from media_integrity.banks.service import SENIOR
from media_integrity.cloud.firestore import AlreadyThere, Query, Transaction
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.bank_work import Exchange
from media_integrity.schema.enums import BankLabel
from media_integrity.schema.errors import Conflict, Forbidden, Invalid, NotFound
from media_integrity.schema.hashes import HashBank


def add(exchange: Exchange, by: Actor, backend: BankBackend) -> Exchange:
    """Add an exchange that feeds a bank.

    Raises:
        Forbidden: the caller is no senior moderator or operator.
        NotFound: there is no such bank.
        Invalid: it is a bank of people's own hashes, or an allow-list.
        Conflict: there is an exchange of that id, or another one feeds the bank.
    """
    _require_senior(by)
    bank = backend.store.get(HashBank, exchange.bank_id)
    if bank is None:
        raise NotFound("There is no such bank.")
    if bank.label in {BankLabel.SHIELD, BankLabel.ALLOW_LIST}:
        raise Invalid("An exchange feeds banks of abusive media only.")
    if any(other.bank_id == exchange.bank_id for other in exchanges(backend)):
        raise Conflict("Another exchange feeds that bank; what it takes back is disabled there.")

    def body(tx: Transaction) -> Exchange:
        trail = Entry(tx, exchange.path)
        tx.create(exchange)
        note = f"{exchange.kind} feeds {exchange.bank_id}, trusted={exchange.trusted}"
        trail.write(AuditAction.BANK_CHANGED, by, backend.clock.now(), note)
        return exchange

    try:
        return backend.store.run(body)
    except AlreadyThere as error:
        raise Conflict("There is an exchange of that name already.") from error


def switch(exchange_id: str, enabled: bool, by: Actor, backend: BankBackend) -> Exchange:
    """Have an exchange read by the schedule, or not. Its entries stay as they are.

    Raises:
        Forbidden: the caller is no senior moderator or operator.
        NotFound: there is no such exchange.
    """
    _require_senior(by)

    def body(tx: Transaction) -> Exchange:
        exchange = tx.get(Exchange, exchange_id)
        if exchange is None:
            raise NotFound("There is no such exchange.")
        trail = Entry(tx, exchange.path)
        now = backend.clock.now()
        changed = tx.update(exchange, enabled=enabled, updated_at=now)
        trail.write(AuditAction.BANK_CHANGED, by, now, f"enabled={enabled}")
        return changed

    return backend.store.run(body)


def exchanges(backend: BankBackend) -> list[Exchange]:
    """All of them."""
    return list(backend.store.query(Query(Exchange)))


def _require_senior(by: Actor) -> None:
    if by.kind not in SENIOR:
        raise Forbidden("Only a senior moderator may do this.")
