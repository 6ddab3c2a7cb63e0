"""Files that other projects' tools wrote, where the shared data is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_integrity.media.sniff import image_format
from media_integrity.schema.findings import AiOrigin, CredentialState, ProvenanceSource
from media_integrity.signals.provenance import ProvenanceSignal
from tests.unit.provenance_files import detail, unopened

SHARED = Path(__file__).parents[3] / "shared" / "data" / "provenance"
SIGNAL = ProvenanceSignal()

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="needs ../shared/data/provenance beside the repository"
)

NONE, COMPOSITE, GENERATED = AiOrigin.NONE, AiOrigin.COMPOSITE, AiOrigin.GENERATED
ABSENT, UNTRUSTED, INVALID = (
    CredentialState.ABSENT,
    CredentialState.UNTRUSTED,
    CredentialState.INVALID,
)
CREDENTIALS = {
    "C.jpg": (UNTRUSTED, NONE),
    "CA.jpg": (UNTRUSTED, NONE),
    "CIE-sig-CA.jpg": (UNTRUSTED, NONE),
    "E-sig-CA.jpg": (INVALID, NONE),
    "XCA.jpg": (INVALID, NONE),
    "ocsp.jpg": (UNTRUSTED, COMPOSITE),
    "no_manifest.jpg": (ABSENT, NONE),
    "IMG_0003.jpg": (ABSENT, NONE),
    "P1000827.jpg": (ABSENT, NONE),
    "earth_apollo17.jpg": (ABSENT, NONE),
    "libpng-test.png": (ABSENT, NONE),
    "mars.webp": (ABSENT, NONE),
    "sample1.avif": (ABSENT, NONE),
    "sample1.gif": (ABSENT, NONE),
    "sample1.heic": (ABSENT, NONE),
    "sample1.png": (ABSENT, NONE),
    "sample1.webp": (ABSENT, NONE),
}
METADATA = {
    "automatic1111_cropped.jpg": ("Stable Diffusion", ProvenanceSource.EXIF),
    "automatic1111_stealth.png": ("Stable Diffusion", ProvenanceSource.STEALTH_ALPHA),
    "invokeai_dream1.png": ("InvokeAI", ProvenanceSource.PNG_TEXT),
    "invokeai_sdmeta1.png": ("InvokeAI", ProvenanceSource.PNG_TEXT),
    "night_evening_day_morning_cropped.png": ("ComfyUI", ProvenanceSource.PNG_TEXT),
    "unclip_2pass_cropped.png": ("ComfyUI", ProvenanceSource.PNG_TEXT),
}


@pytest.mark.parametrize(("name", "expected"), CREDENTIALS.items())
def test_credentials(name: str, expected: tuple[CredentialState, AiOrigin]) -> None:
    found = detail(SIGNAL.run(unopened((SHARED / "c2pa" / name).read_bytes())))
    assert (found.credentials, found.origin) == expected


def test_edit_of_a_generated_picture_names_the_generator_and_no_person() -> None:
    found = detail(SIGNAL.run(unopened((SHARED / "c2pa" / "ocsp.jpg").read_bytes())))
    assert found.generator == "Adobe Firefly"
    assert "Tran" not in found.model_dump_json()


@pytest.mark.parametrize(("name", "expected"), METADATA.items())
def test_generator_metadata(name: str, expected: tuple[str, ProvenanceSource]) -> None:
    found = detail(SIGNAL.run(unopened((SHARED / "generator_metadata" / name).read_bytes())))
    assert found.origin is GENERATED
    assert {(item.generator, item.source) for item in found.statements} == {expected}


@pytest.mark.parametrize("name", ["nested_moov_1000.mp4", "riff_bomb_1000.wav"])
@pytest.mark.parametrize("first", [b"\x00\x00\x00\x14ftypavif\x00\x00\x00\x00avif", b"RIFF"])
def test_nested_boxes_end(name: str, first: bytes) -> None:
    """The bombs, made to look like pictures with a manifest store."""
    bomb = (SHARED / "c2pa" / name).read_bytes()
    store = b"\x00\x00\x00\x26jumb\x00\x00\x00\x1ejumdc2pa" + bytes.fromhex(
        "00110010800000aa00389b71036332706100"
    )
    start = first if first != b"RIFF" else b"RIFF" + (len(bomb)).to_bytes(4, "little") + b"WEBP"
    data = start + bomb + store
    assert image_format(data) is not None
    try:
        found = detail(SIGNAL.run(unopened(data)))
    except Exception as error:  # noqa: BLE001 - any plain one will do
        assert not isinstance(error, RecursionError | MemoryError)
    else:
        assert found.origin is NONE
