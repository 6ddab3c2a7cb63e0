"""What a signal found in one upload: the evidence that a verdict lists.

A finding is a measurement. Whether it counts is decided in ``decision`` against the policy's
thresholds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import Probability, Sha256Hex, Value
from .enums import BankLabel, DetectionMethod, FindingStatus, HashAlgorithm, MatchType


class Box(Value):
    """A rectangle in the oriented picture; every number is a share of its width or height."""

    left: Probability
    top: Probability
    width: Probability
    height: Probability
    confidence: Probability


class FacesDetail(Value):
    kind: Literal["faces"] = "faces"
    count: int = Field(ge=0)
    boxes: tuple[Box, ...] = ()


class NudityDetail(Value):
    kind: Literal["nudity"] = "nudity"
    view: int = Field(ge=0, description="the frame or background with the highest score")


class CredentialState(StrEnum):
    """What became of the C2PA manifest's validation."""

    ABSENT = "absent"
    VALID = "valid"  # signed by somebody on the trust list, media unchanged
    UNTRUSTED = "untrusted"  # signature good, signer not on the trust list
    INVALID = "invalid"  # media or manifest changed after signing
    UNREADABLE = "unreadable"  # broken manifest


class AiOrigin(StrEnum):
    """Does the file itself say that a generator made it?"""

    NONE = "none"
    COMPOSITE = "composite"  # part of it: an AI ingredient, in-painting
    GENERATED = "generated"  # all of it: trainedAlgorithmicMedia, generator metadata


class ProvenanceSource(StrEnum):
    """Where in the file a statement of origin stands."""

    C2PA = "c2pa"
    IPTC = "iptc"
    XMP = "xmp"
    EXIF = "exif"
    PNG_TEXT = "png_text"
    STEALTH_ALPHA = "stealth_alpha"
    COMMENT = "comment"


class ProvenanceStatement(Value):
    """One thing that the file says of its origin."""

    source: ProvenanceSource
    origin: AiOrigin
    generator: str | None = Field(None, max_length=80, description="tool named, e.g. InvokeAI")


class ProvenanceDetail(Value):
    kind: Literal["provenance"] = "provenance"
    credentials: CredentialState = CredentialState.ABSENT
    origin: AiOrigin = AiOrigin.NONE
    generator: str | None = Field(None, max_length=80)
    statements: tuple[ProvenanceStatement, ...] = ()
    validation_codes: tuple[str, ...] = Field((), description="C2PA codes that were not successes")


class TextCategory(StrEnum):
    HATE = "hate"
    THREAT = "threat"
    SEXTORTION = "sextortion"


class TextMatch(Value):
    """A listed term in a picture's text. ``term`` is the list's entry, not the person's words."""

    category: TextCategory
    term: str
    line: int = Field(ge=0)


class TextDetail(Value):
    kind: Literal["text"] = "text"
    lines: int = Field(0, ge=0)
    matches: tuple[TextMatch, ...] = ()
    states_minor: bool = Field(
        False, description="it says that somebody is under 18: a note for moderators alone"
    )


class Heat(Value):
    """A coarse map over the picture: what stays with the evidence, since it shows no pixels."""

    rows: int = Field(ge=1, le=32)
    columns: int = Field(ge=1, le=32)
    levels: tuple[Annotated[int, Field(ge=0, le=255)], ...] = Field(
        max_length=1024, description="row by row from the top left; 255: certainly unlike the rest"
    )

    @model_validator(mode="after")
    def _holds_every_cell(self) -> Heat:
        if len(self.levels) != self.rows * self.columns:
            raise ValueError("a heat map has one level for each cell")
        return self


class FaceState(StrEnum):
    """What became of a face."""

    JUDGED = "judged"
    TOO_SMALL = "too_small"
    TOO_BLURRED = "too_blurred"
    NOT_REACHED = "not_reached"  # the picture has more faces than are judged


