"""What becomes of a reference does not depend on whom other people's protection concerns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from media_integrity.banks import personal
from media_integrity.banks.entries import new_entry
from media_integrity.banks.service import entry_document
from media_integrity.consent.refusals import REFUSALS_BANK
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.matching.matcher import Matcher
from media_integrity.schema.enums import BankLabel, HashAlgorithm, ScanState
from media_integrity.schema.errors import Invalid
from media_integrity.schema.hashes import DisabledFor, HashBank
from media_integrity.schema.shields import Shield, ShieldId
from media_integrity.shields import references
from tests.emulator.people import Protected, protected
from tests.emulator.pictures import clean, pdq
from tests.emulator.portraits import hers
from tests.emulator.world import World


def answer(guarded: Protected, content: bytes) -> str:
    """What somebody is told who adds this to a shield of theirs."""
    shield = guarded.shield(guarded.world.adult())
    try:
        references.add(ShieldId(shield.id), content, shield.owner_id, guarded.backend)
    except Invalid as refused:
        return refused.code
    return "added"


@contextmanager
def refused_by_somebody(guarded: Protected, content: bytes) -> Iterator[None]:
    """An entry of the bank of refusals, for these bytes alone."""
    store, now = guarded.world.backend.store, guarded.world.clock.now()
    bank = HashBank(
        id=REFUSALS_BANK,
        label=BankLabel.SHIELD,
        name="Refused consents",
        source="people themselves",
        created_at=now,
        updated_at=now,
    )
    new = new_entry(HashAlgorithm.SHA256, hashlib.sha256(content).hexdigest(), min_quality=0)
    entry = entry_document(REFUSALS_BANK, new, "consent", "", now)
    store.put(bank, entry)
    try:
        yield
    finally:
        store.update(entry, enabled=False, disabled_for=DisabledFor.WITHDRAWN, updated_at=now)


def protect(guarded: Protected, content: bytes) -> Shield:
    """A stranger's personal hash of this picture."""
    shield = guarded.shield(guarded.world.adult())
    hashed = pdq(content)
    sent = [personal.PhoneHash(hashed.hex, hashed.quality)]
    (taken,) = personal.submit(ShieldId(shield.id), sent, shield.owner_id, guarded.backend.banks)
    assert taken.refused is None
    return shield


@pytest.mark.parametrize(("picture", "expected"), [(hers, "added"), (clean, "not_one_face")])
def test_a_strangers_hash_or_refusal_of_the_picture_does_not_show(
    guarded: Protected, picture: object, expected: str
) -> None:
    assert callable(picture)
    hashed, refused = picture(), picture()
    protect(guarded, hashed)

    with refused_by_somebody(guarded, refused):
        assert guarded.uploaded(hashed).state is ScanState.HELD, "the hash acts"
        assert guarded.uploaded(refused).state is ScanState.HELD, "the refusal acts"
        told = {answer(guarded, each) for each in (picture(), hashed, refused)}

    assert told == {expected}


def test_what_moderators_have_banked_is_refused_to_everybody(guarded: Protected) -> None:
    content = hers()
    guarded.world.bank(HashAlgorithm.SHA256, hashlib.sha256(content).hexdigest())
    assert answer(guarded, content) == "not_usable"


def test_that_a_stranger_protects_the_face_does_not_make_a_picture_look_made(
    world: World, matcher: Matcher
) -> None:
    with protected(world, matcher, everything_is_nude()) as guarded:
        before = answer(guarded, hers())
        for each in guarded.made:
            (listed,) = guarded.now(each).listed
            references.remove(ShieldId(each.id), listed.id, each.owner_id, guarded.backend)
        guarded.shield(world.adult(), hers())
        guarded.old()
        assert guarded.uploaded(hers()).state is ScanState.BLOCKED, "the shield acts"
        assert answer(guarded, hers()) == before == "added"


def everything_is_nude() -> Policy:
    """So that any picture that shows a protected person is blocked."""
    policy = default_policy()
    return policy.model_copy(
        update={"shields": policy.shields.model_copy(update={"nudity_at": 0.0})}
    )
