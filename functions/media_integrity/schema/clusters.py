"""Uploads that show the same."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .base import Document, Moment
from .hashes import PDQ_HEX


class MediaCluster(Document):
    """Uploads with a case whose pictures are within the match distance of one of them.

    Id: a digest of that one's hash: uploaders see it in their cases and must not learn a stranger's
    hash. Read by moderators. ``updated_at`` is the cursor by which every instance follows.
    """

    collection: ClassVar[str] = "media_clusters"
    committed_at = "updated_at"

    pdq: str | None = Field(None, pattern=PDQ_HEX.pattern, description="none: the same bytes only")
    members: int = Field(0, ge=0, description="cases")
    merged_into: str | None = Field(None, description="an older cluster that was as near")
    created_at: Moment
    updated_at: Moment
