"""C2PA manifests, signed here: what they say, whether they count, and that nothing is fetched."""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import c2pa
import pytest

from media_integrity.schema.findings import (
    AiOrigin,
    CredentialState,
    ProvenanceDetail,
    ProvenanceSource,
)
from media_integrity.signals.provenance import ProvenanceSignal, credentials
from tests.unit.provenance_files import (
    Ingredient,
    action,
    detail,
    identity,
    jpeg,
    opened,
    png,
    saved,
    signed,
    text,
    unopened,
)

NONE, COMPOSITE, GENERATED = AiOrigin.NONE, AiOrigin.COMPOSITE, AiOrigin.GENERATED
CREATED = action("c2pa.created", "trainedAlgorithmicMedia")
CAPTURED = action("c2pa.created", "digitalCapture")


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> ProvenanceSignal:
    """A signal whose operator trusts the root of the tests."""
    folder = tmp_path_factory.mktemp("trust")
    (folder / "tests.pem").write_bytes(identity().root)
    return ProvenanceSignal(folder)


def said(data: bytes, signal: ProvenanceSignal | None = None) -> ProvenanceDetail:
    return detail((signal or ProvenanceSignal()).run(opened(data)))


def changed(data: bytes) -> bytes:
    """The same file with one pixel value of its scan changed."""
    at = data.rindex(b"\xff\xd9") - 8
    return data[:at] + bytes((data[at] ^ 0x10,)) + data[at + 1 :]


PICTURES = {
    "JPEG": jpeg(),
    "PNG": png(),
    "WebP": saved("WEBP"),
    "GIF": saved("GIF"),
    "AVIF": saved("AVIF"),
}


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES.keys())
class TestEveryFormat:
    def test_without_manifest(self, data: bytes, trusting: ProvenanceSignal) -> None:
        found = said(data, trusting)
        assert found.credentials is CredentialState.ABSENT
        assert found.statements == ()

    def test_signed_by_somebody_trusted(self, data: bytes, trusting: ProvenanceSignal) -> None:
        found = said(signed(data, CREATED), trusting)
        assert found.credentials is CredentialState.VALID
        assert (found.origin, found.generator) == (GENERATED, "Test camera")
        assert [item.source for item in found.statements] == [ProvenanceSource.C2PA]

    def test_signed_by_somebody_unknown(self, data: bytes) -> None:
        found = said(signed(data, CREATED))
        assert found.credentials is CredentialState.UNTRUSTED
        assert found.origin is GENERATED
        assert "signingCredential.untrusted" in found.validation_codes


def test_media_changed_after_signing_is_invalid(trusting: ProvenanceSignal) -> None:
    data = signed(jpeg(), CAPTURED)
    assert said(data, trusting).credentials is CredentialState.VALID
    found = said(changed(data), trusting)
    assert found.credentials is CredentialState.INVALID
    assert "assertion.dataHash.mismatch" in found.validation_codes


def test_manifest_changed_after_signing_is_invalid(trusting: ProvenanceSignal) -> None:
    data = signed(jpeg(), CREATED).replace(b"trainedAlgorithmicMedia", b"trainedAlgorithmicMedib")
    found = said(data, trusting)
    assert found.credentials is CredentialState.INVALID
    assert found.origin is NONE


def test_statement_of_an_invalid_manifest_still_counts(trusting: ProvenanceSignal) -> None:
    found = said(changed(signed(jpeg(), CREATED)), trusting)
    assert found.credentials is CredentialState.INVALID
    assert found.origin is GENERATED


def test_trust_anchors_that_cannot_be_used_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.pem").write_text("no certificate")
    signal = ProvenanceSignal(tmp_path)
    with pytest.raises(c2pa.C2paError):
        signal.run(opened(signed(jpeg(), CREATED)))


# What manifests say -----------------------------------------------------------------------------

Actions = tuple[Mapping[str, object], ...]
FIREFLY = {"softwareAgent": {"name": "Adobe Firefly"}}
SAID: dict[str, tuple[Actions, AiOrigin, str]] = {
    "created by a model": ((CREATED,), GENERATED, "Test camera"),
    "opened, and it was made by a model": (
        (action("c2pa.opened", "trainedAlgorithmicMedia"),),
        GENERATED,
        "Test camera",
    ),
    "created with parts by a model": (
        (action("c2pa.created", "compositeWithTrainedAlgorithmicMedia"),),
        COMPOSITE,
        "Test camera",
    ),
    "photographed": ((CAPTURED,), NONE, "Test camera"),
    "drawn by a formula": ((action("c2pa.created", "algorithmicMedia"),), NONE, "Test camera"),
    "photographed, then filled in by a model": (
        (CAPTURED, action("c2pa.edited", "trainedAlgorithmicMedia", **FIREFLY)),
        COMPOSITE,
        "Adobe Firefly",
    ),
    "created by a generator that gives no source type": (
        (action("c2pa.created", **FIREFLY),),
        GENERATED,
        "Adobe Firefly",
    ),
    "edited by a generator that gives no source type": (
        (CAPTURED, action("c2pa.edited", softwareAgent="Adobe Firefly")),
        COMPOSITE,
        "Adobe Firefly",
    ),
    "only converted by a generator": (
        (CAPTURED, action("c2pa.converted", "trainedAlgorithmicMedia", **FIREFLY)),
        NONE,
        "Test camera",
    ),
    "photographed by a program with a generator's name": (
        (action("c2pa.created", "digitalCapture", **FIREFLY),),
        NONE,
        "Adobe Firefly",
    ),
}


