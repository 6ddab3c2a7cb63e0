"""What a shield recognises its owner by: pictures of their face, recordings of their voice.

The bytes are looked at and forgotten; the template is kept, encrypted (``templates``). A selfie is
a claim and no proof: nothing here can tell that the person in it is the one who sends it. What
follows from that: docs/decisions/0019.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Transaction
from media_integrity.cloud.keys import KeysUnreachable
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_media
from media_integrity.media.types import Face, Image, Pixels, Sound
from media_integrity.scanning.worker import shields_of
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import Action, AgeGroup
from media_integrity.schema.errors import Conflict, Forbidden, Invalid, TooMany, Unavailable
from media_integrity.schema.scans import ReasonCode, UploadContext
from media_integrity.schema.shields import (
    ReferenceKind,
    Shield,
    ShieldId,
    ShieldLevel,
    ShieldReference,
    ShieldReferences,
    ShieldStatus,
    ShieldTemplate,
)
from media_integrity.sealing.envelopes import CannotOpen
from media_integrity.signals import face_quality, faces, runtime
from media_integrity.signals.identity import embedding
from media_integrity.signals.registry import all_signals
from media_integrity.signals.voice import speaker

from . import conflicts, rescan
from .backend import ShieldBackend
from .service import own

if TYPE_CHECKING:
    from media_integrity.templates.sealing import Numbers

log = logging.getLogger(__name__)

MADE = frozenset(
    {
        ReasonCode.AI_GENERATED,
        ReasonCode.AI_GENERATED_PERSON,
        ReasonCode.AI_NUDITY,
        ReasonCode.CREDENTIALS_INVALID,
        ReasonCode.FACE_ALTERED,
        ReasonCode.FACE_SWAPPED,
        ReasonCode.FACE_GENERATED,
        ReasonCode.IDENTITY_MORPHED,
        ReasonCode.SEXUAL_AI_NUDITY,
        ReasonCode.SEXUAL_DEEPFAKE,
        ReasonCode.VOICE_SYNTHETIC,
        ReasonCode.CONFESSION_AUDIO,
        ReasonCode.PROTECTED_ALTERED,
    }
)
"""Reasons that say that a program made or changed it: no picture to recognise a person by."""

UNCHECKED = frozenset({ReasonCode.CHECK_FAILED})
KNOWN = frozenset({ReasonCode.BANK_MATCH_CONFIRMED, ReasonCode.BANK_MATCH_UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a reference."""

    reference_id: str
    shield: Shield


@dataclass(frozen=True, slots=True)
class _Template:
    kind: ReferenceKind
    numbers: Numbers
    model: str
    same: float
    """Distance up to which two are one person's."""


def add(shield_id: ShieldId, content: bytes, owner: UserId, backend: ShieldBackend) -> Added:
    """Add a picture of the owner's face, or a recording of their voice. The same file twice is one
    reference.

    The answer is the same whether somebody else has a shield over that face or not, and has
    protected that file or refused its publication or not.

    Raises:
        NotFound: there is no such shield, or it is somebody else's.
        Conflict: it is deleted, paused or in dispute.
        TooMany: it has, or was given today, as many as are allowed.
        Invalid: the file is none that we open; it does not show exactly one face well enough, or
            another person's than the shield's other references; or a program seems to have made it.
        Unavailable: it cannot be checked or kept safely now.
    """
    shield = _changeable(backend.store.get(Shield, shield_id), owner)
    reference_id = _id_of(shield_id, content)
    if any(each.id == reference_id for each in shield.listed):
        return Added(reference_id, shield)
    _require_room(shield, backend)
    _require_standing(owner, backend)
    _refuse_made(content, backend)
    found = _template(content, backend)
    _require_one_person(shield, found, backend)
    try:
        sealed = backend.templates.sealed(
            shield, reference_id, found.kind, found.numbers, runtime.reference(found.model)
        )
    except (KeysUnreachable, CannotOpen) as error:
        raise Unavailable("It cannot be kept safely now. Try again soon.") from error

    def body(tx: Transaction) -> tuple[Shield, bool]:
        current = _changeable(tx.get(Shield, shield_id), owner)
        if any(each.id == reference_id for each in current.listed):
            return current, False
        now = backend.clock.now()
        _require_room(current, backend)
        if not {each.id for each in current.listed} <= {each.id for each in shield.listed}:
            raise Conflict("Another reference was added at the same time. Try again.", code="busy")
        trail = Entry(tx, current.path)
        tx.put(sealed)
        wide = current.level.rank >= ShieldLevel.ENHANCED.rank
        listed = ShieldReference(id=reference_id, kind=found.kind, added_at=now)
        changed = tx.update(
            current,
            **_with((*current.listed, listed), current),
            status=ShieldStatus.ACTIVE,
            blocks_from=now + timedelta(hours=backend.policy.shields.young_hours),
            rescan=rescan.asked(now) if wide else current.rescan,
            updated_at=now,
        )
        trail.write(
            AuditAction.SHIELD_CHANGED,
            Actor(kind=ActorKind.USER, id=owner),
            now,
            f"{found.kind} {reference_id} added",
        )
        return changed, wide

    changed, due = backend.store.run(body)
    changed = conflicts.look(changed, backend)
    if due:
        rescan.enqueue(shield_id, backend)
    return Added(reference_id, changed)


