"""What is said to somebody who offers a claim in place of a consent: calm, no blame, in English.

Each says why it is no consent and what can be done. It neither doubts the claim nor repeats it, and
knows nothing of the person shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from media_integrity.schema.consent import ClaimKind

from .recognise import FoundClaim

_ASK = (
    "You can ask each person in it for their consent: in the app, or with a link if they have no "
    "account. As soon as all have agreed, your upload goes on. Until then nobody sees it."
)

NO_TEXT_IS_A_CONSENT = (
    f"Only the people in it can agree, so a message cannot do it for them. {_ASK}"
)
"""For a text that is none of the claims we know."""

ANSWERS: Mapping[ClaimKind, str] = {
    ClaimKind.POSTED_PUBLICLY: (
        "Somebody who shows a picture of themselves in one place decides about that place. It does "
        f"not allow others to show it elsewhere. {_ASK}"
    ),
    ClaimKind.RELATIONSHIP: (
        "Being close to somebody, now or in the past, is not their consent to publishing a picture "
        f"of them. {_ASK}"
    ),
    ClaimKind.PAID_FOR: (
        "Paying for a picture or a subscription lets you look at it. Whether it may be published "
        f"here is still up to the people in it. {_ASK}"
    ),
    ClaimKind.SENT_TO_ME: (
        "Somebody who sends you a picture of themselves shares it with you. Showing it to others "
        f"is another question, and only they can answer it. {_ASK}"
    ),
    ClaimKind.OWNERSHIP: (
        "Having taken a picture, or holding the rights to it, does not replace the consent of "
        f"those who are shown. {_ASK} If you are the only person in it, say so in the app instead."
    ),
    ClaimKind.ASSUMED: (
        "You may well be right that they would agree. We cannot know it before they have said so "
        f"themselves. {_ASK}"
    ),
    ClaimKind.OTHER: (
        "Why a picture is shared does not change that the people in it decide whether it is shown. "
        f"{_ASK}"
    ),
}


def answer_to(claim: FoundClaim | None) -> str:
    """The answer to a text that was offered as a consent, whatever was found in it."""
    return NO_TEXT_IS_A_CONSENT if claim is None else ANSWERS[claim.kind]
