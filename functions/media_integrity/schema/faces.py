"""The faces found in uploads."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator

from .base import Document, Moment, UserId, days, personal
from .findings import Box, ModelRef

FACE_RETENTION = days(30)
"""Longer than a consent request runs, so that its answer can still be tied to a face."""


class FaceDetectionRecord(Document):
    """How many faces an upload shows, and where.

    Id: the job's. Read by moderators; written by the functions only. Expires after 30 days.
    """

    collection: ClassVar[str] = "face_detection_records"

    uploader_id: UserId = Field(
        json_schema_extra=personal("whose upload it is", keep=FACE_RETENTION)
    )
    count: int = Field(ge=0)
    boxes: tuple[Box, ...] = ()
    model: ModelRef
    created_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")

    @model_validator(mode="after")
    def _counts_at_least_its_boxes(self) -> FaceDetectionRecord:
        if self.count < len(self.boxes):
            raise ValueError("more boxes than faces")
        return self
