"""The adapters against the emulators: what services rely on."""

from __future__ import annotations

import secrets
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from devkit.client import admin, app_of, sign_up
from devkit.stack import Addresses
from media_integrity.cloud.accounts import Accounts
from media_integrity.cloud.firestore import AlreadyThere, Query, Store, Transaction, Where
from media_integrity.cloud.storage import ObjectGone, ObjectStore, StoredObject, TooLarge
from media_integrity.schema.base import UserId
from media_integrity.schema.cases import Case
from media_integrity.schema.enums import (
    Action,
    AgeGroup,
    BankLabel,
    CaseStatus,
    Severity,
    Surface,
)
from media_integrity.schema.hashes import HashBank

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(emulated: Addresses) -> Store:
    return Store(emulated.project)


@pytest.fixture
def objects(emulated: Addresses) -> ObjectStore:
    return ObjectStore(emulated.project)


def bank(name: str = "bank") -> HashBank:
    return HashBank(
        id=secrets.token_hex(8),
        label=BankLabel.NCII,
        name=name,
        source=secrets.token_hex(8),
        created_at=NOW,
        updated_at=NOW,
    )


def test_a_document_comes_back_as_it_was_written(store: Store) -> None:
    written = bank()
    assert store.create(written)
    assert store.get(HashBank, written.id) == written
    assert store.get(HashBank, "no-such-bank") is None


def test_creating_a_document_twice_changes_nothing(store: Store) -> None:
    written = bank("first")
    store.create(written)
    assert not store.create(written.model_copy(update={"name": "second"}))
    assert store.get(HashBank, written.id) == written


