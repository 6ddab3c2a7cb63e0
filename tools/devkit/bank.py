"""``./dev bank``: hash banks from the command line, for operators.

Works on a running local stack (``./dev up`` in another terminal), or on a deployment with
``--project ID --bucket NAME`` and the credentials of ``gcloud auth application-default login``.
Every act is written to the audit log under the operator's name.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from media_integrity.banks import importing, media, service
from media_integrity.banks.backend import BankBackend
from media_integrity.banks.entries import HashRefused, NewEntry, new_entry
from media_integrity.cloud.clock import OffsetClock
from media_integrity.cloud.firestore import Query
from media_integrity.exchanges import csv_file, register
from media_integrity.exchanges.errors import ExchangeError
from media_integrity.exchanges.feed import Credentials
from media_integrity.exchanges.service import read_exchange
from media_integrity.media.errors import Refused
from media_integrity.schema.alarms import Alarm
from media_integrity.schema.audit import Actor, ActorKind
from media_integrity.schema.bank_work import (
    Exchange,
    ExchangeKind,
    HashImport,
    ImportState,
    RetroactiveSearch,
)
from media_integrity.schema.base import BankId, ImportId
from media_integrity.schema.enums import BankLabel, HashAlgorithm
from media_integrity.schema.errors import ServiceError
from media_integrity.schema.findings import BankHit
from media_integrity.schema.hashes import BankHash, HashBank, OpinionKind

from .errors import DevError
from .repository import Repository
from .stack import Addresses

STACK_FILE = "MEDIA_INTEGRITY_STACK_FILE"
DONE, FAILED = 0, 1


class Operator:
    """One invocation: who acts, on what."""

    def __init__(self, options: argparse.Namespace, backend: BankBackend) -> None:
        self.options = options
        self.backend = backend
        self.actor = Actor(kind=ActorKind.OPERATOR, id=f"operator:{getpass.getuser()}")

    @property
    def bank(self) -> BankId:
        return BankId(self.options.bank)

    def list(self) -> int:
        for bank in service.banks(self.backend):
            entries = self.backend.store.count(importing.enabled_entries(BankId(bank.id)))
            state = "" if bank.enabled else "  (off)"
            print(f"{bank.id:24} {bank.label:10} {entries:9} enabled  {bank.source}{state}")
        return DONE

    def create(self) -> int:
        given, now = self.options, self.backend.clock.now()
        bank = HashBank(
            id=given.bank,
            label=BankLabel(given.label),
            name=given.name,
            purpose=given.purpose,
            source=given.source,
            max_distance=given.max_distance,
            min_quality=given.min_quality,
            added_by=self.actor.id,
            created_at=now,
            updated_at=now,
        )
        service.create_bank(bank, self.actor, self.backend)
        print(f"created {bank.id}")
        return DONE

    def switch(self) -> int:
        on = self.options.state == "on"
        service.set_bank_enabled(self.bank, on, self.options.why, self.actor, self.backend)
        print(f"{self.bank} is {self.options.state}")
        return DONE

    def add(self) -> int:
        status = DONE
        for what in self.options.what:
            try:
                new = self._entries(what)
            except (HashRefused, Refused, OSError) as error:
                status = FAILED
                text = error.strerror if isinstance(error, OSError) else str(error)
                print(f"{what}: not added: {text}", file=sys.stderr)
                continue
            for each in new:
                made = service.add(self.bank, each, self.options.why, self.actor, self.backend)
                print(f"{what}: {made.id}; it holds uploads until somebody else confirms it")
        return status

    def _entries(self, what: str) -> Sequence[NewEntry]:
        """From ``algorithm:value`` or a file."""
        algorithm, colon, value = what.partition(":")
        if colon and algorithm in set(HashAlgorithm) and not Path(what).exists():
            floor = self.backend.policy.bank_match.min_quality
            return [new_entry(HashAlgorithm(algorithm), value, min_quality=floor)]
        return media.entries_of(Path(what).read_bytes(), self.backend)

    def confirm(self) -> int:
        return self._opinion(OpinionKind.CONFIRM)

    def dispute(self) -> int:
        return self._opinion(OpinionKind.DISPUTE)

    def _opinion(self, kind: OpinionKind) -> int:
        given = self.options
        entry = service.give_opinion(
            self.bank, given.entry, kind, given.why, self.actor, self.backend
        )
        print(_line(entry))
        return DONE

    def disable(self) -> int:
        given = self.options
        print(_line(service.disable(self.bank, given.entry, given.why, self.actor, self.backend)))
        return DONE

    def enable(self) -> int:
        given = self.options
        print(_line(service.enable(self.bank, given.entry, given.why, self.actor, self.backend)))
        return DONE

    def move(self) -> int:
        given = self.options
        moved = service.move(
            self.bank, given.entry, BankId(given.to), given.why, self.actor, self.backend
        )
        print(f"{_line(moved)}  in {given.to}")
        return DONE

    def search(self) -> int:
        from media_integrity.api.wiring import matcher

        status = DONE
        for what in self.options.what:
            algorithm, colon, value = what.partition(":")
            if colon and algorithm == HashAlgorithm.PDQ:
                hits: Sequence[BankHit] = matcher().near([bytes.fromhex(value)])[0]
            else:
                try:
                    prints = media.fingerprints_of(Path(what).read_bytes(), self.backend)
                except (ServiceError, OSError) as error:
                    print(f"{what}: {error}", file=sys.stderr)
                    status = FAILED
                    continue
                hits = matcher().hits(prints)
            print(f"{what}: {len(hits)} matches")
            for hit in hits:
                word = "confirmed" if hit.confirmed else "unconfirmed"
                print(
                    f"  {hit.bank_id:24} {hit.label:10} {hit.match_type:8} "
                    f"distance {hit.distance:3} {hit.form:10} {word}  {hit.entry_id}"
                )
        return status

    def import_file(self) -> int:
        given = self.options
        floor = self.backend.policy.bank_match.min_quality
        with Path(given.file).open("rb") as stream:
            record = importing.run_import(
                self.bank,
                csv_file.read_csv(stream, min_quality=floor),
                source="csv file",
                by=self.actor.id,
                why=given.why,
                backend=self.backend,
            )
        _report(record)
        return FAILED if record.counts.refused else DONE

    def export(self) -> int:
        with Path(self.options.file).open("xb") as stream:
            written = csv_file.export_bank(self.bank, self.backend.store, stream)
        service.record_export(self.bank, written, self.actor, self.backend)
        print(f"{written} entries written to {self.options.file}")
        return DONE

    def imports(self) -> int:
        for record in self.backend.store.query(
            Query(HashImport, order_by=(("updatedAt", "DESCENDING"),), limit=20)
        ):
            _report(record)
        return DONE

    def approve(self) -> int:
        return self._decide(approve=True)

    def reject(self) -> int:
        return self._decide(approve=False)

    def _decide(self, *, approve: bool) -> int:
        given = self.options
        _report(
            importing.decide_import(
                ImportId(given.import_id), approve, given.why, self.actor, self.backend
            )
        )
        return DONE

    def searches(self) -> int:
        for search in self.backend.store.query(
            Query(RetroactiveSearch, order_by=(("updatedAt", "DESCENDING"),), limit=20)
        ):
            progress = search.progress
            print(
                f"{search.id}  {search.state:8} {progress.examined}/{progress.total} examined, "
                f"{progress.found} found, {progress.unpublished} taken down"
            )
        return DONE

    def alarms(self) -> int:
        for alarm in self.backend.store.query(
            Query(Alarm, order_by=(("raisedAt", "DESCENDING"),), limit=50)
        ):
            taken = "taken on" if alarm.acknowledged_at else "open"
            print(f"{alarm.raised_at:%Y-%m-%d %H:%M}  {alarm.kind:18} {taken:8} {alarm.text}")
        return DONE

    def exchanges(self) -> int:
        for exchange in register.exchanges(self.backend):
            state = "on" if exchange.enabled else "off"
            last = f"{exchange.last_success_at:%Y-%m-%d %H:%M}" if exchange.last_success_at else "-"
            print(
                f"{exchange.id:20} {exchange.kind:15} feeds {exchange.bank_id:20} {state:4} "
                f"{exchange.entries} entries, last read {last}  {exchange.last_error or ''}"
            )
        return DONE

    def add_exchange(self) -> int:
        given, now = self.options, self.backend.clock.now()
        made = register.add(
            Exchange(
                id=given.exchange,
                kind=ExchangeKind(given.kind),
                bank_id=BankId(given.bank),
                collaboration=given.collaboration,
                trusted=given.trusted,
                send_feedback=given.feedback,
                created_at=now,
                updated_at=now,
            ),
            self.actor,
            self.backend,
        )
        print(f"{made.id} feeds {made.bank_id}")
        return DONE

    def switch_exchange(self) -> int:
        on = self.options.state == "on"
        register.switch(self.options.exchange, on, self.actor, self.backend)
        print(f"{self.options.exchange} is {self.options.state}")
        return DONE

    def read_exchange(self) -> int:
        try:
            _report(
                read_exchange(self.options.exchange, self.backend, Credentials.from_environment())
            )
        except ExchangeError as error:
            print(f"Not read to its end: {error.text}", file=sys.stderr)
            return FAILED
        return DONE

    def upkeep(self) -> int:
        from media_integrity.api.upkeep import run_upkeep

        for name, value in run_upkeep(self.backend).items():
            print(f"{name:20} {value}")
        return DONE


def main(arguments: Sequence[str]) -> int:
    """Do one thing to the banks. Returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        _connect(options)
        from media_integrity.api.wiring import bank_backend

        command: Callable[[Operator], int] = options.command
        return command(Operator(options, _by_server_time(bank_backend())))
    except DevError as error:
        print(f"{error.what}\n→ {error.todo}", file=sys.stderr)
    except ServiceError as error:
        print(f"Not done: {error.text}", file=sys.stderr)
    except (OSError, ValueError) as error:
        print(f"Not done: {error}", file=sys.stderr)
    return FAILED


