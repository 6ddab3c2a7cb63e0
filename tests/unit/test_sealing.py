"""Sealed text opens in its own field of its own document, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_integrity.cloud.keys import KeyFile
from media_integrity.sealing.envelopes import CannotOpen, seal_text, unseal_text

PATH = "media_integrity_reports/one/private/details"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyFile:
    return KeyFile(Path(tmp_path_factory.mktemp("keys")) / "wrapping.key")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(text=st.text(max_size=300))
def test_what_was_sealed_opens_again(text: str, keys: KeyFile) -> None:
    assert unseal_text(seal_text(text, PATH, "victimName", keys), PATH, "victimName", keys) == text


@pytest.mark.parametrize(
    ("path", "field"), [(PATH.replace("one", "two"), "victimName"), (PATH, "victimMail")]
)
def test_it_does_not_open_elsewhere(path: str, field: str, keys: KeyFile) -> None:
    envelope = seal_text("Ada", PATH, "victimName", keys)
    with pytest.raises(CannotOpen):
        unseal_text(envelope.model_copy(update={"aad": path}), path, field, keys)


def test_a_changed_envelope_does_not_open(keys: KeyFile) -> None:
    envelope = seal_text("Ada", PATH, "victimName", keys)
    changed = bytes([envelope.ciphertext[0] ^ 1]) + envelope.ciphertext[1:]
    with pytest.raises(CannotOpen):
        unseal_text(envelope.model_copy(update={"ciphertext": changed}), PATH, "victimName", keys)


def test_another_deployment_cannot_open_it(keys: KeyFile, tmp_path: Path) -> None:
    envelope = seal_text("Ada", PATH, "victimName", keys)
    with pytest.raises(CannotOpen):
        unseal_text(envelope, PATH, "victimName", KeyFile(tmp_path / "other.key"))


def test_names_of_other_lengths_look_alike(keys: KeyFile) -> None:
    lengths = {
        len(seal_text(name, PATH, "victimName", keys).ciphertext) for name in ("Al", "A" * 50)
    }
    assert len(lengths) == 1
