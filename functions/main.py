"""Every function by name, and nothing else."""

from media_integrity.api.alarms import acknowledge_alarm
from media_integrity.api.banks import (
    add_bank_hash,
    check_hashes,
    confirm_bank_hash,
    create_hash_bank,
    decide_hash_import,
    dispute_bank_hash,
    export_bank_hashes,
    import_bank_hashes,
    judge_hash_match,
    move_bank_hash,
    search_hash_banks,
    set_bank_hash_enabled,
    set_hash_bank_enabled,
    submit_personal_hashes,
    withdraw_personal_hashes,
)
from media_integrity.api.notifications import (
    forget_push_token,
    register_push_token,
    retry_dead_effect,
    set_notification_settings,
)
from media_integrity.api.outbox import deliver_outbox, on_effect_written
from media_integrity.api.scans import on_upload_finalized, scanupload, sweep_stale_scans
from media_integrity.api.upkeep import keep_banks, read_exchanges, searchpublished

__all__ = [
    "acknowledge_alarm",
    "add_bank_hash",
    "check_hashes",
    "confirm_bank_hash",
    "create_hash_bank",
    "decide_hash_import",
    "deliver_outbox",
    "dispute_bank_hash",
    "export_bank_hashes",
    "forget_push_token",
    "import_bank_hashes",
    "judge_hash_match",
    "keep_banks",
    "move_bank_hash",
    "on_effect_written",
    "on_upload_finalized",
    "read_exchanges",
    "register_push_token",
    "retry_dead_effect",
    "scanupload",
    "search_hash_banks",
    "searchpublished",
    "set_bank_hash_enabled",
    "set_hash_bank_enabled",
    "set_notification_settings",
    "submit_personal_hashes",
    "sweep_stale_scans",
    "withdraw_personal_hashes",
]
