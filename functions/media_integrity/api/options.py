"""Where and how large the functions run, and the parameters that an operator sets at deploy."""

from __future__ import annotations

import os

from firebase_functions.options import MemoryOption, RateLimits, RetryConfig

from media_integrity.media.cores import CORES
from media_integrity.scanning.leases import RUN_LIMIT

REGION = "us-central1"
"""Functions, queue and bucket stand together; docs/operations.md says how to choose another."""

SCAN_QUEUE = "scanupload"
"""Id of the scanning function and so of its queue: no underscore (docs/decisions/0003)."""

SCAN_TIMEOUT_S = int(RUN_LIMIT.total_seconds())

SCAN_MEMORY = MemoryOption.GB_4
SCAN_CPU = CORES

SCAN_RETRIES = RetryConfig(
    max_attempts=5, min_backoff_seconds=5, max_backoff_seconds=120, max_doublings=4
)
SCAN_RATE = RateLimits(max_concurrent_dispatches=50, max_dispatches_per_second=20)

INTAKE_TIMEOUT_S = 60
SWEEP_TIMEOUT_S = 300
SWEEP_SCHEDULE = "every 5 minutes"

SEARCH_QUEUE = "searchpublished"
"""Id of the function that looks for newly confirmed hashes among published media, and its queue."""

SEARCH_TIMEOUT_S = 540
SEARCH_BUDGET_S = 420.0
"""Of one step; then the search goes on in another."""
SEARCH_MEMORY = MemoryOption.GB_2
SEARCH_RETRIES = RetryConfig(
    max_attempts=5, min_backoff_seconds=10, max_backoff_seconds=300, max_doublings=5
)
SEARCH_RATE = RateLimits(max_concurrent_dispatches=4, max_dispatches_per_second=2)

UPKEEP_TIMEOUT_S = 540
UPKEEP_SCHEDULE = "every 5 minutes"
UPKEEP_MEMORY = MemoryOption.GB_4
"""The whole index is built there for its snapshot: 10 million hashes take 1.3 GB."""

EXCHANGES_SCHEDULE = "every 60 minutes"
EXCHANGES_TIMEOUT_S = 1800

CONSENT_SCHEDULE = "every 15 minutes"
CONSENT_TIMEOUT_S = 540

RESCAN_QUEUE = "rescanpublished"
"""Id of the function that compares what is published with a new shield, and its queue."""
RESCAN_TIMEOUT_S = 540
RESCAN_BUDGET_S = 420.0

SHIELDS_SCHEDULE = "every 15 minutes"
SHIELD_MEMORY = MemoryOption.GB_1
"""All templates of a deployment are opened to be compared: 51 MB of faces, 102 MB of voices."""

TEMPLATE_KEY = "TEMPLATE_KMS_KEY"
"""Environment variable (functions/.env): the Cloud KMS key that wraps the keys of face and voice
templates, projects/…/locations/…/keyRings/…/cryptoKeys/…"""

TEMPLATE_KEY_FILE = "MEDIA_INTEGRITY_KEY_FILE"
"""Environment variable: the key file that takes its place on the local stack."""

TAKEDOWNS_SCHEDULE = "every 15 minutes"
TAKEDOWNS_TIMEOUT_S = 540

TAKEDOWN_MAILS = "TAKEDOWN_MAILS"
"""Environment variable (functions/.env): addresses that platforms have named for requests to remove
media, as platform=address, platform=address. Names of platforms: takedowns/platforms.toml."""

CALL_TIMEOUT_S = 60
CALL_MEMORY = MemoryOption.MB_512
CALL_CONCURRENCY = 20
"""Calls that an instance serves at once: they wait for Firestore most of the time."""

APP_CHECK = "MEDIA_INTEGRITY_ENFORCE_APP_CHECK"
"""Environment variable (functions/.env): ``true`` demands App Check of every callable."""


def app_check_enforced() -> bool:
    """Whether calls need a valid App Check token. What is neither empty nor ``false`` counts as
    yes, so that a slip of the pen does not open anything."""
    return os.environ.get(APP_CHECK, "").strip().lower() not in {"", "false"}
