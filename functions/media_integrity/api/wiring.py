"""Puts the services together, once per process and on first use: a cold start loads nothing."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from media_integrity.banks.backend import BankBackend
from media_integrity.cloud.app import project_id
from media_integrity.cloud.keys import CloudKms, KeyFile, KeyWrapper, NoKey
from media_integrity.cloud.storage import ObjectStore
from media_integrity.cloud.tasks import TaskQueue
from media_integrity.consent.backend import ConsentBackend
from media_integrity.consent.gate import Consents
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.enforcement import strikes
from media_integrity.enforcement.admission import Standing
from media_integrity.enforcement.gate import Strikes
from media_integrity.enforcement.hashing import OriginHasher
from media_integrity.matching.banks import BankSource, FirestoreBanks
from media_integrity.matching.matcher import Limits, Matcher
from media_integrity.matching.snapshots import Snapshots
from media_integrity.moderation.backend import Desk
from media_integrity.scanning.backend import Backend
from media_integrity.scanning.consequences import Consequence
from media_integrity.scanning.engine import Engine
from media_integrity.shields.backend import ShieldBackend
from media_integrity.shields.gate import Shields
from media_integrity.signals.identity.references import Enrolled
from media_integrity.signals.registry import all_signals
from media_integrity.takedowns.addresses import OwnPlaces
from media_integrity.takedowns.backend import TakedownBackend
from media_integrity.takedowns.platforms import name_of
from media_integrity.templates.references import ShieldReferences
from media_integrity.templates.service import Templates
from media_integrity.templates.shelf import FirestoreShelf
from media_integrity.watermarks.service import Watermarks
from media_integrity.watermarks.tracing import Tracer

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
        admission=Standing(services.store(), services.clock()),
        watermarks=watermarks(),
    )


@cache
def watermarks() -> Watermarks:
    """Marks in published pictures, under the deployment's key."""
    return Watermarks(services.store(), key_wrapper(), services.clock())


@cache
def tracer() -> Tracer:
    """What finding the origin of a copy needs."""
    return Tracer(services.store(), watermarks().keys, services.clock(), default_policy())


@cache
def consequences() -> tuple[Consequence, ...]:
    """What follows from a verdict beside the upload itself, in the order in which it is written."""
    policy = default_policy()
    return (Shields(policy), Consents(policy), Strikes(policy))


@cache
def consent_backend() -> ConsentBackend:
    """What consent needs."""
    return ConsentBackend(backend(), default_policy(), upload_bucket())


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
        reopenings=(strikes.doubting,),
    )


@cache
def takedown_backend() -> TakedownBackend:
    """What reports and takedowns need."""
    return TakedownBackend(
        uploads=backend(),
        banks=bank_backend(),
        keys=key_wrapper(),
        places=own_places(),
        mails=takedown_mails(os.environ.get(options.TAKEDOWN_MAILS, "")),
    )


def own_places() -> OwnPlaces:
    """Where this deployment's media can be seen."""
    hosts = {"firebasestorage.googleapis.com"}
    if emulator := os.environ.get("FIREBASE_STORAGE_EMULATOR_HOST"):
        hosts.add(emulator)
    app = urlsplit(os.environ.get("MEDIA_INTEGRITY_APP_URL", "")).netloc.lower()
    return OwnPlaces(
        bucket=upload_bucket(),
        storage_hosts=frozenset(hosts),
        app_hosts=frozenset({app} - {""}),
    )


def takedown_mails(told: str) -> dict[str, str]:
    """Addresses of platforms from ``platform=address, platform=address``. Pure.

    Raises:
        RuntimeError: it is not of that form, or names a platform that ``platforms.toml`` does not.
    """
    found = {}
    for each in filter(None, (part.strip() for part in told.split(","))):
        platform, _, address = (part.strip() for part in each.partition("="))
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address) or name_of(platform) == platform:
            raise RuntimeError(f"{options.TAKEDOWN_MAILS} is platform=address, …: see {platform!r}")
        found[platform] = address
    return found


@cache
def desk() -> Desk:
    """What decisions on cases and appeals need."""
    return Desk(backend(), bank_backend(), default_policy())


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
    return Engine(default_policy(), all_signals(references(), references()), matcher())


@cache
def references() -> ShieldReferences:
    """The protected people in this process."""
    return ShieldReferences(templates())


@cache
def shield_backend() -> ShieldBackend:
    """What shields need."""
    return ShieldBackend(
        scanning=backend(),
        banks=bank_backend(),
        templates=templates(),
        references=references(),
        engine=engine,
        policy=default_policy(),
        bucket=upload_bucket(),
        rescans=TaskQueue(
            options.RESCAN_QUEUE,
            region=options.REGION,
            dispatch_deadline_s=options.RESCAN_TIMEOUT_S,
        ),
    )


@cache
def templates() -> Templates:
    """The templates of shields, under the deployment's key."""
    return Templates(FirestoreShelf(backend().store), key_wrapper(), backend().clock)


@cache
def origin_hasher() -> OriginHasher:
    """Hashes devices and addresses under the deployment's key."""
    return OriginHasher(services.store(), key_wrapper(), services.clock())


def key_wrapper() -> KeyWrapper:
    """The deployment's key, under which secrets lie: templates, names, mails, contacts."""
    if key := os.environ.get(options.TEMPLATE_KEY):
        return CloudKms(key)
    if file := os.environ.get(options.TEMPLATE_KEY_FILE):
        return KeyFile(Path(file))
    return NoKey(f"{options.TEMPLATE_KEY} is not set; see docs/operations.md")


def make_engine(policy: Policy, banks: BankSource, references: Enrolled | None = None) -> Engine:
    """The pipeline with every signal, over the given banks and protected people (none: nobody)."""
    return Engine(policy, all_signals(references, references), make_matcher(policy, banks))


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
