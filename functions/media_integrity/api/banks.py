"""What phones and moderators call about hash banks. Moderators read banks from Firestore."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Annotated

from firebase_functions.options import MemoryOption
from pydantic import Field

from media_integrity.schema.bank_work import ImportCounts, ImportFault, ImportState
from media_integrity.schema.base import BankId, CaseId, ImportId
from media_integrity.schema.enums import BankLabel, CheckAnswer, HashAlgorithm, MatchType
from media_integrity.schema.errors import Invalid
from media_integrity.schema.findings import BankHit
from media_integrity.schema.hashes import PDQ_HEX, BankHash, HashBank, OpinionKind
from media_integrity.schema.shields import ShieldId

from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .rates import per_day, per_hour, per_minute

INDEX_MEMORY = MemoryOption.GB_2
"""An instance that searches holds all banks: 10 million hashes take 0.7 GB."""

MAX_HASHES = 20
"""Pictures that a phone may ask about at once."""

MAX_PICTURE = 8 << 20
"""Bytes of a picture that is sent to be searched for."""
MAX_FILE = 4 << 20
"""Characters of a CSV file; longer ones go through ``./dev bank import``."""
MAX_EXPORT = 20_000
"""Entries in an answer; more go through ``./dev bank export``."""

PdqHex = Annotated[str, Field(pattern=PDQ_HEX.pattern)]
BankName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
EntryName = Annotated[str, Field(pattern=r"^(sha256|md5|pdq|vpdq)-[0-9a-f]{32,64}$")]
DocumentName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,400}$")]
Why = Annotated[str, Field(min_length=3, max_length=500)]
Percent = Annotated[int, Field(ge=0, le=100)]


# ---- For phones ----


class CheckHashes(Request):
    hashes: list[PdqHex] = Field(min_length=1, max_length=MAX_HASHES)


class CheckedHashes(Response):
    answers: list[CheckAnswer]


@callable(
    role=Role.SIGNED_IN,
    request=CheckHashes,
    rate=(per_minute(10), per_day(200)),
    memory=INDEX_MEMORY,
)
def check_hashes(request: CheckHashes, caller: Caller) -> CheckedHashes:
    """Would uploads of these pictures be held? The upload itself is scanned all the same."""
    from media_integrity.banks.check import check

    from . import wiring

    return CheckedHashes(
        answers=check(request.hashes, caller.uid, wiring.matcher(), wiring.bank_backend())
    )


class PersonalHash(Request):
    pdq: PdqHex
    quality: Percent


class SubmitPersonalHashes(Request):
    shield_id: DocumentName
    hashes: list[PersonalHash] = Field(min_length=1, max_length=50)


class PersonalHashOutcome(Response):
    pdq: str
    refused: str | None = None
    text: str | None = None


class SubmittedPersonalHashes(Response):
    outcomes: list[PersonalHashOutcome]


@callable(role=Role.SIGNED_IN, request=SubmitPersonalHashes, rate=(per_minute(5), per_hour(30)))
def submit_personal_hashes(
    request: SubmitPersonalHashes, caller: Caller
) -> SubmittedPersonalHashes:
    """Add hashes that the phone made of a person's own pictures to their shield."""
    from media_integrity.banks.personal import PhoneHash, submit

    from . import wiring

    sent = [PhoneHash(each.pdq, each.quality) for each in request.hashes]
    outcomes = submit(ShieldId(request.shield_id), sent, caller.uid, wiring.bank_backend())
    return SubmittedPersonalHashes(
        outcomes=[
            PersonalHashOutcome(pdq=each.pdq, refused=each.refused, text=each.text)
            for each in outcomes
        ]
    )


class WithdrawPersonalHashes(Request):
    shield_id: DocumentName
    hashes: list[PdqHex] = Field(min_length=1, max_length=50)


class WithdrawnPersonalHashes(Response):
    withdrawn: int


@callable(role=Role.SIGNED_IN, request=WithdrawPersonalHashes, rate=per_minute(10))
def withdraw_personal_hashes(
    request: WithdrawPersonalHashes, caller: Caller
) -> WithdrawnPersonalHashes:
    """Take hashes away from a shield; they stop acting at once."""
    from media_integrity.banks.personal import withdraw

    from . import wiring

    shield = ShieldId(request.shield_id)
    return WithdrawnPersonalHashes(
        withdrawn=withdraw(shield, request.hashes, caller.uid, wiring.bank_backend())
    )


