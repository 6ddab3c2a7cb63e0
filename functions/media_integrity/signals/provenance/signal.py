"""The provenance signal: all that a file says of its origin, summed up.

The answer is the file's statement, not a measurement of its pixels: anybody can write or strip one.
That a file says nothing means nothing. That it says "made by a generator" is worth acting on, since
nobody gains from saying so falsely. How far a C2PA statement can be believed stands beside it as
the state of the credentials.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from media_integrity.media.types import Image
from media_integrity.schema.enums import DetectionMethod
from media_integrity.schema.findings import (
    AiOrigin,
    CredentialState,
    Finding,
    ProvenanceDetail,
    ProvenanceSource,
    ProvenanceStatement,
)
from media_integrity.signals.base import Example, Needs

from . import examples, metadata
from .credentials import CredentialReader, Credentials
from .generators import STRENGTH, Claim
from .metadata import RemoteManifest, Statement

TRUST = Path(__file__).with_name("trust")
"""Where an operator puts the certificates whose signatures count. See the README there."""

MAX_STATEMENTS = 16

_SCORE = {AiOrigin.NONE: 0.0, AiOrigin.COMPOSITE: 0.5, AiOrigin.GENERATED: 1.0}

_REMOTE = "manifest.inaccessible"
"""C2PA's own code for a manifest out of reach; we do not reach for it."""


class ProvenanceSignal:
    """Reads C2PA manifests, IPTC source types and the traces of generators."""

    name = DetectionMethod.PROVENANCE
    version = "1"
    needs = frozenset({Needs.IMAGE})

    def __init__(self, trust: Path = TRUST) -> None:
        """``trust`` is a directory of C2PA trust anchors, ``*.pem``; it may have none."""
        self._credentials = CredentialReader(trust)

    def run(self, media: Image) -> Finding:
        """What the file states.

        ``score`` is 1.0 where the file states that a generator made the picture, 0.5 where it
        states that parts of it are generated, 0.0 where it states neither. It grades the statement
        and is no probability, so there is no ``probability``. An unreadable manifest is a
        measurement too: the detail's ``credentials`` says so.

        Raises:
            c2pa.C2paError: the trust anchors cannot be used.
            Exception: a decoder's own, where it fails on a file that opened before.
        """
        credentials = self._credentials.read(media.data)
        found = list(metadata.read(media))
        stated = [item for item in found if isinstance(item, Statement)]
        statements = _merged([*_in_credentials(credentials), *stated])
        strongest = max(statements, key=lambda said: STRENGTH[said.origin], default=None)
        origin = strongest.origin if strongest else AiOrigin.NONE
        is_remote = credentials.state is CredentialState.ABSENT and RemoteManifest() in found
        return Finding(
            method=self.name,
            version=self.version,
            score=_SCORE[origin],
            detail=ProvenanceDetail(
                credentials=credentials.state,
                origin=origin,
                generator=_generator(statements, origin),
                statements=statements,
                validation_codes=(_REMOTE,) if is_remote else credentials.codes,
            ),
        )

    def examples(self) -> tuple[Example, ...]:
        """Files made by code and what they must be found to say."""
        return examples.EXAMPLES


def _in_credentials(credentials: Credentials) -> list[Statement]:
    if credentials.state in {CredentialState.ABSENT, CredentialState.UNREADABLE}:
        return []
    claim = Claim(credentials.origin, credentials.generator)
    return [Statement(ProvenanceSource.C2PA, claim)]


def _merged(found: Iterable[Statement]) -> tuple[ProvenanceStatement, ...]:
    """One statement of each tool in each place, the general giving way to the particular.

    "Generated" is what a tool's name or parameters say unless they also say that a picture went
    in. So "composite" wins among statements of one tool in one place, and over a mere name.
    """
    groups: dict[tuple[ProvenanceSource, str | None], list[Claim]] = {}
    for item in found:
        groups.setdefault((item.source, item.claim.generator), []).append(item.claim)
    told = {key: _particular(claims) for key, claims in groups.items()}
    composite = any(
        claim.origin is AiOrigin.COMPOSITE and not claim.implied for claim in told.values()
    )
    statements = []
    for (source, generator), claim in told.items():
        lowered = composite and claim.implied and claim.origin is AiOrigin.GENERATED
        origin = AiOrigin.COMPOSITE if lowered else claim.origin
        statements.append(ProvenanceStatement(source=source, origin=origin, generator=generator))
    return tuple(statements[:MAX_STATEMENTS])


def _particular(claims: list[Claim]) -> Claim:
    counting = [claim for claim in claims if not claim.implied] or claims
    composite = (claim for claim in counting if claim.origin is AiOrigin.COMPOSITE)
    return next(composite, None) or max(counting, key=lambda claim: STRENGTH[claim.origin])


def _generator(statements: Iterable[ProvenanceStatement], origin: AiOrigin) -> str | None:
    """The tool named first by a statement as strong as the answer."""
    named = (said.generator for said in statements if said.origin is origin and said.generator)
    return next(named, None)
