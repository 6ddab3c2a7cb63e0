"""What a verdict brings the uploader's account, in the transaction that makes the verdict stand.

A blocked upload with a violation strikes. Consents refused, shields and reports are none: nobody
did wrong. What comes from an address that is being watched is looked at before it is published.
"""

from __future__ import annotations

from dataclasses import replace

from media_integrity.cloud.firestore import Transaction
from media_integrity.decision.policy import Policy
from media_integrity.scanning.consequences import Filed, Prepared
from media_integrity.schema.enforcement import BlockedThing, DeviceBlock, UploadOrigin
from media_integrity.schema.enums import Action
from media_integrity.schema.scans import ReasonCode

from . import strikes
from .admission import acts


class Strikes:
    """The ``Consequence`` that keeps accounts' records."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy.enforcement

    def prepare(self, tx: Transaction, filed: Filed) -> Prepared | None:
        """See ``scanning.consequences``."""
        origin = self._origin(tx, filed)
        if filed.publishes:
            return self._watched(tx, filed, origin)
        if filed.verdict.action is Action.BLOCK and filed.verdict.violations:
            return replace(strikes.striking(tx, filed, self._policy), origin=origin)
        return Prepared(origin=origin) if origin is not None else None

    def _origin(self, tx: Transaction, filed: Filed) -> UploadOrigin | None:
        if not filed.upload_id:
            return None
        identity = UploadOrigin.id_for(filed.upload.uploader_id, filed.upload_id)
        return tx.get(UploadOrigin, identity)

    def _watched(
        self, tx: Transaction, filed: Filed, origin: UploadOrigin | None
    ) -> Prepared | None:
        """Held once: after a moderator has looked there is a permission."""
        if origin is None or origin.ip_hash is None or filed.permission is not None:
            return None
        block = tx.get(DeviceBlock, origin.ip_hash)
        if block is None or block.kind is not BlockedThing.ADDRESS or not acts(block, filed.now):
            return None
        return Prepared(holds=ReasonCode.ORIGIN_WATCHED)
