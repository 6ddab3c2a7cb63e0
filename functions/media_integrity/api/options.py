"""Where and how large the functions run, and the parameters that an operator sets at deploy."""

from __future__ import annotations

from firebase_functions.options import MemoryOption, RateLimits, RetryConfig

from media_integrity.scanning.leases import RUN_LIMIT

REGION = "us-central1"
"""Functions, queue and bucket stand together; docs/operations.md says how to choose another."""

SCAN_QUEUE = "scanupload"
"""Id of the scanning function and so of its queue: no underscore (docs/decisions/0003)."""

SCAN_TIMEOUT_S = int(RUN_LIMIT.total_seconds())

SCAN_MEMORY = MemoryOption.GB_4
SCAN_CPU = 2

SCAN_RETRIES = RetryConfig(
    max_attempts=5, min_backoff_seconds=5, max_backoff_seconds=120, max_doublings=4
)
SCAN_RATE = RateLimits(max_concurrent_dispatches=50, max_dispatches_per_second=20)

INTAKE_TIMEOUT_S = 60
SWEEP_TIMEOUT_S = 300
SWEEP_SCHEDULE = "every 5 minutes"

TEMPLATE_KEY = "TEMPLATE_KMS_KEY"
"""Environment variable (functions/.env): the Cloud KMS key that wraps the keys of face and voice
templates, projects/…/locations/…/keyRings/…/cryptoKeys/…"""

TEMPLATE_KEY_FILE = "MEDIA_INTEGRITY_KEY_FILE"
"""Environment variable: the key file that takes its place on the local stack."""
