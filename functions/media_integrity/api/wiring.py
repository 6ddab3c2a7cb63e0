"""Puts the services together, once per process and on first use: a cold start loads nothing."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

from media_integrity.cloud.accounts import Accounts
from media_integrity.cloud.app import project_id
from media_integrity.cloud.clock import SystemClock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.keys import CloudKms, KeyFile, KeyWrapper, NoKey
from media_integrity.cloud.storage import ObjectStore
from media_integrity.cloud.tasks import TaskQueue
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.matching.banks import BankSource, FirestoreBanks
from media_integrity.matching.matcher import Matcher
from media_integrity.scanning.backend import Backend
from media_integrity.scanning.engine import Engine
from media_integrity.signals.identity.references import NoReferences, References
from media_integrity.signals.registry import all_signals
from media_integrity.templates.references import ShieldReferences
from media_integrity.templates.service import Templates
from media_integrity.templates.shelf import FirestoreShelf

from . import options


@cache
def backend() -> Backend:
    project = project_id()
    return Backend(
        store=Store(project),
        objects=ObjectStore(project),
        accounts=Accounts(),
        scans=TaskQueue(
            options.SCAN_QUEUE,
            region=options.REGION,
            dispatch_deadline_s=options.SCAN_TIMEOUT_S,
        ),
        clock=SystemClock(),
    )


@cache
def engine() -> Engine:
    banks = FirestoreBanks(backend().store)
    return make_engine(default_policy(), banks, ShieldReferences(templates()))


@cache
def templates() -> Templates:
    """The templates of shields, under the deployment's key."""
    return Templates(FirestoreShelf(backend().store), _key_wrapper(), backend().clock)


def _key_wrapper() -> KeyWrapper:
    if key := os.environ.get(options.TEMPLATE_KEY):
        return CloudKms(key)
    if file := os.environ.get(options.TEMPLATE_KEY_FILE):
        return KeyFile(Path(file))
    return NoKey(f"{options.TEMPLATE_KEY} is not set; see docs/operations.md")


def make_engine(policy: Policy, banks: BankSource, references: References | None = None) -> Engine:
    """The pipeline with every signal, over the given banks and protected people (none: nobody)."""
    matcher = Matcher(
        banks,
        max_distance=policy.bank_match.max_distance,
        min_quality=policy.bank_match.min_quality,
    )
    return Engine(policy, all_signals(references or NoReferences()), matcher)


def upload_bucket() -> str:
    """The bucket that clients upload to: the project's default one.

    Raises:
        RuntimeError: the environment does not name it.
    """
    bucket = json.loads(os.environ.get("FIREBASE_CONFIG") or "{}").get("storageBucket")
    if not isinstance(bucket, str) or not bucket:
        raise RuntimeError("FIREBASE_CONFIG names no storageBucket; set up Cloud Storage first")
    return bucket