@pytest.mark.parametrize(("actions", "origin", "generator"), SAID.values(), ids=SAID.keys())
def test_actions(actions: Actions, origin: AiOrigin, generator: str) -> None:
    found = said(signed(jpeg(), *actions))
    assert (found.origin, found.generator) == (origin, generator)


GENERATED_FILE = signed(jpeg(), action("c2pa.created", "trainedAlgorithmicMedia", **FIREFLY))
PHOTOGRAPH = signed(jpeg(), CAPTURED)
EDITED = action("c2pa.color_adjustments")
INGREDIENTS = {
    "edit of a generated picture": ([(GENERATED_FILE, "parentOf")], GENERATED),
    "edit of a photograph": ([(PHOTOGRAPH, "parentOf")], NONE),
    "generated part": ([(PHOTOGRAPH, "parentOf"), (GENERATED_FILE, "componentOf")], COMPOSITE),
    "photographed part of a generated picture": (
        [(GENERATED_FILE, "parentOf"), (PHOTOGRAPH, "componentOf")],
        COMPOSITE,
    ),
    "part of unknown origin": (
        [(GENERATED_FILE, "parentOf"), (jpeg(), "componentOf")],
        COMPOSITE,
    ),
}


@pytest.mark.parametrize(("parts", "origin"), INGREDIENTS.values(), ids=INGREDIENTS.keys())
def test_ingredients_are_followed(parts: list[tuple[bytes, str]], origin: AiOrigin) -> None:
    ingredients = [Ingredient(data, relationship) for data, relationship in parts]
    found = said(signed(jpeg(), EDITED, tool="Adobe Photoshop", ingredients=ingredients))
    assert found.origin is origin
    assert found.generator == ("Adobe Photoshop" if origin is NONE else "Adobe Firefly")


def test_generated_part_is_found_generations_back() -> None:
    data = signed(jpeg(), EDITED, ingredients=[Ingredient(GENERATED_FILE, "componentOf")])
    for _ in range(3):
        data = signed(data, EDITED, ingredients=[Ingredient(data, "parentOf")])
    assert said(data).origin is COMPOSITE


def test_ingredient_of_itself_ends() -> None:
    manifest = {"ingredients": [{"active_manifest": "a", "relationship": "parentOf"}] * 2}
    assert credentials._Store({"a": manifest}).origin("a") == (NONE, None)


def test_signer_and_title_are_not_kept() -> None:
    data = signed(jpeg(), action("c2pa.created", "trainedAlgorithmicMedia", reason="for Jane Doe"))
    kept = said(data).model_dump_json()
    assert "Jane" not in kept
    assert "Test signer" not in kept


def test_name_of_the_tool_is_cut_to_plain_characters() -> None:
    name = "Tool <script>\u202e " + "x" * 200
    generator = said(signed(jpeg(), CREATED, tool=name)).generator
    assert generator is not None
    assert generator.startswith("Tool script x")
    assert len(generator) == 80


def test_manifest_and_metadata_are_both_listed() -> None:
    data = signed(png(text("Software", "Midjourney")), CAPTURED)
    found = said(data)
    assert found.origin is GENERATED
    assert {item.source for item in found.statements} == {
        ProvenanceSource.C2PA,
        ProvenanceSource.PNG_TEXT,
    }


# Broken and hostile manifests -------------------------------------------------------------------


def test_cut_manifest_is_unreadable_or_invalid() -> None:
    data = signed(png(), CREATED)
    start = data.index(b"caBX") + 4
    length = int.from_bytes(data[start - 8 : start - 4], "big")
    for kept in range(60, length, 211):
        body = data[start : start + kept]
        found = said(png((b"caBX", body)))
        assert found.credentials in {CredentialState.UNREADABLE, CredentialState.INVALID}