class FaceDisagreement(StrEnum):
    """In what a face differs from the others of its picture."""

    NOISE = "noise"
    SHARPNESS = "sharpness"
    GRID = "grid"  # its JPEG blocks begin elsewhere
    LIGHT = "light"  # it is lit from another side


class ManipulatedFace(Value):
    """How one face was judged."""

    view: int = Field(ge=0)
    box: Box
    state: FaceState
    score: Probability | None = Field(None, description="of this face; only if it was judged")
    quality: Probability = Field(description="what its evidence is worth: size, blur, compression")
    disagreements: tuple[FaceDisagreement, ...] = ()


class FaceManipulationDetail(Value):
    kind: Literal["face_manipulation"] = "face_manipulation"
    judged: int = Field(0, ge=0, description="faces, over all views")
    not_judged: int = Field(0, ge=0)
    faces: tuple[ManipulatedFace, ...] = Field(
        (), max_length=16, description="most suspicious first, those not judged last"
    )


class SyntheticEvidence(StrEnum):
    """What a generated picture can show by."""

    FACE = "face"  # the network, on a face
    WHOLE = "whole"  # the network, on the whole view
    DETAIL = "detail"  # the network, on patches in the view's own resolution
    EMBEDDING = "embedding"  # where the face lies among those of people and of generators
    SPECTRUM = "spectrum"  # peaks of the spectrum that up-sampling leaves


class SyntheticShare(Value):
    evidence: SyntheticEvidence
    share: float = Field(ge=-1, le=1, description="of the log-odds; negative speaks against")


class SyntheticImageDetail(Value):
    kind: Literal["synthetic_image"] = "synthetic_image"
    view: int = Field(0, ge=0, description="the view that decided the score")
    face: Box | None = Field(None, description="its most suspicious face, if one was judged")
    shares: tuple[SyntheticShare, ...] = Field((), max_length=len(SyntheticEvidence))


class CompressionHistory(StrEnum):
    """Which JPEG compressions the pixels tell of."""

    NONE = "none"  # no trace of one: a screenshot, a resized picture, another codec
    SINGLE = "single"  # the file's own alone
    EARLIER = "earlier"  # nearly everything was compressed once more, before
    PARTIAL = "partial"  # a part was and another was not


class CompressionReason(StrEnum):
    """What makes a picture look put together from parts."""

    FACE_DIFFERS = "face_differs"  # a face has another history than what surrounds it
    REGION_DIFFERS = "region_differs"  # a coherent region has


class FaceCompression(Value):
    """A face against the rest of the picture."""

    box: Box
    inside: Probability = Field(description="share of its blocks with the earlier compression")
    outside: Probability = Field(description="the same of the blocks away from it")
    blocks: int = Field(ge=0, description="blocks of the face that tell; under 8 it is not judged")
    error_level: float = Field(
        ge=0, le=100, description="error of compressing once more, face over rest, for its texture"
    )


class CompressionDetail(Value):
    kind: Literal["compression"] = "compression"
    history: CompressionHistory = CompressionHistory.NONE
    quality: int | None = Field(
        None, ge=1, le=100, description="of the file's own table, on the scale of the IJG"
    )
    standard_table: bool | None = Field(None, description="it is exactly that scale's table")
    earlier_quality: int | None = Field(None, ge=1, le=100)
    earlier_share: Probability | None = Field(None, description="of the blocks, by likelihood")
    grid_row: int | None = Field(None, ge=0, le=7, description="where the earlier blocks begin")
    grid_column: int | None = Field(None, ge=0, le=7)
    reasons: tuple[CompressionReason, ...] = ()
    faces: tuple[FaceCompression, ...] = Field((), max_length=16)
    region: Box | None = Field(None, description="the largest part unlike the rest")
    heat: Heat | None = None