def remove(shield_id: ShieldId, reference_id: str, owner: UserId, backend: ShieldBackend) -> Shield:
    """Take a reference away; nothing is compared with it any more. Twice changes nothing.

    Raises:
        NotFound: there is no such shield, or it is somebody else's.
        Conflict: it is deleted, or in dispute.
    """

    def body(tx: Transaction) -> Shield:
        shield = own(tx.get(Shield, shield_id), owner)
        if shield.status is ShieldStatus.DISPUTED:
            raise Conflict("A moderator is looking at this shield.", code="disputed")
        left = tuple(each for each in shield.listed if each.id != reference_id)
        if len(left) == len(shield.listed):
            return shield
        trail = Entry(tx, shield.path)
        now = backend.clock.now()
        tx.delete(ShieldTemplate.path_below(shield_id, reference_id))
        changes = _with(left, shield)
        if not left and not shield.references.hashes and shield.status is ShieldStatus.ACTIVE:
            changes["status"] = ShieldStatus.PENDING
        changed = tx.update(shield, **changes, updated_at=now)
        actor = Actor(kind=ActorKind.USER, id=owner)
        trail.write(AuditAction.SHIELD_CHANGED, actor, now, f"{reference_id} removed")
        return changed

    return backend.store.run(body)


def _with(listed: tuple[ShieldReference, ...], shield: Shield) -> dict[str, object]:
    """What changes with the list of references. Pure."""
    kinds = [each.kind for each in listed]
    counts = ShieldReferences(
        faces=kinds.count(ReferenceKind.FACE),
        voices=kinds.count(ReferenceKind.VOICE),
        hashes=shield.references.hashes,
    )
    return {"listed": listed, "references": counts}


def _changeable(shield: Shield | None, owner: UserId) -> Shield:
    found = own(shield, owner)
    if found.status is ShieldStatus.DISPUTED:
        raise Conflict("A moderator is looking at this shield.", code="disputed")
    if found.status is ShieldStatus.PAUSED:
        raise Conflict("This shield is paused. Resume it first.", code="paused")
    return found


def _require_room(shield: Shield, backend: ShieldBackend) -> None:
    limit = backend.policy.shields.references
    if len(shield.listed) >= limit:
        raise TooMany(f"A shield takes {limit} references.", code="full")


def _require_standing(owner: UserId, backend: ShieldBackend) -> None:
    """Raises: Forbidden: moderators have found others' faces in this person's shields."""
    lost = sum(shield.disputes_lost for shield in backend.store.query(shields_of(owner)))
    if lost >= backend.policy.shields.disputes_lost:
        raise Forbidden(
            "Moderators have found somebody else's face in your shields, so that nothing can be "
            "added to them. Write to us if that is wrong.",
            code="disputes_lost",
        )


