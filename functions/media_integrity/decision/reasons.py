"""Reasons in plain words, for the person who uploaded: calm, specific, without blame."""

from __future__ import annotations

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
    ReasonCode.CHECK_UNAVAILABLE: (
        "We cannot check this kind of media automatically yet, so a moderator will look at it. "
        "You need not do anything."
    ),
    ReasonCode.TOO_MUCH_TO_CHECK: (
        "This file is too long to be checked in full automatically, so a moderator will look at "
        "it. A shorter version may go through at once."
    ),
    ReasonCode.OUT_OF_TRIES: (
        "Our checks did not finish, so a moderator will look at your upload. "
        "You need not do anything."
    ),
}


def reason(code: ReasonCode) -> Reason:
    """The reason with its text."""
    return Reason(code=code, text=TEXTS[code])
