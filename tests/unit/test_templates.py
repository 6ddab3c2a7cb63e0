"""Encrypted templates: what opens, what must not, and who is enrolled in the end."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_integrity.cloud.keys import (
    KeyFile,
    KeyInMemory,
    KeyRefused,
    KeysUnreachable,
    WrappedKey,
)
from media_integrity.schema.base import UserId
from media_integrity.schema.envelope import Envelope
from media_integrity.schema.findings import ModelRef
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
from media_integrity.signals.voice import speaker
from media_integrity.templates.keys import ShieldKeys
from media_integrity.templates.references import ShieldReferences
from media_integrity.templates.sealing import Binding, CannotOpen, Numbers, seal, unseal
from media_integrity.templates.service import MAX_TEMPLATES, Templates, TooManyTemplates

OTHER_MODEL = ModelRef(name="other", sha256="1" * 64)
THIS_MODEL = runtime.reference(MODEL)
KEY = KeyInMemory(bytes(range(32)), "test@1")
NUMBERS = np.linspace(-1, 1, 128, dtype=np.float32)
BINDING = Binding(
    ShieldTemplate.path_below("shield", "template"),
    UserId("person"),
    ReferenceKind.FACE,
    THIS_MODEL,
)


# One envelope ------------------------------------------------------------------------------------


@given(
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=64)
)
@settings(max_examples=40, deadline=None)
def test_what_is_sealed_comes_out_as_it_was(values: list[float]) -> None:
    numbers = np.array(values, np.float32)
    assert np.array_equal(unseal(seal(numbers, BINDING, KEY), BINDING, KEY), numbers)


@given(
    st.sampled_from(["ciphertext", "nonce", "wrapped_key"]),
    st.integers(0, 10_000),
    st.integers(1, 255),
)
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_anywhere_opens_nothing(field: str, place: int, change: int) -> None:
    envelope = seal(NUMBERS, BINDING, KEY)
    content = bytearray(getattr(envelope, field))
    content[place % len(content)] ^= change
    with pytest.raises(CannotOpen):
        unseal(envelope.model_copy(update={field: bytes(content)}), BINDING, KEY)


@given(st.sampled_from(["ciphertext", "wrapped_key"]), st.integers(0, 400))
@settings(max_examples=40, deadline=None)
def test_what_is_cut_off_opens_nothing(field: str, keep: int) -> None:
    envelope = seal(NUMBERS, BINDING, KEY)
    content = getattr(envelope, field)
    cut = content[: keep % len(content)]
    with pytest.raises(CannotOpen):
        unseal(envelope.model_copy(update={field: cut}), BINDING, KEY)


@pytest.mark.parametrize(
    "elsewhere",
    [
        Binding(
            ShieldTemplate.path_below("other", "template"),
            UserId("person"),
            ReferenceKind.FACE,
            THIS_MODEL,
        ),
        Binding(BINDING.path, UserId("somebody else"), ReferenceKind.FACE, THIS_MODEL),
        Binding(BINDING.path, UserId("person"), ReferenceKind.VOICE, THIS_MODEL),
        Binding(BINDING.path, UserId("person"), ReferenceKind.FACE, OTHER_MODEL),
    ],
    ids=["shield", "person", "kind", "model"],
)
def test_a_template_opens_nowhere_else(elsewhere: Binding) -> None:
    envelope = seal(NUMBERS, BINDING, KEY)
    with pytest.raises(CannotOpen):
        unseal(envelope, elsewhere, KEY)
    moved = envelope.model_copy(update={"aad": elsewhere.path})
    with pytest.raises(CannotOpen):
        unseal(moved, elsewhere, KEY)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(CannotOpen):
        unseal(seal(NUMBERS, BINDING, KEY), BINDING, KeyInMemory(bytes(32), "test@1"))


def test_bindings_whose_parts_are_shifted_are_not_the_same() -> None:
    one = Binding("ab", UserId("c"), ReferenceKind.FACE, THIS_MODEL)
    other = Binding("a", UserId("bc"), ReferenceKind.FACE, THIS_MODEL)
    assert one.encoded() != other.encoded()


@pytest.mark.parametrize(
    "odd",
    [np.zeros(0), np.zeros((2, 2)), np.zeros(1025), np.array([np.nan]), np.array([np.inf])],
    ids=["empty", "table", "too long", "nan", "infinite"],
)
def test_what_is_no_template_is_not_sealed(odd: Numbers) -> None:
    with pytest.raises(ValueError, match="a template has"):
        seal(odd.astype(np.float32), BINDING, KEY)


def test_a_template_of_the_wrong_length_is_not_opened_in_part() -> None:
    import os

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    context, key, nonce = BINDING.encoded(), os.urandom(32), os.urandom(12)
    wrapped = KEY.wrap(key, context)
    for plain in (b"", b"12345", b"\x00\x00\xc0\x7f"):
        envelope = Envelope(
            ciphertext=AESGCM(key).encrypt(nonce, plain, context),
            nonce=nonce,
            wrapped_key=wrapped.wrapped,
            key_version=wrapped.key_version,
            aad=BINDING.path,
        )
        with pytest.raises(CannotOpen):
            unseal(envelope, BINDING, KEY)


def test_two_seals_of_the_same_numbers_have_nothing_in_common() -> None:
    one, other = seal(NUMBERS, BINDING, KEY), seal(NUMBERS, BINDING, KEY)
    assert one.ciphertext != other.ciphertext
    assert one.nonce != other.nonce
    assert one.wrapped_key != other.wrapped_key
    assert NUMBERS.tobytes() not in one.ciphertext


# Keys --------------------------------------------------------------------------------------------


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "local.key"
    wrapped = KeyFile(path).wrap(b"k" * 32, b"here")
    assert path.stat().st_mode & 0o777 == 0o600
    assert KeyFile(path).unwrap(wrapped, b"here") == b"k" * 32
    assert [each.name for each in path.parent.iterdir()] == ["local.key"]


def test_a_wrapped_key_opens_for_its_context_alone(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "local.key")
    wrapped = keys.wrap(b"k" * 32, b"here")
    with pytest.raises(KeyRefused):
        keys.unwrap(wrapped, b"there")
    with pytest.raises(KeyRefused):
        KeyFile(tmp_path / "other.key").unwrap(wrapped, b"here")
    with pytest.raises(KeyRefused):
        keys.unwrap(WrappedKey(b"", "x"), b"here")


def test_a_key_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "local.key"
    KeyFile(path).wrap(b"k" * 32, b"here")
    path.chmod(0o644)
    with pytest.raises(KeyRefused):
        KeyFile(path).wrap(b"k" * 32, b"here")


# Shields -----------------------------------------------------------------------------------------


class DictionaryShelf:
    """Documents in this process."""

    def __init__(self) -> None:
        self.shields: dict[str, Shield] = {}
        self.keys: dict[str, ShieldKey] = {}
        self.kept: dict[tuple[str, str], ShieldTemplate] = {}

    def changed_shields(self, since: datetime) -> list[Shield]:
        changed = [shield for shield in self.shields.values() if shield.updated_at >= since]
        return sorted(changed, key=lambda shield: shield.updated_at)

    def key(self, shield_id: ShieldId) -> ShieldKey | None:
        return self.keys.get(shield_id)

    def add_key(self, key: ShieldKey) -> bool:
        return self.keys.setdefault(key.parent_id, key) is key

    def replace_key(self, key: ShieldKey) -> None:
        if key.parent_id in self.keys:
            self.keys[key.parent_id] = key

    def destroy_key(self, shield_id: ShieldId) -> None:
        self.keys.pop(shield_id, None)

    def templates(self, shield_id: ShieldId) -> list[ShieldTemplate]:
        return [kept for (parent, _), kept in self.kept.items() if parent == shield_id]

    def add_template(self, template: ShieldTemplate) -> None:
        self.kept[template.parent_id, template.id] = template

    def remove_templates(self, shield_id: ShieldId, template_ids: tuple[str, ...]) -> None:
        for template in template_ids:
            self.kept.pop((shield_id, template), None)


class Rotating:
    """A wrapping key with versions, and a service that can be out of reach."""

    def __init__(self) -> None:
        self.version, self.reachable, self.unwrapped = 1, True, 0

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        return self._of(f"kms@{self.version}").wrap(key, context)

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        if not self.reachable:
            raise KeysUnreachable
        self.unwrapped += 1
        return self._of(wrapped.key_version).unwrap(wrapped, context)

    def _of(self, version: str) -> KeyInMemory:
        return KeyInMemory(version.encode().ljust(32), version)


class Hands:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class World:
    def __init__(self) -> None:
        self.shelf, self.wrapper, self.clock = DictionaryShelf(), Rotating(), Hands()
        self.templates = Templates(self.shelf, self.wrapper, self.clock)
        self.references = ShieldReferences(self.templates)

    def shield(self, name: str, status: ShieldStatus = ShieldStatus.ACTIVE) -> Shield:
        """The shield, changed now."""
        self.clock.time += timedelta(seconds=5)
        now = self.clock.time
        expiry = now if status is ShieldStatus.DELETED else None
        shield = Shield(
            id=name,
            owner_id=UserId(f"owner of {name}"),
            status=status,
            created_at=now,
            updated_at=now,
            expire_at=expiry,
        )
        self.shelf.shields[name] = shield
        return shield

    def enrolled(self, name: str, numbers: Numbers = NUMBERS) -> Shield:
        shield = self.shield(name)
        self.templates.enrol(shield, ReferenceKind.FACE, numbers, THIS_MODEL)
        return shield

    def near(self) -> set[str]:
        return {near.person_id for near in self.references.people().near(NUMBERS, 0.1)}


@pytest.fixture
def world() -> World:
    return World()


def test_an_enrolled_face_is_opened_again(world: World) -> None:
    shield = world.enrolled("hers")
    opened = world.templates.open(shield)
    assert opened.unreadable == 0
    (template,) = opened.templates
    assert np.array_equal(template.numbers, NUMBERS)
    assert NUMBERS.tobytes() not in repr(world.shelf.kept).encode("latin-1", "ignore")


def test_numbers_and_keys_do_not_show_where_things_are_printed(world: World) -> None:
    opened = world.templates.open(world.enrolled("hers"))
    shown = repr(opened) + str(opened) + repr(KEY) + repr(KEY.wrap(b"k" * 32, b""))
    assert "array" not in shown and "kkk" not in shown and "numbers" not in shown


def test_a_template_moved_to_another_shield_does_not_open_and_is_counted(world: World) -> None:
    world.enrolled("hers")
    other = world.enrolled("his", -NUMBERS)
    (stolen,) = world.shelf.templates(ShieldId("hers"))
    world.shelf.add_template(stolen.model_copy(update={"parent_id": "his"}))
    opened = world.templates.open(other)
    assert (len(opened.templates), opened.unreadable) == (1, 1)


def test_a_shields_key_moved_to_another_shield_does_not_open(world: World) -> None:
    world.enrolled("hers")
    other = world.enrolled("his")
    hers = world.shelf.keys["hers"]
    world.shelf.keys["his"] = hers.model_copy(update={"parent_id": "his"})
    with pytest.raises(CannotOpen):
        world.templates.keys.of(ShieldId("his"))
    assert world.templates.open(other).unreadable == 1


def test_a_rotated_key_wraps_anew_and_leaves_the_templates_as_they_are(world: World) -> None:
    shield = world.enrolled("hers")
    before = world.shelf.templates(ShieldId("hers"))
    world.wrapper.version = 2
    assert world.templates.keys.wrap_anew(ShieldId("hers"))
    assert world.shelf.keys["hers"].key_version == "kms@2"
    assert world.shelf.templates(ShieldId("hers")) == before
    assert world.templates.open(shield).unreadable == 0


def test_without_its_key_a_shields_templates_are_useless_for_good(world: World) -> None:
    shield = world.enrolled("hers")
    copies = world.shelf.templates(ShieldId("hers"))
    world.templates.destroy(ShieldId("hers"))
    assert world.shelf.templates(ShieldId("hers")) == []
    world.shelf.add_template(copies[0])  # from a backup
    assert world.templates.open(shield).unreadable == 1
    world.templates.keys.made_for(ShieldId("hers"))  # another key of the same shield
    assert world.templates.open(shield).unreadable == 1
    assert not world.templates.keys.wrap_anew(ShieldId("nobody's"))


def test_one_call_to_the_key_service_opens_all_templates_of_a_shield(world: World) -> None:
    shield = world.enrolled("hers")
    for _ in range(4):
        world.templates.enrol(shield, ReferenceKind.FACE, NUMBERS, THIS_MODEL)
    world.wrapper.unwrapped = 0
    assert len(world.templates.open(shield).templates) == 5
    assert world.wrapper.unwrapped == 1


def test_a_shield_has_no_more_templates_than_are_allowed(world: World) -> None:
    shield = world.enrolled("hers")
    for _ in range(MAX_TEMPLATES - 1):
        world.templates.enrol(shield, ReferenceKind.FACE, NUMBERS, THIS_MODEL)
    with pytest.raises(TooManyTemplates):
        world.templates.enrol(shield, ReferenceKind.FACE, NUMBERS, THIS_MODEL)


# References --------------------------------------------------------------------------------------


def test_a_new_shield_is_known_to_the_next_scan(world: World) -> None:
    assert world.near() == set()
    world.enrolled("hers")
    assert world.near() == {"hers"}
    world.enrolled("his")
    assert world.near() == {"hers", "his"}


ACTING = {ShieldStatus.ACTIVE, ShieldStatus.DISPUTED}


@pytest.mark.parametrize("status", [status for status in ShieldStatus if status not in ACTING])
def test_a_shield_that_does_not_act_any_more_is_forgotten(
    world: World, status: ShieldStatus
) -> None:
    world.enrolled("hers")
    assert world.near() == {"hers"}
    world.shield("hers", status)
    assert world.near() == set()


def test_a_disputed_shield_is_compared_with_and_only_holds(world: World) -> None:
    world.enrolled("hers")
    assert not world.references.people().only_holds("hers")
    world.shield("hers", ShieldStatus.DISPUTED)
    assert world.near() == {"hers"}
    assert world.references.people().only_holds("hers")


def test_a_young_shield_blocks_once_it_is_old_without_being_changed(world: World) -> None:
    world.enrolled("hers")
    shield = world.shelf.shields["hers"]
    soon = world.clock.now() + timedelta(hours=1)
    changed = shield.updated_at + timedelta(seconds=1)
    world.shelf.shields["hers"] = shield.model_copy(
        update={"blocks_from": soon, "updated_at": changed}
    )
    assert world.references.people().only_holds("hers")
    world.clock.time = soon
    assert not world.references.people().only_holds("hers")


def test_a_removed_template_is_forgotten_with_the_shields_next_change(world: World) -> None:
    world.enrolled("hers")
    assert world.near() == {"hers"}
    (template,) = world.shelf.templates(ShieldId("hers"))
    world.templates.remove(ShieldId("hers"), template.id)
    world.shield("hers")
    assert world.near() == set()


def test_what_did_not_change_is_not_opened_again(world: World) -> None:
    world.enrolled("hers")
    world.enrolled("his")
    world.near()
    world.wrapper.unwrapped = 0
    first = world.references.people()
    assert world.references.people() is first
    assert world.wrapper.unwrapped == 0


def test_voices_and_faces_of_other_models_are_not_compared(world: World) -> None:
    shield = world.shield("hers")
    world.templates.enrol(shield, ReferenceKind.VOICE, NUMBERS, THIS_MODEL)
    world.templates.enrol(shield, ReferenceKind.FACE, NUMBERS, OTHER_MODEL)
    assert len(world.references.people()) == 0
    assert len(world.references.voices()) == 0


def test_voices_are_served_apart_from_faces_and_forgotten_with_their_shield(world: World) -> None:
    voice = np.eye(1, 256, dtype=np.float32)[0]
    shield = world.enrolled("hers")
    world.templates.enrol(shield, ReferenceKind.VOICE, voice, runtime.reference(speaker.MODEL))
    world.enrolled("his")
    voices = world.references.voices()
    assert [near.person_id for near in voices.near(voice, 0.1)] == ["hers"]
    assert len(voices) == 1 and len(world.references.people()) == 2
    assert world.references.voices() is voices
    world.shield("hers", ShieldStatus.PAUSED)
    assert len(world.references.voices()) == 0
    assert world.near() == {"his"}


def test_a_key_service_out_of_reach_is_not_nobody_enrolled(world: World) -> None:
    world.enrolled("hers")
    world.wrapper.reachable = False
    for _ in range(2):
        with pytest.raises(KeysUnreachable):
            world.references.people()
    world.wrapper.reachable = True
    assert world.near() == {"hers"}


def test_more_faces_than_fit_are_not_left_out_silently(world: World) -> None:
    references = ShieldReferences(world.templates, limit=1)
    world.enrolled("hers")
    world.enrolled("his")
    with pytest.raises(TooManyTemplates):
        references.people()


def test_where_no_shield_opens_nobody_is_taken_for_unprotected(world: World) -> None:
    """As with the key of another deployment: everything is held until it is put right."""
    world.enrolled("hers")
    world.enrolled("his")
    right = world.templates.keys
    world.templates.keys = ShieldKeys(world.shelf, KeyInMemory(bytes(32), "other"), world.clock)
    for _ in range(2):
        with pytest.raises(KeysUnreachable):
            world.references.people()
    world.templates.keys = right
    assert world.near() == {"hers", "his"}


def test_a_template_that_does_not_open_is_reported_without_its_content(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.enrolled("hers")
    world.enrolled("his")
    world.shelf.destroy_key(ShieldId("hers"))
    with caplog.at_level(logging.ERROR):
        assert world.near() == {"his"}
    (record,) = caplog.records
    assert record.__dict__["shield"] == "hers"
    assert "owner" not in caplog.text