# ---- For moderators: banks ----


class CreateHashBank(Request):
    bank_id: BankName
    label: BankLabel
    name: str = Field(min_length=1, max_length=120)
    purpose: str = Field("", max_length=500)
    source: str = Field(min_length=1, max_length=120)
    max_distance: int | None = Field(None, ge=0, le=31)
    min_quality: int | None = Field(None, ge=50, le=100)


class ChangedHashBank(Response):
    bank_id: str
    enabled: bool


@callable(role=Role.SENIOR_MODERATOR, request=CreateHashBank, rate=per_minute(10))
def create_hash_bank(request: CreateHashBank, caller: Caller) -> ChangedHashBank:
    """Add a bank."""
    from media_integrity.banks import service

    from . import wiring

    backend = wiring.bank_backend()
    now = backend.clock.now()
    bank = HashBank(
        id=request.bank_id,
        label=request.label,
        name=request.name,
        purpose=request.purpose,
        source=request.source,
        max_distance=request.max_distance,
        min_quality=request.min_quality,
        added_by=caller.uid,
        created_at=now,
        updated_at=now,
    )
    made = service.create_bank(bank, caller.actor, backend)
    return ChangedHashBank(bank_id=made.id, enabled=made.enabled)


class SetHashBankEnabled(Request):
    bank_id: BankName
    enabled: bool
    why: Why


@callable(role=Role.SENIOR_MODERATOR, request=SetHashBankEnabled, rate=per_minute(10))
def set_hash_bank_enabled(request: SetHashBankEnabled, caller: Caller) -> ChangedHashBank:
    """Switch a whole bank on or off."""
    from media_integrity.banks import service

    from . import wiring

    changed = service.set_bank_enabled(
        BankId(request.bank_id), request.enabled, request.why, caller.actor, wiring.bank_backend()
    )
    return ChangedHashBank(bank_id=changed.id, enabled=changed.enabled)


# ---- For moderators: entries ----


class BankEntry(Response):
    """An entry as it stands after a change."""

    bank_id: str
    entry_id: str
    confirmed: bool
    enabled: bool

    @classmethod
    def of(cls, entry: BankHash) -> BankEntry:
        return cls(
            bank_id=entry.parent_id,
            entry_id=entry.id,
            confirmed=entry.confirmed,
            enabled=entry.enabled,
        )


class BankEntries(Response):
    entries: list[BankEntry]


class AddBankHash(Request):
    """Either a hash, or a case whose media is hashed here."""

    bank_id: BankName
    why: Why
    algorithm: HashAlgorithm | None = None
    value: str | None = Field(None, max_length=60_000)
    quality: Percent | None = None
    case_id: DocumentName | None = None


@callable(
    role=Role.MODERATOR,
    request=AddBankHash,
    rate=per_minute(30),
    max_bytes=128 * 1024,
    memory=INDEX_MEMORY,
)
def add_bank_hash(request: AddBankHash, caller: Caller) -> BankEntries:
    """Add a hash, or what a case's media is known by. Holds uploads until another confirms it."""
    from media_integrity.banks import media, service
    from media_integrity.banks.entries import HashRefused, new_entry

    from . import wiring

    backend = wiring.bank_backend()
    by_hash = request.algorithm is not None and request.value is not None
    if by_hash == (request.case_id is not None):
        raise Invalid("Send either algorithm and value, or caseId.")
    try:
        if request.case_id is not None:
            content = media.case_media(CaseId(request.case_id), caller.actor, backend)
            new = media.entries_of(content, backend, note=f"case {request.case_id}")
        else:
            assert request.algorithm is not None
            assert request.value is not None
            floor = backend.policy.bank_match.min_quality
            new = [
                new_entry(
                    request.algorithm, request.value, quality=request.quality, min_quality=floor
                )
            ]
    except HashRefused as refused:
        raise Invalid(f"Not taken: {refused.text}.", code=refused.reason.value) from refused
    bank = BankId(request.bank_id)
    return BankEntries(
        entries=[
            BankEntry.of(service.add(bank, each, request.why, caller.actor, backend))
            for each in new
        ]
    )