class MetadataReason(StrEnum):
    """What in a file's metadata does not fit together."""

    THUMBNAIL_DIFFERS = "thumbnail_differs"  # the preview shows another picture
    TABLES_NOT_THE_CAMERAS = (
        "tables_not_the_cameras"  # a phone's or camera's name, a program's JPEG
    )
    SIZE_NOT_AS_TAKEN = "size_not_as_taken"  # pixel size written by the camera is another
    MAKER_NOTE_MISSING = "maker_note_missing"  # a camera with its settings, without its own note
    EDITING_SOFTWARE = "editing_software"  # a program that changes pictures names itself
    FACE_SOFTWARE = "face_software"  # a program for exchanging or altering faces names itself
    TAKEN_AFTER_CHANGED = "taken_after_changed"  # the times are in an order that cannot be
    TIME_IN_FUTURE = "time_in_future"
    POSITION_TIME_DIFFERS = "position_time_differs"  # the satellite's date is another
    CREDENTIALS_EDITED = "credentials_edited"  # C2PA: edited, drawn on, cropped to something else
    CREDENTIALS_COMPOSITED = "credentials_composited"  # C2PA: something was placed in it
    CREDENTIALS_FROM_GENERATOR = "credentials_from_generator"  # C2PA: begun from an AI ingredient


class MetadataInconsistency(Value):
    reason: MetadataReason
    weight: Probability = Field(description="what it alone would make the score")


class MetadataDetail(Value):
    kind: Literal["metadata"] = "metadata"
    has_metadata: bool = Field(description="the file carries EXIF or XMP at all")
    camera: str | None = Field(None, max_length=80, description="make and model as claimed")
    software: str | None = Field(None, max_length=80, description="editing program, by our list")
    inconsistencies: tuple[MetadataInconsistency, ...] = Field((), max_length=16)


class DocumentReason(StrEnum):
    """What makes a part of a document look put in or written over."""

    NOISE_DIFFERS = "noise_differs"  # cleaner or noisier around its letters than its neighbours
    COMPRESSION_DIFFERS = "compression_differs"  # another compression history
    BACKGROUND_DIFFERS = "background_differs"  # paper or bubble of a slightly other colour
    LETTERS_DIFFER = "letters_differ"  # height, stroke or edges unlike the line it stands in
    BASELINE_DIFFERS = "baseline_differs"  # higher or lower than the line it stands in
    COPIED = "copied"  # the same letters and the same noise stand elsewhere
    REGION_COPIED = "region_copied"  # a stamp, signature or bubble stands twice, grain and all


class DocumentRegion(Value):
    box: Box = Field(description="confidence: how far it is from what its neighbours vary by")
    reason: DocumentReason


class DocumentDetail(Value):
    kind: Literal["document"] = "document"
    is_document: bool = Field(description="a screenshot, scan or page; others are not judged")
    lines: int = Field(0, ge=0)
    text_share: Probability = Field(0.0, description="of the picture inside lines of text")
    flat_share: Probability = Field(0.0, description="of the picture that is plain")
    regions: tuple[DocumentRegion, ...] = Field((), max_length=24)


class IdentityReason(StrEnum):
    """Why a face is taken for a blend of two people."""

    BETWEEN_TWO = "between_two"  # its embedding lies between those of two enrolled people
    ALTERED_AND_TWO = "altered_and_two"  # the face is altered, and like two enrolled people in part


class IdentityNear(Value):
    """An enrolled person whom a face or a voice is like."""

    person_id: str = Field(max_length=128, description="opaque: the shield's id, never a name")
    distance: float = Field(ge=0, le=4, description="between embeddings; 0 is the same face")
    chance: Probability = Field(description="that a stranger is as near to anybody enrolled")
    only_holds: bool = Field(
        False, description="their shield is disputed or too young to block anything by itself"
    )


class IdentityFace(Value):
    """One face compared with the enrolled people."""

    view: int = Field(ge=0)
    box: Box
    score: Probability
    reason: IdentityReason | None = None
    matched: IdentityNear | None = Field(None, description="the enrolled person that it shows")
    also: tuple[IdentityNear, ...] = Field(
        (), max_length=64, description="others whom it would match as well, the nearest first"
    )
    near: tuple[IdentityNear, ...] = Field((), max_length=2, description="whom it may be made of")

    @property
    def shows(self) -> tuple[IdentityNear, ...]:
        """Everybody enrolled whom it matches: who enrols another one's face hides nobody by it."""
        return () if self.matched is None else (self.matched, *self.also)


