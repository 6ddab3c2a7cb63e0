"""Content Credentials: the signed C2PA manifest in a file.

C2PA Technical Specification 2.x: section 10 (actions), 11 (ingredients), 15 (validation); read and
validated by c2pa-python. Nothing is fetched: a manifest that a file only links to, revocation lists
and identity documents stay where they are.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from media_integrity.schema.findings import AiOrigin, CredentialState

from .generators import STRENGTH, by_name, by_source_type

if TYPE_CHECKING:
    import c2pa

# The description box of a manifest store: its type "jumd" and the C2PA identifier that the
# specification fixes (section 11.1.4.2). It stands in one piece in every format we open, so
# without it there is no manifest, and the parser in native code need not see the file.
_STORE = b"jumdc2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
_BOX = b"jumd"

MAX_BOXES = 10_000
"""Boxes in a manifest store. Reading time grows with them (6 µs each); long edit histories have a
few hundred."""

MAX_REPORT = 10_000_000
"""Characters of the library's report on one file."""

MAX_MANIFESTS_DEEP = 64
"""Generations of ingredients that are followed."""

MAX_CODES = 16
_CODE = re.compile(r"[A-Za-z0-9._-]{1,80}")

_SETTINGS = {
    "version": 1,
    "verify": {
        "verify_after_reading": True,
        "verify_trust": True,
        "verify_timestamp_trust": True,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
    },
    "core": {
        # Either of these two keeps the library from the network; both, because its defaults moved
        # between releases.
        "allowed_network_hosts": [],
        "decode_identity_assertions": False,
        "max_decompressed_manifest_size_in_mb": 32,
    },
}
_STATES = {
    "Trusted": CredentialState.VALID,
    "Valid": CredentialState.UNTRUSTED,
    "Invalid": CredentialState.INVALID,
}


class Edit(Enum):
    """What the newest manifest says was done, by what it means for the picture."""

    CHANGED = auto()  # edited, drawn on: what is shown may be another
    COMPOSITED = auto()  # something from elsewhere was placed in it
    FROM_GENERATOR = auto()  # something that a generator made went in


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the manifest says, and whether it can be believed."""

    state: CredentialState
    origin: AiOrigin = AiOrigin.NONE
    generator: str | None = None
    codes: tuple[str, ...] = ()
    """Validation codes that were not successes."""
    edits: frozenset[Edit] = frozenset()


ABSENT = Credentials(CredentialState.ABSENT)


class CredentialReader:
    """Reads manifests, trusting the certificates in ``trust``.

    Safe to use from several threads.
    """

    def __init__(self, trust: Path) -> None:
        """``trust`` is a directory; the anchors are the certificates in its ``*.pem`` files."""
        self._trust = trust
        self._lock = Lock()
        self._context: c2pa.Context | None = None

    def read(self, data: bytes) -> Credentials:
        """Find and validate the manifest in ``data``.

        Raises:
            c2pa.C2paError: the trust anchors cannot be used.
        """
        start = data.find(_STORE)
        if start < 0:
            return ABSENT
        if data.count(_BOX, start) > MAX_BOXES:
            return Credentials(CredentialState.UNREADABLE)
        import c2pa

        context = self._ready()
        try:
            # The library finds out the format by itself.
            reader = c2pa.Reader.try_create(io.BytesIO(data), context=context)
            if reader is None:
                return ABSENT
            with reader:
                report = reader.json()
        except c2pa.C2paError:
            return Credentials(CredentialState.UNREADABLE)
        if len(report) > MAX_REPORT:
            return Credentials(CredentialState.UNREADABLE)
        return _understood(json.loads(report))

    def _ready(self) -> c2pa.Context:
        import c2pa

        with self._lock:
            # A context does not survive a fork of the process.
            if self._context is None or not self._context.is_valid:
                anchors = "\n".join(path.read_text() for path in sorted(self._trust.glob("*.pem")))
                trust = {"trust": {"trust_anchors": anchors}} if anchors else {}
                self._context = c2pa.Context.from_dict({**_SETTINGS, **trust})
            return self._context


# The library's report ---------------------------------------------------------------------------


def _understood(report: object) -> Credentials:
    store = _Store(_members(_members(report).get("manifests")))
    active = _string(_members(report).get("active_manifest"))
    origin, generator = store.origin(active)
    state = _STATES.get(_string(_members(report).get("validation_state")))
    return Credentials(
        state or CredentialState.UNREADABLE,
        origin,
        generator,
        tuple(_codes(_members(_members(report).get("validation_results")))),
        frozenset(store.edits(active)),
    )


def _codes(results: Mapping[str, object]) -> list[str]:
    """Each code once. Those of ingredients may come from the file itself, so only well-formed."""
    checked = [results.get("activeManifest")]
    checked += [
        _members(delta).get("validationDeltas") for delta in _items(results.get("ingredientDeltas"))
    ]
    codes: dict[str, None] = {}
    for outcome in checked:
        for kind in ("failure", "informational"):
            for status in _items(_members(outcome).get(kind)):
                code = _string(_members(status).get("code"))
                if _CODE.fullmatch(code):
                    codes[code] = None
    return list(codes)[:MAX_CODES]


Origin: TypeAlias = tuple[AiOrigin, str | None]
"""What a manifest says, and the tool it names."""

_WHOLE = frozenset({"c2pa.created", "c2pa.opened"})
"""Actions whose source type is that of the whole picture."""

_WITHOUT_EFFECT = frozenset(
    {
        "c2pa.converted",
        "c2pa.edited.metadata",
        "c2pa.enhanced",
        "c2pa.published",
        "c2pa.redacted",
        "c2pa.repackaged",
        "c2pa.resized.proportional",
        "c2pa.transcoded",
        "c2pa.watermarked",
        "c2pa.watermarked.bound",
        "c2pa.watermarked.unbound",
    }
)
"""Actions that leave what is shown as it was. Source for both: the C2PA Conformance Program's asset
rubrics of 2026-08, inception and non-editorial actions."""

_EDITS = {
    "c2pa.edited": Edit.CHANGED,
    "c2pa.drawing": Edit.CHANGED,
    "c2pa.placed": Edit.COMPOSITED,
    "c2pa.composited": Edit.COMPOSITED,
}

_CHANGES = frozenset({"c2pa.edited", "c2pa.drawing", "c2pa.placed"})
"""Actions that bring in something new, so that a generator's doing them is a statement."""


