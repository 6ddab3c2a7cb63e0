"""Reasons in plain words, for the person who uploaded: calm, specific, without blame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from media_integrity.schema.enums import Action, DetectionMethod
from media_integrity.schema.scans import Reason, ReasonCode

TEXTS: dict[ReasonCode, str] = {
    ReasonCode.CLEAN: "Our checks found nothing against the rules.",
    ReasonCode.AI_GENERATED: (
        "The file says that it was made with an AI generator. It is shown with that label."
    ),
    ReasonCode.BANK_MATCH_CONFIRMED: (
        "This file matches media that was reported as abusive and confirmed by a person. "
        "Nobody has seen your upload."
    ),
    ReasonCode.BANK_MATCH_UNCONFIRMED: (
        "This file looks like media that somebody has reported. A moderator will compare them "
        "before anything else happens. Nobody else has seen your upload."
    ),
    ReasonCode.NUDITY_ADULT: (
        "Our check found nudity. The picture is shown behind a blurred preview."
    ),
    ReasonCode.NUDITY_TEEN: (
        "Our check found nudity, which cannot be shared from an account of a person under 18 or "
        "of unknown age. Nobody has seen your upload."
    ),
    ReasonCode.AI_NUDITY: (
        "Our check found nudity, and the file says that an AI generator made it. "
        "Nobody has seen your upload."
    ),
    ReasonCode.AI_GENERATED_PERSON: (
        "The file says that an AI generator made or changed it, and there is a person in it. "
        "A moderator will look at it. Nobody else has seen your upload."
    ),
    ReasonCode.CREDENTIALS_INVALID: (
        "This file carries content credentials that do not fit the picture: one of them was "
        "changed afterwards. A moderator will look at it. Nobody else has seen your upload."
    ),
    ReasonCode.TEXT_HATE: (
        "The text in the picture contains words that attack people for who they are. "
        "A moderator will look at it. Nobody else has seen your upload."
    ),
    ReasonCode.TEXT_THREAT: (
        "The text in the picture reads like a threat. A moderator will look at it. "
        "Nobody else has seen your upload."
    ),
    ReasonCode.TEXT_SEXTORTION: (
        "The text in the picture reads like a threat to share intimate pictures. A moderator will "
        "look at it. Nobody else has seen your upload. If somebody sent it to you, you are not to "
        "blame: do not pay, and report it in the app."
    ),
    ReasonCode.CHECK_FAILED: (
        "One of our checks could not run, so a moderator will look at your upload. "
        "You need not do anything."
    ),
    ReasonCode.CHECK_INCONCLUSIVE: (
        "One of our checks came to no clear result, so a moderator will look at your upload. "
        "You need not do anything."
    ),
    ReasonCode.TOO_MUCH_TO_CHECK: (
        "This file is too long to be checked in full automatically, so a moderator will look at "
        "it. A shorter version may go through at once."
    ),
    ReasonCode.LOOKED_AT: "A moderator looked at your upload and let it through.",
    ReasonCode.MODERATED: (
        "A moderator looked at your upload and decided that it is not published. Why, they have "
        "written with the decision."
    ),
    ReasonCode.PERSON_PROTECTED: (
        "A person in it may not have agreed to be shown, so a moderator will look at your upload. "
        "Nobody else has seen it."
    ),
    ReasonCode.PROTECTED_ALTERED: (
        "A person in it may not have agreed to be shown, and our checks found that it was made or "
        "changed by a program, or shows nudity. Nobody has seen your upload."
    ),
    ReasonCode.PROTECTED_REFUSED: (
        "A person in it does not agree to be shown, so it is not published. Nobody has seen your "
        "upload. If nobody but you is in it, appeal in the app within 30 days: a person will look "
        "at it."
    ),
    ReasonCode.CONSENT_REFUSED: (
        "A person in it does not agree to be shown, so it is not published. Nobody has seen your "
        "upload."
    ),
    ReasonCode.CONSENT_EXPIRED: (
        "Not everybody in it has agreed within seven days, so it is not published. You may upload "
        "it again and ask again."
    ),
    ReasonCode.CONSENT_WITHDRAWN: (
        "A person in it does not agree to be shown any more, so it was taken down."
    ),
    ReasonCode.REPORTED: (
        "It was reported by the person shown, or by somebody who acts for them, and was taken "
        "down. A moderator will look at it."
    ),
    ReasonCode.ORIGIN_WATCHED: (
        "For some days a moderator looks at uploads from the network that this one came from "
        "before they are published. It is no word on you. Nobody else has seen your upload."
    ),
    ReasonCode.OUT_OF_TRIES: (
        "Our checks did not finish, so a moderator will look at your upload. "
        "You need not do anything."
    ),
}


WHAT_WAS_FOUND: dict[ReasonCode, str] = {
    ReasonCode.FACE_ALTERED: "It looks as if a face in it was changed by a program.",
    ReasonCode.FACE_SWAPPED: "It looks as if one of the faces was put in from another picture.",
    ReasonCode.FACE_GENERATED: "It looks as if a program made the person in it.",
    ReasonCode.SEXUAL_AI_NUDITY: "It looks like nudity that a program made or completed.",
    ReasonCode.SEXUAL_DEEPFAKE: (
        "It looks like sexual material in which somebody's face was changed or put in."
    ),
    ReasonCode.VOICE_SYNTHETIC: "The voice sounds as if a program made it.",
    ReasonCode.CONFESSION_AUDIO: (
        "The voice sounds as if a program made it, and its words confess to something or threaten "
        "somebody."
    ),
    ReasonCode.IDENTITY_MORPHED: "The face looks like a mixture of two people.",
    ReasonCode.DOCUMENT_EDITED: (
        "A part of this document or screenshot looks as if it was changed after the rest was made."
    ),
    ReasonCode.HUMILIATION: (
        "It looks as if a face in it was changed, and its text attacks or threatens somebody."
    ),
    ReasonCode.FILE_CONTRADICTS_ITSELF: (
        "What the file says about its origin does not fit together."
    ),
}
"""Detections, which may be wrong. The rest of their explanation is put together by ``reason``."""

RESTS_ON: dict[DetectionMethod, str] = {
    DetectionMethod.BANK_MATCH: "a comparison with reported media",
    DetectionMethod.PROVENANCE: "what the file says about its origin",
    DetectionMethod.NUDITY: "our nudity check",
    DetectionMethod.FACES: "the faces in it",
    DetectionMethod.TEXT: "the text in the picture",
    DetectionMethod.FACE_MANIPULATION: "the texture and the edges of the face",
    DetectionMethod.SYNTHETIC_IMAGE: "the fine texture of the picture",
    DetectionMethod.COMPRESSION: "traces of compression that differ within the picture",
    DetectionMethod.METADATA: "details stored in the file",
    DetectionMethod.NUDITY_SYNTHESIS: "several checks together",
    DetectionMethod.VOICE: "the sound and the rhythm of the voice",
    DetectionMethod.VIDEO: "how the face changes from frame to frame",
    DetectionMethod.DOCUMENT: "differences between neighbouring parts of the page",
    DetectionMethod.IDENTITY_MORPHING: "the features of the face",
}

ABOUT_OTHERS = frozenset(
    {DetectionMethod.VOICE, DetectionMethod.NUDITY_SYNTHESIS, DetectionMethod.IDENTITY_MORPHING}
)
"""Checks that also look at who has a shield. A figure of theirs could tell that somebody in the
upload has one, so the uploader reads it in steps, and never as a number."""

_SURE = ((0.97, "very sure"), (0.9, "sure"), (0.75, "fairly sure"), (0.0, "not sure"))


def reason(
    code: ReasonCode,
    *,
    action: Action = Action.REVIEW,
    confidence: float = 1.0,
    rests_on: Sequence[DetectionMethod] = (),
    appealable: bool = False,
) -> Reason:
    """The reason in words: what was found, how sure, what it rests on, what can be done.

    A fact (``TEXTS``) needs no word on how sure we are.
    """
    found = WHAT_WAS_FOUND.get(code)
    if found is None:
        return Reason(code=code, text=TEXTS[code])
    sure = next(words for least, words in _SURE if confidence >= least)
    figure = f" ({100 * min(confidence, 0.99):.0f} %)"
    if ABOUT_OTHERS.intersection(rests_on):
        figure = ""
    parts = [
        found,
        f"Our automatic check is {sure} of it{figure}{_basis(rests_on)}.",
        _what_now(action, appealable),
    ]
    return Reason(code=code, text=" ".join(parts))


def in_steps(confidence: float, rests_on: Iterable[DetectionMethod]) -> float:
    """How sure the uploader may read that we are: of checks that are about others, the step."""
    if not ABOUT_OTHERS.intersection(rests_on):
        return confidence
    return max(least for least, _ in _SURE if confidence >= least)


def _basis(rests_on: Sequence[DetectionMethod]) -> str:
    own = [method for method in rests_on if method is not DetectionMethod.NUDITY_SYNTHESIS]
    names = [RESTS_ON[method] for method in own or rests_on]
    if not names:
        return ""
    *first, last = names
    return f", going by {', '.join(first) + ' and ' if first else ''}{last}"


def _what_now(action: Action, appealable: bool) -> str:
    if action is not Action.BLOCK:
        return (
            "Such checks can be wrong, so a moderator will look at your upload. Nobody else has "
            "seen it. You need not do anything."
        )
    if appealable:
        return (
            "Nobody has seen your upload. If we are wrong, appeal in the app within 30 days: a "
            "person will look at it."
        )
    return (
        "Nobody has seen your upload. Before anything happens to your account a moderator looks "
        "at it."
    )