class IdentityMorphingDetail(Value):
    """Says who is in the picture: for moderators and shields, never for the uploader."""

    kind: Literal["identity_morphing"] = "identity_morphing"
    enrolled: int = Field(ge=0, description="people it was compared with")
    judged: int = Field(0, ge=0, description="faces that could be compared")
    not_judged: int = Field(0, ge=0, description="too small, turned away, or too many")
    faces: tuple[IdentityFace, ...] = Field((), max_length=16, description="like somebody enrolled")


class NuditySynthesisSource(StrEnum):
    """What a share of the evidence comes from."""

    NUDITY = "nudity"
    SYNTHETIC_IMAGE = "synthetic_image"  # the picture looks generated
    FACE_MANIPULATION = "face_manipulation"  # a face looks altered
    PROVENANCE = "provenance"  # the file says that a generator made it, or parts of it
    PROMPT = "prompt"  # the file holds words with which such pictures are asked for
    PEOPLE = "people"  # a face can be seen
    IDENTITY = "identity"  # a face of a protected person


class NuditySynthesisShare(Value):
    source: NuditySynthesisSource
    share: Probability = Field(description="of the hypothesis's evidence")


class NuditySynthesisHypothesis(Value):
    """One explanation of the picture. Shares add up to 1, or there are none."""

    score: Probability
    shares: tuple[NuditySynthesisShare, ...] = Field((), max_length=len(NuditySynthesisSource))


class NuditySynthesisDetail(Value):
    kind: Literal["nudity_synthesis"] = "nudity_synthesis"
    ai_nude: NuditySynthesisHypothesis
    synthetic_pornography: NuditySynthesisHypothesis
    prompt_words: bool = Field(False, description="the file asks a generator for such a picture")


class TranscriptCategory(StrEnum):
    """What a supplied transcript has that makes invented speech worse."""

    CONFESSION = "confession"  # the speaker owns up to a crime or a wrong
    THREAT = "threat"
    SEXTORTION = "sextortion"


class VoiceEvidence(Value):
    """How suspicious each kind of trace is by itself; 0.5 says nothing."""

    learned: Probability = Field(description="by the network over statistics of the spectrum")
    lines: Probability = Field(description="faint tones at a vocoder's frame rate")
    spectral: Probability = Field(description="noise, upper band, fine structure of the spectrum")
    prosody: Probability = Field(description="how the pitch varies, in small and over time")
    pauses: Probability = Field(description="pauses and what is heard in them, breath among it")


class VoicePassage(Value):
    """A stretch of the recording."""

    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    score: Probability


class VoiceDetail(Value):
    kind: Literal["voice"] = "voice"
    duration_s: float = Field(ge=0)
    speech_s: float = Field(ge=0, description="seconds in which somebody speaks")
    worst: VoicePassage | None = Field(None, description="the most suspicious passage of speech")
    evidence: VoiceEvidence | None = Field(None, description="of what decided the score")
    telephone: bool = Field(False, description="nothing above 4 kHz")
    clipped_share: Probability = 0.0
    transcript: tuple[TranscriptCategory, ...] = Field(
        (), description="what the transcript has; empty also where none was supplied"
    )
    transcript_terms: tuple[str, ...] = Field((), max_length=16, description="entries of our lists")
    states_minor: bool = Field(
        False, description="so says the transcript: a note for moderators, no age of anybody"
    )
    enrolled: int = Field(0, ge=0, description="people whose voices it was compared with")
    compared_s: float = Field(0.0, ge=0, description="seconds of speech that were compared")
    speakers: tuple[IdentityNear, ...] = Field(
        (), max_length=4, description="enrolled people who speak: for moderators, not the uploader"
    )