class JudgeBankHash(Request):
    bank_id: BankName
    entry_id: EntryName
    why: Why


@callable(role=Role.MODERATOR, request=JudgeBankHash, rate=per_minute(60))
def confirm_bank_hash(request: JudgeBankHash, caller: Caller) -> BankEntry:
    """Say that an entry is what its bank's label says. Nobody confirms what they added."""
    return _opinion(request, OpinionKind.CONFIRM, caller)


@callable(role=Role.MODERATOR, request=JudgeBankHash, rate=per_minute(60))
def dispute_bank_hash(request: JudgeBankHash, caller: Caller) -> BankEntry:
    """Say that it is not. Enough people switch it off."""
    return _opinion(request, OpinionKind.DISPUTE, caller)


def _opinion(request: JudgeBankHash, kind: OpinionKind, caller: Caller) -> BankEntry:
    from media_integrity.banks import service

    from . import wiring

    return BankEntry.of(
        service.give_opinion(
            BankId(request.bank_id),
            request.entry_id,
            kind,
            request.why,
            caller.actor,
            wiring.bank_backend(),
        )
    )


class SetBankHashEnabled(JudgeBankHash):
    enabled: bool


@callable(role=Role.SENIOR_MODERATOR, request=SetBankHashEnabled, rate=per_minute(30))
def set_bank_hash_enabled(request: SetBankHashEnabled, caller: Caller) -> BankEntry:
    """Switch an entry off, which opens its cases again, or on, as unconfirmed."""
    from media_integrity.banks import service

    from . import wiring

    switch = service.enable if request.enabled else service.disable
    return BankEntry.of(
        switch(
            BankId(request.bank_id),
            request.entry_id,
            request.why,
            caller.actor,
            wiring.bank_backend(),
        )
    )


class MoveBankHash(JudgeBankHash):
    to_bank_id: BankName


@callable(role=Role.SENIOR_MODERATOR, request=MoveBankHash, rate=per_minute(30))
def move_bank_hash(request: MoveBankHash, caller: Caller) -> BankEntry:
    """Bring an entry into another bank, where it is unconfirmed."""
    from media_integrity.banks import service

    from . import wiring

    return BankEntry.of(
        service.move(
            BankId(request.bank_id),
            request.entry_id,
            BankId(request.to_bank_id),
            request.why,
            caller.actor,
            wiring.bank_backend(),
        )
    )


class JudgeHashMatch(Request):
    match_id: DocumentName
    right: bool
    why: Why


class JudgedHashMatch(Response):
    match_id: str
    right: bool


@callable(role=Role.MODERATOR, request=JudgeHashMatch, rate=per_minute(60))
def judge_hash_match(request: JudgeHashMatch, caller: Caller) -> JudgedHashMatch:
    """Say whether a match was right; an entry with too many wrong ones is switched off."""
    from media_integrity.banks.outcomes import judge_match

    from . import wiring

    kind = OpinionKind.CONFIRM if request.right else OpinionKind.DISPUTE
    judged = judge_match(request.match_id, kind, request.why, caller.actor, wiring.bank_backend())
    return JudgedHashMatch(match_id=judged.id, right=judged.outcome is OpinionKind.CONFIRM)


# ---- For moderators: search ----


class SearchHashBanks(Request):
    """One of: a PDQ hash, a case, a picture (base64)."""

    pdq: PdqHex | None = None
    case_id: DocumentName | None = None
    picture: str | None = None


class HashBankHit(Response):
    bank_id: str
    label: BankLabel
    entry_id: str
    confirmed: bool
    match_type: MatchType
    distance: int
    form: str

    @classmethod
    def of(cls, hit: BankHit) -> HashBankHit:
        return cls(
            bank_id=hit.bank_id,
            label=hit.label,
            entry_id=hit.entry_id,
            confirmed=hit.confirmed,
            match_type=hit.match_type,
            distance=hit.distance,
            form=hit.form,
        )


class FoundInHashBanks(Response):
    hits: list[HashBankHit]


