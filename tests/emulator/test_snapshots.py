"""Instances start from a snapshot, follow Firestore from there, and survive what is broken."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud.firestore import DocumentSnapshot

from devkit.stack import Addresses
from media_integrity.cloud.firestore import Query, Store
from media_integrity.cloud.storage import ObjectStore
from media_integrity.matching.banks import FirestoreBanks, name_of
from media_integrity.matching.index import HashIndex
from media_integrity.matching.known import KnownBank
from media_integrity.matching.snapshots import FOLDER, KEPT, Snapshots, keep_snapshot
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.bank_work import HashSnapshot, SnapshotState
from media_integrity.schema.base import Document
from media_integrity.schema.enums import BankLabel, HashAlgorithm
from media_integrity.schema.hashes import BankHash, DisabledFor, HashBank

START = datetime(2026, 3, 1, tzinfo=UTC)


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = START + timedelta(days=1)

    def now(self) -> datetime:
        return self.time


class Instance:
    """A process of the functions: its index and where it comes from."""

    def __init__(self, store: Store, snapshots: Snapshots | None, clock: Hands) -> None:
        self.source = FirestoreBanks(store, snapshots, clock)
        self.index = HashIndex()
        self.banks: dict[str, KnownBank] = {}

    def refresh(self) -> None:
        self.source.bring_up_to_date(self.index, self.banks)

    def finds(self, entry: BankHash) -> bool:
        return bool(self.index.near([bytes.fromhex(entry.value)], 0))


@pytest.fixture
def store(emulated: Addresses) -> Iterator[Store]:
    """Without what other tests have left: the newest snapshot would be theirs."""
    store = Store(emulated.project)
    _wipe(store)
    yield store
    _wipe(store)


def _wipe(store: Store) -> None:
    for kind, group in ((BankHash, True), (HashBank, False), (HashSnapshot, False), (Alarm, False)):
        paths = [document.reference.path for document in _everything(store, kind, group)]
        for path in paths:
            store.delete(path)


def _everything(store: Store, kind: type[Document], group: bool) -> list[DocumentSnapshot[Any]]:
    """Stored documents whether they are valid or not."""
    client = store._client
    found = (
        client.collection_group(kind.collection) if group else client.collection(kind.collection)
    )
    return list(found.stream())


@pytest.fixture
def snapshots(store: Store, emulated: Addresses) -> Iterator[Snapshots]:
    objects = ObjectStore(emulated.project)
    yield Snapshots(store, objects, emulated.bucket)
    for stored in objects.list(emulated.bucket, FOLDER):
        objects.delete(stored)


@pytest.fixture
def clock() -> Hands:
    return Hands()


def added(store: Store, at: datetime = START, **changes: object) -> BankHash:
    bank = HashBank(
        id="bank",
        label=BankLabel.NCII,
        name="Bank",
        source="tests",
        created_at=START,
        updated_at=START,
    )
    value = secrets.token_hex(32)
    entry = BankHash(
        id=BankHash.id_for(HashAlgorithm.PDQ, value),
        parent_id=bank.id,
        algorithm=HashAlgorithm.PDQ,
        value=value,
        quality=90,
        added_by="tests",
        created_at=START,
        updated_at=at,
    )
    entry = entry.model_copy(update=changes)
    store.put(bank, entry)
    return entry


def spoil(store: Store, path: str, **fields: object) -> None:
    store._client.document(path).set(fields, merge=True)


def alarms(store: Store, kind: AlarmKind) -> list[Alarm]:
    return [alarm for alarm in store.query(Query(Alarm)) if alarm.kind is kind]


def damaged(snapshots: Snapshots, snapshot: HashSnapshot) -> None:
    stored = snapshots.objects.stat(snapshots.bucket, snapshot.object_path)
    assert stored is not None
    data = bytearray(snapshots.objects.read(stored, max_bytes=1 << 30))
    data[len(data) // 2] ^= 1
    snapshots.objects.write(
        snapshots.bucket,
        snapshot.object_path,
        bytes(data),
        content_type="application/octet-stream",
        metadata={"version": snapshot.id},
    )


def test_a_new_instance_starts_from_the_snapshot_and_reads_only_what_came_after(
    store: Store, snapshots: Snapshots, clock: Hands
) -> None:
    first = Instance(store, None, clock)
    old = added(store, START)
    first.refresh()
    snapshots.publish(first.index, first.index.cursor, clock.now())
    # Gone from Firestore, so that only the snapshot can know it.
    store.delete(old.path)
    new = added(store, START + timedelta(hours=1))

    second = Instance(store, snapshots, clock)
    second.refresh()

    assert second.finds(old) and second.finds(new)
    assert second.banks["bank"].label is BankLabel.NCII


def test_what_was_disabled_after_the_snapshot_does_not_match(
    store: Store, snapshots: Snapshots, clock: Hands
) -> None:
    first = Instance(store, None, clock)
    entry = added(store)
    first.refresh()
    snapshots.publish(first.index, first.index.cursor, clock.now())
    disabled = {"enabled": False, "disabled_for": DisabledFor.DISPUTED}
    later = START + timedelta(seconds=5)
    store.put(entry.model_copy(update={**disabled, "updated_at": later}))

    second = Instance(store, snapshots, clock)
    second.refresh()
    first.refresh()

    assert not second.finds(entry) and not first.finds(entry)


def test_a_corrupt_snapshot_is_marked_raises_an_alarm_and_the_one_before_serves(
    store: Store, snapshots: Snapshots, clock: Hands
) -> None:
    first = Instance(store, None, clock)
    entry = added(store)
    first.refresh()
    good = snapshots.publish(first.index, first.index.cursor, clock.now())
    bad = snapshots.publish(first.index, first.index.cursor, clock.now() + timedelta(hours=1))
    damaged(snapshots, bad)
    store.delete(entry.path)

    for _ in range(2):
        second = Instance(store, snapshots, clock)
        second.refresh()
        assert second.finds(entry)

    stored = store.get(HashSnapshot, bad.id)
    assert stored is not None and stored.state is SnapshotState.REFUSED
    assert (newest := snapshots.newest()) is not None and newest.id == good.id
    (alarm,) = alarms(store, AlarmKind.SNAPSHOT_CORRUPT)
    assert (alarm.subject, alarm.times) == (bad.path, 1)


@pytest.mark.parametrize("fault", ["object gone", "another size", "document malformed"])
def test_without_a_snapshot_that_can_be_read_everything_comes_from_firestore(
    store: Store, snapshots: Snapshots, clock: Hands, fault: str
) -> None:
    first = Instance(store, None, clock)
    entry = added(store)
    first.refresh()
    snapshot = snapshots.publish(first.index, first.index.cursor, clock.now())
    stored = snapshots.objects.stat(snapshots.bucket, snapshot.object_path)
    assert stored is not None
    if fault == "object gone":
        snapshots.objects.delete(stored)
    elif fault == "another size":
        spoil(store, snapshot.path, size=snapshot.size + 1)
    else:
        spoil(store, snapshot.path, sha256="none")

    second = Instance(store, snapshots, clock)
    second.refresh()

    assert second.finds(entry)
    assert len(alarms(store, AlarmKind.SNAPSHOT_CORRUPT)) == (fault != "document malformed")


def test_older_snapshots_and_what_a_dying_writer_left_are_deleted(
    store: Store, snapshots: Snapshots, clock: Hands
) -> None:
    instance = Instance(store, None, clock)
    added(store)
    instance.refresh()
    orphan = f"{FOLDER}orphan.bin"
    snapshots.objects.write(
        snapshots.bucket, orphan, b"x", content_type="x/y", metadata={"version": "-"}
    )
    real_now = datetime.now(UTC) + timedelta(days=2)  # the emulator dates objects by its own clock
    made = [
        snapshots.publish(instance.index, instance.index.cursor, real_now + timedelta(minutes=n))
        for n in range(KEPT + 2)
    ]
    left = {stored.name for stored in snapshots.objects.list(snapshots.bucket, FOLDER)}
    assert left == {each.object_path for each in made[-KEPT:]}
    assert {each.id for each in store.query(Query(HashSnapshot))} == {
        each.id for each in made[-KEPT:]
    }


def test_a_snapshot_is_kept_when_enough_has_changed_and_not_otherwise(
    store: Store, snapshots: Snapshots, clock: Hands
) -> None:
    instance = Instance(store, snapshots, clock)
    assert keep_snapshot(instance, snapshots, clock.now()) == 0, "nothing to keep"
    for _ in range(30):
        added(store)
    assert keep_snapshot(instance, snapshots, clock.now()) == 1
    assert keep_snapshot(instance, snapshots, clock.now() + timedelta(days=1)) == 0, "no change"
    added(store, START + timedelta(minutes=1))
    assert keep_snapshot(instance, snapshots, clock.now()) == 0, "a small change waits"
    assert keep_snapshot(instance, snapshots, clock.now() + timedelta(hours=1)) == 1
    for _ in range(10):
        added(store, START + timedelta(minutes=2))
    assert keep_snapshot(instance, snapshots, clock.now() + timedelta(hours=1)) == 1, "a large one"


def test_an_unreadable_entry_stops_nothing_and_is_missing_until_it_is_mended(
    store: Store, snapshots: Snapshots, clock: Hands
) -> None:
    before, bad, after = (added(store, START + timedelta(seconds=n)) for n in range(3))
    spoil(store, bad.path, quality="much")
    instance = Instance(store, None, clock)
    for _ in range(2):
        instance.refresh()
    assert instance.finds(before) and instance.finds(after) and not instance.finds(bad)
    assert instance.index.missing == {bad.path}
    (alarm,) = alarms(store, AlarmKind.ENTRY_UNREADABLE)
    assert (alarm.subject, alarm.times) == (name_of(bad.path), 1)
    assert bad.value not in alarm.subject + alarm.text

    snapshots.publish(instance.index, instance.index.cursor, clock.now())
    clock.time += timedelta(days=1)
    added(store, clock.now())
    second = Instance(store, snapshots, clock)
    second.refresh()
    assert second.index.missing == {bad.path}, "a snapshot does not hide what is missing"

    spoil(store, bad.path, quality=90)  # and its change time stays
    second.refresh()
    assert second.index.missing == frozenset() and second.finds(bad)
    store.delete(bad.path)
    instance.refresh()
    assert instance.index.missing == frozenset(), "what is deleted is not missing"


def test_an_unreadable_bank_counts_as_one_of_which_nothing_is_known(
    store: Store, clock: Hands
) -> None:
    entry = added(store)
    spoil(store, "hash_banks/bank", label="HARMLESS")
    instance = Instance(store, None, clock)
    instance.refresh()
    assert instance.finds(entry)
    assert not instance.banks["bank"].readable and instance.banks["bank"].enabled
    assert len(alarms(store, AlarmKind.ENTRY_UNREADABLE)) == 1


def test_a_writer_whose_clock_is_years_ahead_hides_nothing_that_comes_after(
    store: Store, clock: Hands
) -> None:
    instance = Instance(store, None, clock)
    ahead = added(store, START + timedelta(days=4000))
    instance.refresh()
    later = added(store, clock.now())
    instance.refresh()
    assert instance.finds(ahead) and instance.finds(later)
    assert instance.index.cursor <= clock.now()


def test_what_was_read_already_is_not_put_again(store: Store, clock: Hands) -> None:
    instance = Instance(store, None, clock)
    entry = added(store)
    instance.refresh()
    version = instance.index.version
    instance.refresh()
    assert instance.index.version == version
    store.put(entry.model_copy(update={"enabled": False}))  # at the same moment by its clock
    instance.refresh()
    assert not instance.finds(entry)