class VideoReason(StrEnum):
    """What in a film speaks for a face that was put in frame by frame."""

    FACE_FLICKERS = "face_flickers"  # the face changes at random from frame to frame, the rest not
    OUTLINE_FLICKERS = "outline_flickers"  # the same of a band around the face
    LIPS_OUT_OF_STEP = "lips_out_of_step"  # the mouth does not move with the speech that is heard


class FaceTrack(Value):
    """One person's face over a scene of a film, and how it was measured."""

    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    views: int = Field(ge=1, description="in which the face was found")
    box: Box = Field(description="where it is largest")
    measured_frames: int = Field(0, ge=0, description="consecutive frames on which flicker rests")
    flicker: float | None = Field(None, ge=0, description="of the face, in levels of 255")
    outline_flicker: float | None = Field(None, ge=0, description="of a band around it")
    surroundings_flicker: float | None = Field(None, ge=0, description="of the rest of the frame")
    lip_sync: float | None = Field(
        None, ge=-1, le=1, description="correlation of the mouth's opening with the speech"
    )
    lip_sync_high: float | None = Field(
        None, ge=-1, le=1, description="upper end of its 95 % interval"
    )
    score: Probability | None = Field(None, description="absent where nothing could be measured")


class VideoDetail(Value):
    kind: Literal["video"] = "video"
    duration_s: float = Field(ge=0)
    frame_rate: float = Field(ge=0)
    frames: int = Field(ge=1)
    views: int = Field(ge=1)
    scenes: int = Field(ge=1)
    sound: bool
    tracks: tuple[FaceTrack, ...] = Field((), max_length=16, description="the longest ones")
    reasons: tuple[VideoReason, ...] = ()


class BankHit(Value):
    """One bank entry near the upload."""

    bank_id: str
    label: BankLabel
    source: str = Field("", max_length=120, description="who runs the bank")
    entry_id: str
    algorithm: HashAlgorithm = HashAlgorithm.PDQ
    confirmed: bool = Field(description="by a person, and not in doubt since")
    match_type: MatchType
    distance: int = Field(ge=0, le=256, description="of a film: of its nearest frame")
    form: str = Field(description="dihedral form of the upload that matched, e.g. rotate90")
    view: int = Field(0, ge=0)
    query_percent: float | None = Field(
        None, ge=0, le=100, description="films: share of the upload's frames that match"
    )
    compared_percent: float | None = Field(
        None, ge=0, le=100, description="films: share of the entry's frames that match"
    )
    shield_id: str | None = Field(
        None, description="personal hashes: whose; never for the uploader"
    )


class BankMatchDetail(Value):
    kind: Literal["bank_match"] = "bank_match"
    hits: tuple[BankHit, ...] = ()
    index_version: str


Detail = Annotated[
    FacesDetail
    | NudityDetail
    | ProvenanceDetail
    | TextDetail
    | BankMatchDetail
    | FaceManipulationDetail
    | SyntheticImageDetail
    | CompressionDetail
    | MetadataDetail
    | DocumentDetail
    | IdentityMorphingDetail
    | NuditySynthesisDetail
    | VoiceDetail
    | VideoDetail,
    Field(discriminator="kind"),
]


class ModelRef(Value):
    """Which weights produced a score."""

    name: str
    sha256: Sha256Hex


class Finding(Value):
    """One signal's answer about one upload.

    ``score`` is the raw output in [0, 1]; ``probability`` the calibrated one where a calibration
    exists. Both are absent for signals that state facts (``faces``, ``bank_match``).
    """

    method: DetectionMethod
    version: str
    status: FindingStatus = FindingStatus.MEASURED
    model: ModelRef | None = None
    score: Probability | None = None
    probability: Probability | None = None
    detail: Detail | None = None
    cause: str | None = Field(None, description="why INCONCLUSIVE or FAILED, for an operator")

    @model_validator(mode="after")
    def _a_finding_that_did_not_measure_says_why(self) -> Finding:
        if (self.status is not FindingStatus.MEASURED) != (self.cause is not None):
            raise ValueError("cause belongs to INCONCLUSIVE and FAILED findings, and only to them")
        return self