def test_concurrent_transactions_lose_no_update(store: Store) -> None:
    counter = bank("0")
    store.create(counter)

    def add_one(tx: Transaction) -> None:
        current = tx.get(HashBank, counter.id)
        assert current is not None
        tx.update(current, name=str(int(current.name) + 1))

    threads = [threading.Thread(target=store.run, args=(add_one,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = store.get(HashBank, counter.id)
    assert after is not None
    assert after.name == "5"


def test_a_transaction_that_raises_writes_nothing(store: Store) -> None:
    written = bank()

    def fail(tx: Transaction) -> None:
        tx.create(written)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.run(fail)
    assert store.get(HashBank, written.id) is None


def test_a_transaction_that_creates_what_exists_says_so(store: Store) -> None:
    written = bank()
    store.create(written)
    with pytest.raises(AlreadyThere):
        store.run(lambda tx: tx.create(written))


def test_an_update_writes_only_the_changed_fields(store: Store) -> None:
    written = bank()
    store.create(written)
    store.run(lambda tx: tx.update(written, enabled=False))
    store.run(lambda tx: tx.update(written, name="renamed"))  # from the older copy
    after = store.get(HashBank, written.id)
    assert after is not None
    assert (after.enabled, after.name) == (False, "renamed")


def test_an_update_writes_what_follows_from_the_changed_fields_too(store: Store) -> None:
    case = Case(
        id=secrets.token_hex(8),
        uploader_id=UserId("u"),
        status=CaseStatus.OPEN,
        action=Action.REVIEW,
        severity=Severity.LOW,
        confidence=1,
        explanation=(),
        policy_version="1",
        surface=Surface.FEED,
        created_at=NOW,
        updated_at=NOW,
    )
    store.create(case)
    store.update(case, severity=Severity.CRITICAL)
    gravest = Query(Case, (Where("severityRank", "==", Severity.CRITICAL.rank),))
    assert case.id in {found.id for found in store.query(gravest)}


def test_a_query_filters_and_orders(store: Store) -> None:
    banks = [bank(name) for name in "cab"]
    source = banks[0].source
    for each in banks:
        store.create(each.model_copy(update={"source": source}))
    found = store.query(Query(HashBank, (Where("source", "==", source),)))
    assert sorted(each.name for each in found) == ["a", "b", "c"]


def put(objects: ObjectStore, stack: Addresses, content: bytes = b"content") -> StoredObject:
    name = f"tests/{secrets.token_hex(8)}"
    objects.write(stack.bucket, name, content, content_type="image/png", metadata={"a": "b"})
    stored = objects.stat(stack.bucket, name)
    assert stored is not None
    return stored


def test_an_object_is_read_copied_and_deleted(emulated: Addresses, objects: ObjectStore) -> None:
    source = put(objects, emulated)
    assert objects.read(source, max_bytes=100) == b"content"
    target = f"{source.name}-copy"
    objects.copy(source, target, content_type="image/gif", metadata={"jobId": "1"})
    objects.copy(source, target, content_type="image/webp", metadata={"jobId": "2"})
    copied = objects.stat(source.bucket, target)
    assert copied is not None
    assert (copied.content_type, dict(copied.metadata)) == ("image/gif", {"jobId": "1"})
    objects.delete(source)
    objects.delete(source)
    assert objects.stat(source.bucket, source.name) is None
    with pytest.raises(ObjectGone):
        objects.read(source, max_bytes=100)
    with pytest.raises(ObjectGone):
        objects.copy(source, f"{target}-2", content_type="image/gif", metadata={"jobId": "1"})


def test_an_object_over_the_limit_is_not_read(emulated: Addresses, objects: ObjectStore) -> None:
    with pytest.raises(TooLarge):
        objects.read(put(objects, emulated), max_bytes=6)


def test_a_download_link_works_until_it_is_revoked_and_is_not_copied(
    emulated: Addresses, objects: ObjectStore
) -> None:
    person = sign_up(emulated)
    name = f"uploads/{person.uid}/{secrets.token_hex(8)}/a.png"
    app_of(emulated, person).storage.upload(name, b"content", "image/png")
    stored = objects.stat(emulated.bucket, name)
    assert stored is not None
    token = stored.metadata["firebaseStorageDownloadTokens"]
    storage = admin(emulated).storage
    assert _open(f"{storage.url(name)}&token={token}") == b"content"

    target = f"evidence/{secrets.token_hex(8)}/original"
    objects.copy(stored, target, content_type="image/png", metadata={"jobId": "1"})
    objects.revoke_links(emulated.bucket, name)

    assert _open(f"{storage.url(name)}&token={token}") is None
    assert _open(f"{storage.url(target)}&token={token}") is None


def test_the_age_group_comes_from_the_custom_claim(emulated: Addresses) -> None:
    accounts = Accounts()

    def group(**claims: str) -> AgeGroup | None:
        return accounts.age_group(UserId(sign_up(emulated, **claims).uid))

    assert group(ageGroup="adult") is AgeGroup.ADULT
    assert group(ageGroup="teen") is AgeGroup.TEEN
    assert group(ageGroup="40") is None
    assert group() is None
    assert accounts.age_group(UserId("nobody")) is None


def _open(url: str) -> bytes | None:
    """What somebody without an account gets."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            content = answer.read()
            assert isinstance(content, bytes)
            return content
    except urllib.error.HTTPError as error:
        assert error.code in {403, 404}
        return None


def test_what_others_follow_gets_the_time_of_the_commit_not_the_writers(store: Store) -> None:
    wrong = datetime(2020, 1, 1, tzinfo=UTC)
    made = bank().model_copy(update={"updated_at": wrong})

    store.run(lambda tx: tx.create(made))
    first = store.get(HashBank, made.id)
    assert first is not None
    store.run(lambda tx: tx.update(first, enabled=False, updated_at=wrong))
    second = store.get(HashBank, made.id)
    assert second is not None
    store.run(lambda tx: tx.update(second, name="Another"))
    third = store.get(HashBank, made.id)
    assert third is not None

    now = store.time()
    assert now - timedelta(minutes=1) < first.updated_at < second.updated_at <= now
    assert third.updated_at == second.updated_at  # what matching need not see does not move it


def test_the_database_tells_its_time(store: Store) -> None:
    before = datetime.now(UTC)
    assert abs(store.time() - before) < timedelta(minutes=1)  # the emulator runs on this machine