class _Store:
    """The manifests of one file."""

    def __init__(self, manifests: Mapping[str, object]) -> None:
        self._manifests = manifests
        self._known: dict[str, Origin] = {}

    def origin(self, label: str, deep: int = 0) -> Origin:
        """Strongest statement of a manifest and of its ingredients' manifests.

        An edit of a wholly generated parent is still generated, unless something else was put in.
        Any other ingredient makes it a composite.
        """
        if label in self._known or deep > MAX_MANIFESTS_DEEP:
            return self._known.get(label, _NOTHING)
        self._known[label] = _NOTHING  # a manifest that is its own ingredient adds nothing
        manifest = _members(self._manifests.get(label))
        found = [_NOTHING, *_statements(manifest), *self._inherited(manifest, deep)]
        origin, tool = max(found, key=lambda item: (STRENGTH[item[0]], item[1] is not None))
        self._known[label] = (origin, tool or _made_with(manifest))
        return self._known[label]

    def edits(self, label: str) -> Iterator[Edit]:
        """What the actions and the ingredients of one manifest say was done."""
        manifest = _members(self._manifests.get(label))
        for assertion in map(_members, _items(manifest.get("assertions"))):
            if _string(assertion.get("label")).startswith("c2pa.actions"):
                for action in map(_members, _items(_members(assertion.get("data")).get("actions"))):
                    name = _string(action.get("action"))
                    if name in _EDITS:
                        yield _EDITS[name]
        if any(origin is not AiOrigin.NONE for origin, _ in self._inherited(manifest, 0)):
            yield Edit.FROM_GENERATOR

    def _inherited(self, manifest: Mapping[str, object], deep: int) -> Iterator[Origin]:
        parents: list[Origin] = []
        others: list[Origin] = []
        for ingredient in map(_members, _items(manifest.get("ingredients"))):
            label = ingredient.get("active_manifest")
            origin, tool = self.origin(label, deep + 1) if isinstance(label, str) else _NOTHING
            own = by_source_type(_string(ingredient.get("digitalSourceType")))
            if own is not None and STRENGTH[own] > STRENGTH[origin]:
                origin, tool = own, None
            is_parent = ingredient.get("relationship") == "parentOf"
            (parents if is_parent else others).append((origin, tool))
        mixed = any(origin is not AiOrigin.GENERATED for origin, _ in others)
        for origin, tool in parents:
            if origin is not AiOrigin.NONE:
                yield (AiOrigin.COMPOSITE if mixed else origin), tool
        for origin, tool in others:
            if origin is not AiOrigin.NONE:
                yield AiOrigin.COMPOSITE, tool


_NOTHING: Origin = (AiOrigin.NONE, None)


def _statements(manifest: Mapping[str, object]) -> Iterator[Origin]:
    """What the manifest's own assertions say."""
    for assertion in map(_members, _items(manifest.get("assertions"))):
        data = _members(assertion.get("data"))
        if _string(assertion.get("label")).startswith("c2pa.actions"):
            agents = _items(data.get("softwareAgents"))
            for action in map(_members, _items(data.get("actions"))):
                yield _of_action(action, agents)
            continue
        for key, value in data.items():
            if key.casefold().endswith("digitalsourcetype"):  # IPTC metadata assertions
                yield by_source_type(_string(value)) or AiOrigin.NONE, None


def _of_action(action: Mapping[str, object], agents: list[object]) -> Origin:
    name = _string(action.get("action"))
    if name in _WITHOUT_EFFECT:
        return _NOTHING
    agent = action.get("softwareAgent")
    index = action.get("softwareAgentIndex")
    if agent is None and isinstance(index, int) and 0 <= index < len(agents):
        agent = agents[index]
    claim = by_name(_string(agent) or _string(_members(agent).get("name")))
    tool = claim.generator if claim else None
    source = by_source_type(_string(action.get("digitalSourceType")))
    if source is AiOrigin.GENERATED and name not in _WHOLE:
        return AiOrigin.COMPOSITE, tool
    if source is not None:
        return source, tool
    if claim and name == "c2pa.created":
        return claim.origin, tool
    return (AiOrigin.COMPOSITE if claim and name in _CHANGES else AiOrigin.NONE), tool


_UNUSUAL = re.compile(r"[^A-Za-z0-9.+()-]+")
_MAX_NAME = 80


def _made_with(manifest: Mapping[str, object]) -> str | None:
    """The program that made the claim: the list's name for it, or its own, without the unusual."""
    infos = _items(manifest.get("claim_generator_info"))
    name = _string(_members(infos[0]).get("name")) if infos else ""
    if not name:  # "Adobe_Photoshop/26.9 other/1.0"
        name = _string(manifest.get("claim_generator")).split(" ")[0].split("/")[0]
    claim = by_name(name)
    if claim:
        return claim.generator
    return _UNUSUAL.sub(" ", name[: 4 * _MAX_NAME]).strip()[:_MAX_NAME].strip() or None


# The report repeats what the file holds, so its values may be of any type.


def _members(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