def box(kind: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def described(kind: bytes, label: bytes, *content: bytes) -> bytes:
    identifier = kind + bytes.fromhex("00110010800000aa00389b71")
    return box(b"jumb", box(b"jumd", identifier + b"\x03" + label + b"\x00") + b"".join(content))


def store(claim: bytes, *more: bytes) -> bytes:
    manifest = described(
        b"c2ma", b"urn:c2pa:1", described(b"c2cl", b"c2pa.claim.v2", box(b"cbor", claim)), *more
    )
    return described(b"c2pa", b"c2pa", manifest)


def nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = described(b"c2pa", b"c2pa", inner)
    return inner


BOMBS = {
    "arrays in arrays": store(b"\x81" * 200_000 + b"\x00"),
    "maps in maps": store(b"\xa1\x00" * 200_000 + b"\x00"),
    "array of four billion": store(b"\x9b\x00\x00\x00\x00\xff\xff\xff\xff"),
    "string of eight exabytes": store(b"\x5b\x7f" + b"\xff" * 7),
    "boxes in boxes": nested(5_000),
    "hundred thousand boxes": store(
        b"\xa0", described(b"json", b"x", box(b"json", b"{}")) * 100_000
    ),
    "length beyond the file": b"\xff\xff\xff\xff" + nested(1)[4:],
    "length zero": b"\x00\x00\x00\x00" + nested(1)[4:],
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_bomb_in_a_manifest_is_unreadable(bomb: bytes) -> None:
    found = said(png((b"caBX", bomb)))
    assert found.credentials is CredentialState.UNREADABLE
    assert found.origin is NONE


def test_unreadable_manifest_does_not_hide_other_statements() -> None:
    data = png((b"caBX", nested(1)), text("Software", "Midjourney"))
    found = said(data)
    assert found.credentials is CredentialState.UNREADABLE
    assert found.origin is GENERATED


@pytest.mark.parametrize(
    "report",
    [
        None,
        [],
        {"manifests": 3, "active_manifest": {}},
        {"active_manifest": "a", "manifests": {"a": []}},
        {"active_manifest": "a", "manifests": {"a": {"assertions": [1, {"data": "x"}, None]}}},
        {
            "active_manifest": "a",
            "manifests": {
                "a": {
                    "assertions": [
                        {
                            "label": "c2pa.actions.v2",
                            "data": {"actions": [7, {"softwareAgentIndex": 9, "action": []}]},
                        }
                    ],
                    "ingredients": [{"active_manifest": 4}, "x"],
                    "claim_generator_info": [None],
                }
            },
            "validation_results": {
                "activeManifest": {"failure": [{"code": 5}, {"code": "Jane <"}]}
            },
        },
    ],
)
def test_report_of_any_shape_is_understood(report: object) -> None:
    found = credentials._understood(json.loads(json.dumps(report)))
    assert found.origin is NONE
    assert found.codes == ()


# No network -------------------------------------------------------------------------------------


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A port on this machine, and what was sent to it."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(200))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1], heard
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def read_by_library(data: bytes, settings: Mapping[str, object]) -> None:
    with (
        c2pa.Context.from_dict(dict(settings)) as context,
        pytest.raises(c2pa.C2paError, match="remote"),
    ):
        c2pa.Reader.try_create("image/jpeg", io.BytesIO(data), context=context)


def test_remote_manifest_is_not_fetched() -> None:
    with listening() as (port, heard):
        data = signed(jpeg(), CREATED, remote=f"http://127.0.0.1:{port}/m.c2pa")
        found = said(data)
        assert found.credentials is CredentialState.ABSENT
        assert found.validation_codes == ("manifest.inaccessible",)
        # Our settings hold by themselves too, should such a file ever reach the library …
        read_by_library(data, credentials._SETTINGS)
        assert heard == []
        # … and this file does make the library call out when it may.
        read_by_library(data, {"version": 1})
        assert heard[0].startswith(b"GET /m.c2pa")


@pytest.mark.parametrize("left", ["verify", "core"])
def test_either_half_of_the_settings_keeps_the_library_from_the_network(left: str) -> None:
    settings = {"version": 1, left: credentials._SETTINGS[left]}
    with listening() as (port, heard):
        read_by_library(signed(jpeg(), CREATED, remote=f"http://127.0.0.1:{port}/m"), settings)
        assert heard == []


def test_a_file_without_a_store_never_reaches_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the library was asked")

    monkeypatch.setattr(c2pa.Reader, "try_create", refuse)
    assert said(jpeg()).credentials is CredentialState.ABSENT
    with pytest.raises(AssertionError):
        said(signed(jpeg(), CREATED))


def test_many_threads_share_one_signal(trusting: ProvenanceSignal) -> None:
    files = [unopened(signed(data, CREATED)) for data in PICTURES.values()] * 8
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda media: detail(trusting.run(media)), files))
    assert {item.credentials for item in found} == {CredentialState.VALID}
