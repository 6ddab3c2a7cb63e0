"""Every function by name, and nothing else."""

from media_integrity.api.scans import on_upload_finalized, scanupload, sweep_stale_scans

__all__ = ["on_upload_finalized", "scanupload", "sweep_stale_scans"]
