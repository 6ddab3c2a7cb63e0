"""How a secret lies in Firestore."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, WithJsonSchema

from .base import Value

NONCE_BYTES = 12
"""Of AES-GCM. Source: NIST SP 800-38D, section 5.2.1.1."""

TAG_BYTES = 16
"""Authentication tag at the end of the ciphertext, never shortened."""

MAX_CIPHERTEXT_BYTES = 64 * 1024
"""Far above a template or a name; media is never kept this way."""

AS_TEXT = WithJsonSchema({"type": "string", "format": "base64url"})
# In JSON the bytes are longer, so their limits would be wrong there.


class Envelope(Value):
    """A secret under a data key of its own, and that data key wrapped by another key.

    That is a key in Cloud KMS, or one that a key in Cloud KMS wraps (``ShieldKey``). Destroying
    the wrapping key, or the document, destroys the secret: nothing else can open it.
    ``aad`` is the path of the document that holds the envelope. It is authenticated with the
    ciphertext, so an envelope copied to another person's document does not open there.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    algorithm: Literal["AES-256-GCM"] = "AES-256-GCM"
    ciphertext: Annotated[
        bytes, Field(min_length=TAG_BYTES, max_length=MAX_CIPHERTEXT_BYTES), AS_TEXT
    ]
    nonce: Annotated[bytes, Field(min_length=NONCE_BYTES, max_length=NONCE_BYTES), AS_TEXT]
    wrapped_key: Annotated[bytes, Field(min_length=1, max_length=1024), AS_TEXT]
    key_version: str = Field(
        min_length=1,
        max_length=512,
        description="which key, which version, wrapped the data key",
    )
    aad: str = Field(min_length=1, max_length=1024)
