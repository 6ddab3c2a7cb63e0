"""A report with all that it asks for, as read in one transaction, and what is written of it.

A report's status follows from its takedowns, so whoever changes one of them reads them all here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Transaction
from media_integrity.scanning import effects
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import OutboxEntry
from media_integrity.schema.reports import Report, ReportStatus, Takedown
from media_integrity.schema.statistics import Counter

from . import states


@dataclass(slots=True)
class Family:
    """Read before the transaction's first write. Holds what was changed in it since."""

    tx: Transaction
    report: Report
    takedowns: dict[str, Takedown]
    _trails: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def read(cls, tx: Transaction, report_id: str, *audited: str) -> Family | None:
        """The report and its takedowns. ``audited``: paths beside the report's that get an audit
        entry in this transaction. None: there is no such report."""
        report = tx.get(Report, report_id)
        if report is None:
            return None
        paths = [
            Takedown.path_of(Takedown.id_for(report.id, each)) for each in range(len(report.media))
        ]
        found = {each.id: each for each in tx.get_many(Takedown, paths)}
        family = cls(tx, report, {each: found[each] for each in sorted(found)})
        for path in (report.path, *audited):
            family._trails[path] = Entry(tx, path)
        return family

    def change(
        self, takedown: Takedown, changes: dict[str, object], by: Actor, now: datetime
    ) -> Takedown:
        """Write changes to a takedown, tell the reporter of a new state or answer, count it.

        Its path is one of ``audited``.
        """
        changed = self.tx.update(takedown, **changes)
        self.takedowns[takedown.id] = changed
        if (changed.state, changed.replies) != (takedown.state, takedown.replies):
            self.tx.create(self._told(changed, now))
            note = f"{takedown.state} -> {changed.state}"
            self._trails[changed.path].write(AuditAction.TAKEDOWN_CHANGED, by, now, note)
        for entry in counted(takedown, changed, now):
            self.tx.create(entry)
        return changed

    def follow(self, by: Actor, now: datetime, **changes: object) -> Report:
        """Write changes to the report, with the status that its takedowns leave it in.

        The last thing that is written: it goes by the takedowns as they are then.
        """
        before = self.report
        decided = before.model_copy(update=changes)
        states_now = [each.state for each in self.takedowns.values()]
        status = states.status_after(decided, states_now)
        if status is before.status and not changes:
            return before
        self.report = self.tx.update(before, **{**changes, "status": status, "updated_at": now})
        if status is not before.status:
            if status is not ReportStatus.WITHDRAWN:  # that was the reporter's own doing
                self.tx.create(self._report_told(status, now))
            note = f"{before.status} -> {status}"
            self._trails[before.path].write(AuditAction.REPORT_CHANGED, by, now, note)
        return self.report

    def _report_told(self, status: ReportStatus, now: datetime) -> OutboxEntry:
        report = self.report
        cause = f"{report.id}_{status.value}_{int(now.timestamp() * 1000)}"
        kind = NotificationKind.REPORT_CHANGED
        return effects.tell(cause, report.reporter_id, kind, now, report_id=report.ref)

    def _told(self, takedown: Takedown, now: datetime) -> OutboxEntry:
        cause = f"{takedown.id}_{takedown.state.value}_{int(now.timestamp() * 1000)}"
        kind = NotificationKind.TAKEDOWN_CHANGED
        return effects.tell(cause, takedown.reporter_id, kind, now, report_id=takedown.report_id)


def counted(before: Takedown | None, after: Takedown, now: datetime) -> list[OutboxEntry]:
    """What the day's statistics count of a change. Pure. Each of the two once for a takedown."""
    entries = []
    if after.requested_at is not None and (before is None or before.requested_at is None):
        entries.append(effects.tally(f"{after.id}_requested", now, Counter.TAKEDOWNS))
    if after.in_time and not (before is not None and before.in_time):
        entries.append(effects.tally(f"{after.id}_in_time", now, Counter.TAKEDOWNS_IN_TIME))
    return entries
