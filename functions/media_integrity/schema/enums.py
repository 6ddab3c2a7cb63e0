"""The closed vocabularies of the product. Stored values never change; new ones may be added."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What the verdict does with the media, mildest first."""

    ALLOW = "ALLOW"  # published
    BLUR = "BLUR"  # published behind a blurred preview
    REVIEW = "REVIEW"  # stays in quarantine until a moderator decides
    BLOCK = "BLOCK"  # never published; kept as evidence

    @property
    def rank(self) -> int:
        return list(Action).index(self)


class Violation(StrEnum):
    """What an upload can be in breach of."""

    DEEPFAKE_FACE = "deepfake_face"  # a face generated or altered to show a real person
    FACE_SWAP = "face_swap"  # one person's face put on another's body
    AI_NUDE = "ai_nude"  # nudity made or completed by a generator
    SYNTHETIC_PORNOGRAPHY = "synthetic_pornography"  # explicit and a real person's face
    VOICE_CLONE = "voice_clone"  # a real person's voice, synthesised
    IDENTITY_MORPHING = "identity_morphing"  # a face blended from two people
    EVIDENCE_FABRICATION = "evidence_fabrication"  # a forged document, chat or screenshot
    FAKE_CONFESSION_AUDIO = (
        "fake_confession_audio"  # synthesised speech with a confession or threat
    )
    SYNTHETIC_HUMILIATION = "synthetic_humiliation"  # made to degrade a real person
    KNOWN_ABUSIVE_MEDIA = "known_abusive_media"  # match with a confirmed entry of a bank


class Severity(StrEnum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class DetectionMethod(StrEnum):
    """Every way in which an upload is examined; names a signal and its finding."""

    BANK_MATCH = "bank_match"  # fingerprint near an entry of a hash bank
    PROVENANCE = "provenance"  # content credentials, IPTC source type, generator metadata
    NUDITY = "nudity"
    FACES = "faces"  # how many people, where
    TEXT = "text"  # hate, threats, sextortion written in the picture
    FACE_MANIPULATION = "face_manipulation"
    SYNTHETIC_IMAGE = "synthetic_image"
    COMPRESSION = "compression"
    METADATA = "metadata"
    NUDITY_SYNTHESIS = "nudity_synthesis"
    VOICE = "voice"
    VIDEO = "video"
    DOCUMENT = "document"
    IDENTITY_MORPHING = "identity_morphing"


class FindingStatus(StrEnum):
    """How an examination ended. Only MEASURED counts as having looked."""

    MEASURED = "MEASURED"
    INCONCLUSIVE = "INCONCLUSIVE"  # looked, but this media cannot be judged
    FAILED = "FAILED"  # error, time out, or model missing: the upload is held


class Outcome(StrEnum):
    """What a verdict says of one violation."""

    FOUND = "FOUND"
    NOT_FOUND = "NOT_FOUND"
    INCONCLUSIVE = "INCONCLUSIVE"  # suspected, or a check that could tell gave no result


class ScanState(StrEnum):
    """Where an upload is on its way."""

    PENDING = "PENDING"  # recorded, waiting for a worker
    SCANNING = "SCANNING"  # a worker holds the lease
    DECIDED = "DECIDED"  # verdict stands, its file is still being moved
    PUBLISHED = "PUBLISHED"  # ALLOW or BLUR, readable
    AWAITING_CONSENT = "AWAITING_CONSENT"  # ALLOW or BLUR, unseen until those shown have agreed
    HELD = "HELD"  # REVIEW, seen by nobody but a moderator
    BLOCKED = "BLOCKED"  # BLOCK, in the evidence vault
    REFUSED = "REFUSED"  # not a media file that we accept

    @property
    def final(self) -> bool:
        """No worker has anything to do; what follows is up to people."""
        return self not in {ScanState.PENDING, ScanState.SCANNING, ScanState.DECIDED}


class ScanStep(StrEnum):
    """What the worker is doing now; shown to the uploader."""

    OPEN = "open"
    FINGERPRINT = "fingerprint"
    MATCH = "match"
    EXAMINE = "examine"
    DECIDE = "decide"
    FILE = "file"


class CaseStatus(StrEnum):
    """Life of a case. Transitions: docs/architecture.md."""

    OPEN = "OPEN"  # held upload, waiting for a moderator
    ACTIONED = "ACTIONED"  # automatic action in force, appealable or awaiting confirmation
    IN_REVIEW = "IN_REVIEW"  # a moderator holds it
    UPHELD = "UPHELD"  # a moderator confirmed the action
    OVERTURNED = "OVERTURNED"  # a moderator undid it
    CLOSED = "CLOSED"  # nothing more to do


class Sanction(StrEnum):
    """What a violation brings the account, beside the upload itself."""

    NONE = "NONE"
    WARNING = "WARNING"
    FRAUD_FLAG = "FRAUD_FLAG"
    PERMANENT_BAN = "PERMANENT_BAN"
    PERMANENT_BAN_LEGAL = "PERMANENT_BAN_LEGAL"  # ban, and a report outside


class Surface(StrEnum):
    """Where in the app the media will appear."""

    FEED = "feed"
    AVATAR = "avatar"
    DM = "dm"


class BankLabel(StrEnum):
    """What a hash bank's entries are."""

    NCII = "NCII"
    CSAM = "CSAM"
    TERROR = "TERROR"
    SHIELD = "SHIELD"  # a person's own pictures
    ALLOW_LIST = "ALLOW_LIST"


class HashAlgorithm(StrEnum):
    """What a hash was made with."""

    SHA256 = "sha256"  # of the bytes
    MD5 = "md5"  # of the bytes; two files can be made to share one, so it only holds
    PDQ = "pdq"  # of one picture
    VPDQ = "vpdq"  # PDQ of a film's frames, one a second


class CheckAnswer(StrEnum):
    """What a phone learns of a picture before it uploads it: nothing more."""

    ALLOW = "allow"
    HOLD = "hold"  # an upload of it would be held, or the phone has asked too often


class MatchType(StrEnum):
    """How an upload matched."""

    EXACT = "exact"  # the bytes
    NEAR = "near"  # the picture or film within the distance
    ROTATED = "rotated"  # the same, turned or mirrored
    MODIFIED = "modified"  # a part of it: inside borders or a screenshot, or a piece of a film


class AgeGroup(StrEnum):
    """From the account's custom claim ``ageGroup``; a missing claim counts as policy says."""

    ADULT = "adult"
    TEEN = "teen"