def _connect(options: argparse.Namespace) -> None:
    """Point the Google clients at the deployment, or at the local stack.

    Raises:
        DevError: neither is there.
    """
    if options.project:
        if not options.bucket:
            raise DevError(
                "The bucket is not named.", "Add --bucket NAME, as the console shows it."
            )
        os.environ["GOOGLE_CLOUD_PROJECT"] = options.project
        os.environ["FIREBASE_CONFIG"] = (
            f'{{"projectId": "{options.project}", "storageBucket": "{options.bucket}"}}'
        )
        return
    os.environ.update(_local_stack().environment())


def _by_server_time(backend: BankBackend) -> BankBackend:
    """Every instance follows changes by their time: an operator's wrong clock must not hide one."""
    offset = backend.store.time() - datetime.now(UTC)
    return replace(backend, clock=OffsetClock(offset))


def _local_stack() -> Addresses:
    if given := os.environ.get(STACK_FILE):
        return Addresses.load(Path(given))
    files = sorted((Repository.here().local / "run").glob("*/stack.json"))
    for file in reversed(files):
        try:
            return Addresses.load(file)
        except DevError:
            continue  # left by a stack that has ended
    raise DevError(
        "No local stack is running.",
        "Start one with ./dev up, or name a deployment: --project ID --bucket NAME.",
    )


