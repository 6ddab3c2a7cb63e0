"""Who may work on a job, at any moment of its life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from media_integrity.scanning import leases
from media_integrity.scanning.intake import job_id
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import ScanState
from media_integrity.schema.scans import MAX_TRIES, Lease, Quarantined, ScanJob

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LIVE = Lease(worker="other", until=NOW + timedelta(seconds=1))
DEAD = Lease(worker="other", until=NOW)


def job(state: ScanState, *, lease: Lease | None = None, tries: int = 0) -> ScanJob:
    return ScanJob(
        id="job",
        uploader_id=UserId("u"),
        upload_id="upload",
        source=Quarantined(bucket="b", name="uploads/u/upload/a.png", generation="1"),
        state=state,
        lease=lease,
        tries=tries,
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.mark.parametrize("state", [state for state in ScanState if state.final])
def test_a_finished_job_is_nobodys(state: ScanState) -> None:
    assert leases.claim(job(state), "me", NOW) is None


@pytest.mark.parametrize("state", [ScanState.SCANNING, ScanState.DECIDED])
def test_a_live_lease_keeps_others_out_and_a_dead_one_does_not(state: ScanState) -> None:
    assert leases.claim(job(state, lease=LIVE), "me", NOW) is None
    assert leases.claim(job(state, lease=DEAD), "me", NOW) is not None


def test_each_lease_of_a_scan_counts_as_a_try_until_there_are_no_more() -> None:
    changes = leases.claim(job(ScanState.PENDING, tries=MAX_TRIES - 1), "me", NOW)
    assert changes is not None
    assert changes["tries"] == MAX_TRIES
    assert leases.claim(job(ScanState.PENDING, tries=MAX_TRIES), "me", NOW) is None
    assert leases.exhausted(job(ScanState.SCANNING, tries=MAX_TRIES))


def test_a_verdict_that_stands_is_carried_out_however_often_it_takes() -> None:
    decided = job(ScanState.DECIDED, tries=MAX_TRIES)
    assert not leases.exhausted(decided)
    changes = leases.claim(decided, "me", NOW)
    assert changes is not None
    assert "state" not in changes


def test_a_lease_outlives_the_longest_run_of_a_worker() -> None:
    changes = leases.claim(job(ScanState.PENDING), "me", NOW)
    assert changes is not None
    lease = changes["lease"]
    assert isinstance(lease, Lease)
    assert lease.until - NOW > leases.RUN_LIMIT
    assert changes["sweep_at"] == lease.until


@pytest.mark.parametrize(
    "held",
    [
        None,
        job(ScanState.SCANNING),
        job(ScanState.SCANNING, lease=LIVE),
        job(ScanState.PUBLISHED, lease=Lease(worker="me", until=NOW)),
    ],
    ids=["gone", "no lease", "another's", "finished"],
)
def test_only_the_holder_of_the_lease_files_a_verdict(held: ScanJob | None) -> None:
    with pytest.raises(leases.NotYours):
        leases.require(held, "me")


def test_a_jobs_id_is_that_of_one_generation_of_one_object() -> None:
    first = job_id("bucket", "uploads/u/1/a.png", 1)
    assert first == job_id("bucket", "uploads/u/1/a.png", 1)
    assert first != job_id("bucket", "uploads/u/1/a.png", 2)
    assert len(first) == 64
