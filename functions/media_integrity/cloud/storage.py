"""Objects in Cloud Storage, always by generation: what was scanned is what is moved.

An object uploaded by a client carries a download token (``firebaseStorageDownloadTokens``) that
opens it to whoever has the link, past the security rules. Nothing that this module writes carries
one, and ``revoke_links`` takes it off an upload.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import google.cloud.storage as storage

TOKEN_KEY = "firebaseStorageDownloadTokens"  # noqa: S105  the name of a key, not a secret


class ObjectGone(Exception):
    """The object, or that generation of it, is not there."""


class TooLarge(Exception):
    """The object has more bytes than the caller accepts."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One generation of an object."""

    bucket: str
    name: str
    generation: int
    size: int
    content_type: str | None
    metadata: Mapping[str, str]
    created_at: datetime


class ObjectStore:
    """Cloud Storage."""

    def __init__(self, project: str) -> None:
        self._project = project

    @cached_property
    def _client(self) -> storage.Client:
        import google.cloud.storage as storage
        from google.auth.credentials import AnonymousCredentials

        if not os.environ.get("STORAGE_EMULATOR_HOST"):
            return storage.Client(project=self._project)
        client = storage.Client(project=self._project, credentials=AnonymousCredentials())
        # The emulator knows rewrites below /b/ only, not below /storage/v1/b/.
        client._connection.API_URL_TEMPLATE = "{api_base_url}{path}"
        return client

    def stat(self, bucket: str, name: str) -> StoredObject | None:
        """The object as it is now, or None."""
        blob = self._client.bucket(bucket).get_blob(name)
        return _described(blob) if blob is not None else None

    def read(self, source: StoredObject, *, max_bytes: int) -> bytes:
        """The bytes of exactly that generation.

        Raises:
            ObjectGone: it was deleted or replaced.
            TooLarge: it has more than ``max_bytes``.
        """
        from google.api_core.exceptions import NotFound

        if source.size > max_bytes:
            raise TooLarge
        blob = self._client.bucket(source.bucket).blob(source.name, generation=source.generation)
        try:
            content = blob.download_as_bytes()
        except NotFound as error:
            raise ObjectGone from error
        assert isinstance(content, bytes)
        return content

    def copy(
        self, source: StoredObject, name: str, *, content_type: str, metadata: Mapping[str, str]
    ) -> None:
        """Copy that generation to ``name`` in the same bucket, unless ``name`` is there already.

        ``metadata`` replaces the source's, its download token with it, and may not be empty: only
        then does the service leave the old one out.

        Raises:
            ObjectGone: the source was deleted or replaced.
        """
        from google.api_core.exceptions import NotFound, PreconditionFailed

        if not metadata:
            raise ValueError("metadata may not be empty")
        bucket = self._client.bucket(source.bucket)
        if bucket.get_blob(name) is not None:
            return
        target = bucket.blob(name)
        target.content_type = content_type
        target.metadata = dict(metadata)
        token: str | None = None
        try:
            while True:
                token, _, _ = target.rewrite(
                    bucket.blob(source.name, generation=source.generation),
                    token=token,
                    if_generation_match=0,
                )
                if token is None:
                    return
        except PreconditionFailed:
            return  # another worker made it between the look and the copy
        except NotFound as error:
            raise ObjectGone from error

    def write(
        self,
        bucket: str,
        name: str,
        content: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str],
    ) -> None:
        """Write an object, replacing what is there."""
        blob = self._client.bucket(bucket).blob(name)
        blob.metadata = dict(metadata)
        blob.upload_from_string(content, content_type=content_type)

    def delete(self, source: StoredObject) -> None:
        """Delete that generation; no error if it is gone."""
        from google.api_core.exceptions import NotFound, PreconditionFailed

        blob = self._client.bucket(source.bucket).blob(source.name)
        try:
            blob.delete(if_generation_match=source.generation)
        except (NotFound, PreconditionFailed):
            return

    def revoke_links(self, bucket: str, name: str) -> None:
        """Make every link that carries a download token of this object useless."""
        from google.api_core.exceptions import NotFound

        blob = self._client.bucket(bucket).get_blob(name)
        if blob is None:
            return
        tokens = (blob.metadata or {}).get(TOKEN_KEY)
        if not tokens:
            return
        if host := os.environ.get("STORAGE_EMULATOR_HOST"):
            _revoke_in_emulator(host, bucket, name, tokens.split(","))
            return
        blob.metadata = {**(blob.metadata or {}), TOKEN_KEY: None}
        try:
            blob.patch()
        except NotFound:
            return

    def list(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """Objects whose name begins with ``prefix``, by name, page by page."""
        for blob in self._client.list_blobs(bucket, prefix=prefix):
            yield _described(blob)


def _described(blob: storage.Blob) -> StoredObject:
    return StoredObject(
        bucket=blob.bucket.name,
        name=blob.name,
        generation=int(blob.generation),
        size=int(blob.size or 0),
        content_type=blob.content_type,
        metadata=dict(blob.metadata or {}),
        created_at=blob.time_created,
    )


def _revoke_in_emulator(host: str, bucket: str, name: str, tokens: list[str]) -> None:
    """The emulator keeps tokens apart from the metadata, so that a patch does not remove them."""
    from urllib.parse import quote

    import requests

    for token in tokens:
        requests.post(
            f"{host}/v0/b/{bucket}/o/{quote(name, safe='')}",
            params={"delete_token": token},
            headers={"Authorization": "Bearer owner"},
            timeout=30,
        ).raise_for_status()