def _line(entry: BankHash) -> str:
    state = "enabled" if entry.enabled else f"off ({entry.disabled_for})"
    return f"{entry.id}  {'confirmed' if entry.confirmed else 'unconfirmed'}  {state}"


def _report(record: HashImport) -> None:
    counts = record.counts
    print(
        f"{record.id}  {record.bank_id:20} {record.state:8} {counts.added} added, "
        f"{counts.changed} changed, {counts.withdrawn} withdrawn, {counts.unchanged} unchanged, "
        f"{counts.refused} refused, {counts.skipped} skipped"
    )
    for fault in record.faults:
        print(f"  line {fault.line}: {fault.code}: {fault.text}")
    if record.state is ImportState.STAGED:
        print(
            "  Too much at once: nothing of it matches until somebody else approves it:\n"
            f"  ./dev bank approve {record.id} --why TEXT"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev bank", description=__doc__)
    parser.add_argument("--project", help="a deployment instead of the local stack")
    parser.add_argument("--bucket", help="the deployment's storage bucket")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Callable[[Operator], int], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        return sub

    def entry(name: str, command: Callable[[Operator], int], text: str) -> argparse.ArgumentParser:
        sub = add(name, command, text)
        sub.add_argument("bank")
        sub.add_argument("entry", help="its id, e.g. pdq-0f3a…")
        sub.add_argument("--why", required=True)
        return sub

    add("list", Operator.list, "all banks")
    create = add("create", Operator.create, "a new bank")
    create.add_argument("bank", help="a short name that never changes")
    create.add_argument("--label", required=True, choices=[label.value for label in BankLabel])
    create.add_argument("--name", required=True)
    create.add_argument("--purpose", default="")
    create.add_argument("--source", required=True, help="who runs it")
    create.add_argument("--max-distance", type=int, help="stricter than the policy's")
    create.add_argument("--min-quality", type=int, help="stricter than the policy's")
    switch = add("switch", Operator.switch, "a whole bank on or off")
    switch.add_argument("bank")
    switch.add_argument("state", choices=["on", "off"])
    switch.add_argument("--why", required=True)
    adding = add("add", Operator.add, "files or hashes into a bank")
    adding.add_argument("bank")
    adding.add_argument("what", nargs="+", help="FILE, or pdq:HEX, sha256:HEX, md5:HEX")
    adding.add_argument("--why", required=True)
    entry("confirm", Operator.confirm, "say that an entry is what its bank's label says")
    entry("dispute", Operator.dispute, "say that it is not")
    entry("disable", Operator.disable, "switch an entry off")
    entry("enable", Operator.enable, "switch it on again, unconfirmed")
    entry("move", Operator.move, "into another bank").add_argument("to", help="the other bank")
    search = add("search", Operator.search, "which entries match files or PDQ hashes")
    search.add_argument("what", nargs="+", help="FILE or pdq:HEX")
    importing_ = add("import", Operator.import_file, "entries from a CSV file")
    importing_.add_argument("bank")
    importing_.add_argument("file")
    importing_.add_argument("--why", required=True)
    export = add("export", Operator.export, "a bank's entries into a new CSV file")
    export.add_argument("bank")
    export.add_argument("file")
    add("imports", Operator.imports, "the latest imports")
    for name, command, text in (
        ("approve", Operator.approve, "an import that waits"),
        ("reject", Operator.reject, "an import that waits"),
    ):
        sub = add(name, command, text)
        sub.add_argument("import_id")
        sub.add_argument("--why", required=True)
    add("searches", Operator.searches, "the latest searches among published media")
    add("alarms", Operator.alarms, "the latest alarms")
    add("exchanges", Operator.exchanges, "all exchanges and how they stand")
    exchange = add("exchange-add", Operator.add_exchange, "an exchange that feeds a bank")
    exchange.add_argument("exchange", help="a short name")
    exchange.add_argument("--kind", required=True, choices=[kind.value for kind in ExchangeKind])
    exchange.add_argument("--bank", required=True)
    exchange.add_argument("--collaboration", default="", help="the group or feed there")
    exchange.add_argument("--trusted", action="store_true", help="what it verified is confirmed")
    exchange.add_argument("--feedback", action="store_true", help="tell it what came of hashes")
    switch = add("exchange-switch", Operator.switch_exchange, "read by the schedule, or not")
    switch.add_argument("exchange")
    switch.add_argument("state", choices=["on", "off"])
    reading = add("exchange-read", Operator.read_exchange, "read one now")
    reading.add_argument("exchange")
    add("upkeep", Operator.upkeep, "what the schedule does every few minutes, now")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