@callable(
    role=Role.MODERATOR,
    request=SearchHashBanks,
    rate=per_minute(20),
    max_bytes=MAX_PICTURE * 4 // 3 + 1024,
    memory=INDEX_MEMORY,
    concurrency=4,
)
def search_hash_banks(request: SearchHashBanks, caller: Caller) -> FoundInHashBanks:
    """Which entries a picture, a hash or a case's media matches."""
    from media_integrity.banks import media

    from . import wiring

    given = [each for each in (request.pdq, request.case_id, request.picture) if each is not None]
    if len(given) != 1:
        raise Invalid("Send one of pdq, caseId and picture.")
    backend, matcher = wiring.bank_backend(), wiring.matcher()
    if request.pdq is not None:
        hits = tuple(matcher.near([bytes.fromhex(request.pdq)])[0])
    elif request.case_id is not None:
        content = media.case_media(CaseId(request.case_id), caller.actor, backend)
        hits = matcher.hits(media.fingerprints_of(content, backend))
    else:
        assert request.picture is not None
        hits = matcher.hits(media.fingerprints_of(_decoded(request.picture), backend))
    return FoundInHashBanks(hits=[HashBankHit.of(hit) for hit in hits])


def _decoded(picture: str) -> bytes:
    try:
        return base64.b64decode(picture, validate=True)
    except binascii.Error as error:
        raise Invalid("picture is not base64.") from error


# ---- For moderators: imports and exports ----


class ImportBankHashes(Request):
    bank_id: BankName
    csv: str = Field(max_length=MAX_FILE)
    why: Why


class HashImportReport(Response):
    import_id: str
    state: ImportState
    counts: ImportCounts
    faults: list[ImportFault]


@callable(
    role=Role.MODERATOR,
    request=ImportBankHashes,
    rate=per_hour(20),
    max_bytes=MAX_FILE + 4096,
    timeout_s=540,
    concurrency=2,
)
def import_bank_hashes(request: ImportBankHashes, caller: Caller) -> HashImportReport:
    """Import a CSV file, with a report for each line that was not taken."""
    from media_integrity.banks.importing import run_import
    from media_integrity.exchanges.csv_file import read_csv

    from . import wiring

    backend = wiring.bank_backend()
    items = read_csv(
        io.BytesIO(request.csv.encode()), min_quality=backend.policy.bank_match.min_quality
    )
    record = run_import(
        BankId(request.bank_id),
        items,
        source="csv file",
        by=caller.uid,
        why=request.why,
        backend=backend,
    )
    return HashImportReport(
        import_id=record.id, state=record.state, counts=record.counts, faults=list(record.faults)
    )


class DecideHashImport(Request):
    import_id: DocumentName
    approve: bool
    why: Why


@callable(
    role=Role.SENIOR_MODERATOR,
    request=DecideHashImport,
    rate=per_minute(10),
    timeout_s=540,
    concurrency=2,
)
def decide_hash_import(request: DecideHashImport, caller: Caller) -> HashImportReport:
    """Approve or reject an import that waits because it brought too much at once."""
    from media_integrity.banks.importing import decide_import

    from . import wiring

    record = decide_import(
        ImportId(request.import_id),
        request.approve,
        request.why,
        caller.actor,
        wiring.bank_backend(),
    )
    return HashImportReport(
        import_id=record.id, state=record.state, counts=record.counts, faults=list(record.faults)
    )


class ExportBankHashes(Request):
    bank_id: BankName


class ExportedBankHashes(Response):
    csv: str
    entries: int


@callable(
    role=Role.SENIOR_MODERATOR,
    request=ExportBankHashes,
    rate=per_hour(20),
    timeout_s=300,
    concurrency=2,
)
def export_bank_hashes(request: ExportBankHashes, caller: Caller) -> ExportedBankHashes:
    """A bank as a CSV file. Large ones are for ``./dev bank export``."""
    from media_integrity.banks import importing, service
    from media_integrity.exchanges.csv_file import export_bank

    from . import wiring

    backend, bank = wiring.bank_backend(), BankId(request.bank_id)
    if backend.store.count(importing.enabled_entries(bank)) > MAX_EXPORT:
        raise Invalid(f"More than {MAX_EXPORT} entries: use ./dev bank export.")
    out = io.BytesIO()
    entries = export_bank(bank, backend.store, out)
    service.record_export(bank, entries, caller.actor, backend)
    return ExportedBankHashes(csv=out.getvalue().decode(), entries=entries)
