"""Is this one of the things that people say instead of a consent?

"She posted it herself", "we were together", "I paid for it": none of these is a yes of the person
shown. ``find_claim`` recognises them, ``answer_to`` says calmly why they are none. No text is ever
a consent, found here or not; what is found decides only how the refusal is explained.
"""

from .answers import ANSWERS, NO_TEXT_IS_A_CONSENT, answer_to
from .recognise import MAX_TEXT, FoundClaim, find_claim, patterns_version

__all__ = [
    "ANSWERS",
    "MAX_TEXT",
    "NO_TEXT_IS_A_CONSENT",
    "FoundClaim",
    "answer_to",
    "find_claim",
    "patterns_version",
]
