"""Where the bytes of published media are that were judged.

What is published of a picture is a marked copy, and of what says where it was made a copy that does
not; the upload itself lies below ``originals/`` then, where no client reads. It is the evidence,
and whatever judges published media once more has to see what was judged the first time:
credentials, metadata and the file's hash are not in the copy.
"""

from __future__ import annotations

from media_integrity.cloud.storage import ObjectStore, StoredObject
from media_integrity.schema.hashes import MediaHash

from . import documents


def stored(media: MediaHash, bucket: str, objects: ObjectStore) -> StoredObject | None:
    """The upload as it came; None if it is gone. ``bucket``: for records without theirs."""
    bucket = media.bucket or bucket
    original = objects.stat(bucket, documents.original_path(media.uploader_id, media.id))
    return original or objects.stat(bucket, media.published_path)