def _id_of(shield_id: ShieldId, content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return hashlib.sha256(shield_id.encode() + b"\n" + digest).hexdigest()[:32]


def _refuse_made(content: bytes, backend: ShieldBackend) -> None:
    """By the checks that every upload goes through, as if nobody were protected: compared with no
    enrolled person and no entry of people's own. Else a refusal would tell whoever tries a picture
    here that somebody else protects it.

    Raises:
        Invalid, Unavailable: it seems made, or is known; it cannot be checked.
    """
    context = UploadContext(age_group=AgeGroup.ADULT)
    engine = backend.engine().impartial(all_signals())
    try:
        verdict = engine.judge(content, context).verdict
    except Refused as refused:
        raise Invalid(refused.message, code=str(refused.code)) from refused
    codes = {reason.code for reason in verdict.reasons}
    if codes & MADE:
        raise Invalid(
            "It looks as if a program made or changed it. Use a picture or recording straight from "
            "your phone, without filters.",
            code="looks_made",
        )
    if codes & KNOWN:
        raise Invalid("This file cannot be used. Take another one.", code="not_usable")
    if codes & UNCHECKED and verdict.action is Action.REVIEW:
        raise Unavailable("It cannot be checked now. Try again soon.")


def _template(content: bytes, backend: ShieldBackend) -> _Template:
    try:
        opened = open_media(content, backend.policy.limits.media)
    except Refused as refused:
        raise Invalid(refused.message, code=str(refused.code)) from refused
    except TooMuchToCheck as error:
        raise Invalid("This file is too long. Use a shorter one.", code="too_long") from error
    return _of_voice(opened) if isinstance(opened, Sound) else _of_face(opened, backend)


def _of_face(image: Image, backend: ShieldBackend) -> _Template:
    if image.film is not None or len(image.views) != 1:
        raise Invalid("Send a single photograph.", code="not_a_photograph")
    (seen,) = faces.look(image)
    if len(seen) != 1:
        found = "no face" if not seen else "more than one face"
        raise Invalid(
            f"There is {found} in it. Send a picture of nobody but you.", code="not_one_face"
        )
    rgb = image.views[0].rgb
    _require_good(rgb, seen[0], backend)
    (embedded,) = embedding.embeddings(rgb, seen)
    if embedded.numbers is None:
        raise Invalid("Look straight into the camera, from nearer.", code=embedded.unusable or "")
    return _Template(ReferenceKind.FACE, embedded.numbers, embedding.MODEL, embedding.SAME_PERSON)


def _require_good(rgb: Pixels, face: Face, backend: ShieldBackend) -> None:
    quality = face_quality.quality(rgb, face.box)
    poor = quality.weight < backend.policy.shields.min_face_quality
    if quality.too_small or quality.too_blurred or poor:
        raise Invalid(
            "Your face is too small or not sharp enough in it. Take the picture from nearer, in "
            "good light.",
            code="not_good_enough",
        )


def _of_voice(sound: Sound) -> _Template:
    numbers = speaker.speaker_template(sound)
    if isinstance(numbers, speaker.Refusal):
        texts = {
            speaker.Refusal.TOO_LITTLE_SPEECH: (
                f"Speak for longer: it takes {speaker.ENROL_S:.0f} seconds of speech."
            ),
            speaker.Refusal.CLIPPED: "It is too loud, so that parts are cut off. Record it again.",
            speaker.Refusal.SEVERAL_VOICES: "More than one person speaks in it.",
        }
        raise Invalid(texts[numbers], code=numbers.value)
    return _Template(ReferenceKind.VOICE, numbers, speaker.MODEL, speaker.SAME_SPEAKER)


def _require_one_person(shield: Shield, found: _Template, backend: ShieldBackend) -> None:
    """All references of a shield are one person's, each compared with each: or a shield could be
    led from one face to another, step by step.

    Raises:
        Invalid, Unavailable: they are not; they cannot be compared now.
    """
    import numpy as np

    try:
        opened = backend.templates.open(shield)
    except KeysUnreachable as error:
        raise Unavailable("It cannot be compared now. Try again soon.") from error
    model = runtime.reference(found.model)
    for other in opened.templates:
        if other.kind is not found.kind or other.model != model:
            continue
        if float(np.linalg.norm(other.numbers - found.numbers)) > found.same:
            raise Invalid(
                "It does not look like the person of your other references. One shield protects "
                "one person.",
                code="another_person",
            )
