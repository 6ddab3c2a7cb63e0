"""Puts the services together, once per process and on first use: a cold start loads nothing."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

from media_integrity.banks.backend import BankBackend
from media_integrity.cloud.app import project_id
from media_integrity.cloud.keys import CloudKms, KeyFile, KeyWrapper, NoKey
from media_integrity.cloud.storage import ObjectStore
from media_integrity.cloud.tasks import TaskQueue
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.matching.banks import BankSource, FirestoreBanks
from media_integrity.matching.matcher import Limits, Matcher
from media_integrity.matching.snapshots import Snapshots
from media_integrity.scanning.backend import Backend
from media_integrity.scanning.consequences import Consequence
from media_integrity.scanning.engine import Engine
from media_integrity.signals.identity.references import NoReferences, References
from media_integrity.signals.registry import all_signals
from media_integrity.templates.references import ShieldReferences
from media_integrity.templates.service import Templates
from media_integrity.templates.shelf import FirestoreShelf

from . import options, services


@cache
def backend() -> Backend:
    project = project_id()
    return Backend(
        store=services.store(),
        objects=ObjectStore(project),
        accounts=services.accounts(),
        scans=TaskQueue(
            options.SCAN_QUEUE,
            region=options.REGION,
            dispatch_deadline_s=options.SCAN_TIMEOUT_S,
        ),
        clock=services.clock(),
        consequences=consequences(),
    )


@cache
def consequences() -> tuple[Consequence, ...]:
    """What follows from a verdict beside the upload itself, in the order in which it is written."""
    return ()


@cache
def bank_backend() -> BankBackend:
    """What the upkeep of banks needs."""
    shared = backend()
    return BankBackend(
        store=shared.store,
        objects=shared.objects,
        clock=shared.clock,
        policy=default_policy(),
        bucket=upload_bucket(),
        searches=TaskQueue(
            options.SEARCH_QUEUE,
            region=options.REGION,
            dispatch_deadline_s=options.SEARCH_TIMEOUT_S,
        ),
        consequences=shared.consequences,
    )


@cache
def matcher() -> Matcher:
    """The banks in this process: one for uploads, checks by hash and snapshots."""
    return make_matcher(default_policy(), FirestoreBanks(backend().store, snapshots()))


@cache
def snapshots() -> Snapshots:
    """Where the banks' snapshots lie."""
    return Snapshots(backend().store, backend().objects, upload_bucket())


@cache
def engine() -> Engine:
    references = ShieldReferences(templates())
    return Engine(default_policy(), all_signals(references), matcher())


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
    return Engine(policy, all_signals(references or NoReferences()), make_matcher(policy, banks))


def make_matcher(policy: Policy, banks: BankSource) -> Matcher:
    """Matching against the given banks by the policy's limits."""
    limits = policy.bank_match
    return Matcher(
        banks,
        Limits(
            max_distance=limits.max_distance,
            min_quality=limits.min_quality,
            film_query_percent=limits.film_query_percent,
            film_compared_percent=limits.film_compared_percent,
            film_min_frames=limits.film_min_frames,
        ),
    )


def upload_bucket() -> str:
    """The bucket that clients upload to: the project's default one.

    Raises:
        RuntimeError: the environment does not name it.
    """
    bucket = json.loads(os.environ.get("FIREBASE_CONFIG") or "{}").get("storageBucket")
    if not isinstance(bucket, str) or not bucket:
        raise RuntimeError("FIREBASE_CONFIG names no storageBucket; set up Cloud Storage first")
    return bucket
