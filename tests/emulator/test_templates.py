"""Encrypted templates in the real Firestore: what the services of ``templates`` rely on."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import numpy as np
import pytest

from devkit.stack import Addresses
from media_integrity.cloud.clock import SystemClock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.keys import KeyFile
from media_integrity.schema.base import UserId
from media_integrity.schema.shields import (
    ReferenceKind,
    Shield,
    ShieldId,
    ShieldKey,
    ShieldStatus,
    ShieldTemplate,
)
from media_integrity.signals import runtime
from media_integrity.signals.identity.embedding import MODEL
from media_integrity.templates.references import ShieldReferences
from media_integrity.templates.sealing import Numbers
from media_integrity.templates.service import Templates
from media_integrity.templates.shelf import FirestoreShelf
from tests.emulator.world import KEY_FILE


@pytest.fixture
def store(emulated: Addresses) -> Store:
    return Store(emulated.project)


@pytest.fixture
def templates(store: Store) -> Templates:
    return Templates(FirestoreShelf(store), KeyFile(KEY_FILE), SystemClock())


def face() -> Numbers:
    return np.array([byte / 128 for byte in secrets.token_bytes(128)], np.float32)


def put(store: Store, shield_id: str, status: ShieldStatus = ShieldStatus.ACTIVE) -> Shield:
    now = datetime.now(UTC)
    deleted = status is ShieldStatus.DELETED
    shield = Shield(
        id=shield_id,
        owner_id=UserId("victim"),
        status=status,
        created_at=now,
        updated_at=now,
        expire_at=now if deleted else None,
    )
    store.put(shield)
    return shield


def test_an_enrolled_face_is_found_until_its_shield_is_deleted(
    store: Store, templates: Templates
) -> None:
    shield_id, numbers = secrets.token_hex(8), face()
    references = ShieldReferences(templates)
    assert references.people().near(numbers, 0.1) == ()

    templates.enrol(put(store, shield_id), ReferenceKind.FACE, numbers, runtime.reference(MODEL))
    put(store, shield_id)  # the owner's service changes the shield with its references
    assert [near.person_id for near in references.people().near(numbers, 0.1)] == [shield_id]

    templates.destroy(ShieldId(shield_id))
    put(store, shield_id, ShieldStatus.DELETED)
    assert references.people().near(numbers, 0.1) == ()
    assert store.get_below(ShieldKey, shield_id, ShieldKey.KEY_ID) is None
    assert templates.shelf.templates(ShieldId(shield_id)) == []


def test_a_shields_templates_are_its_own(store: Store, templates: Templates) -> None:
    one, other = (put(store, secrets.token_hex(8)) for _ in range(2))
    kept = templates.enrol(one, ReferenceKind.FACE, face(), runtime.reference(MODEL))
    stored = templates.shelf.templates(ShieldId(one.id))
    assert stored == [kept]
    assert templates.shelf.templates(ShieldId(other.id)) == []
    assert store.get_below(ShieldTemplate, one.id, kept.id) == kept


def test_a_key_is_wrapped_anew_in_its_place(store: Store, templates: Templates) -> None:
    shield = put(store, secrets.token_hex(8))
    templates.enrol(shield, ReferenceKind.FACE, face(), runtime.reference(MODEL))
    before = store.get_below(ShieldKey, shield.id, ShieldKey.KEY_ID)
    assert templates.keys.wrap_anew(ShieldId(shield.id))
    after = store.get_below(ShieldKey, shield.id, ShieldKey.KEY_ID)
    assert before is not None and after is not None
    assert before.wrapped != after.wrapped
    assert templates.open(shield).unreadable == 0


def test_a_second_key_never_replaces_the_first(store: Store, templates: Templates) -> None:
    shield = put(store, secrets.token_hex(8))
    templates.enrol(shield, ReferenceKind.FACE, face(), runtime.reference(MODEL))
    stored = templates.shelf.key(ShieldId(shield.id))
    assert stored is not None
    assert not templates.shelf.add_key(stored.model_copy(update={"wrapped": b"another"}))
    assert templates.shelf.key(ShieldId(shield.id)) == stored
