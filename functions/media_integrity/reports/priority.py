"""Which report is looked at first. Pure. The table for people: docs/takedowns.md."""

from __future__ import annotations

from media_integrity.schema.reports import ReportKind, ReportPriority

OF_KIND = {
    ReportKind.EXTORTION: ReportPriority.IMMEDIATE,
    ReportKind.NCII: ReportPriority.HIGH,
    ReportKind.DEEPFAKE: ReportPriority.NORMAL,
    ReportKind.IMPERSONATION: ReportPriority.NORMAL,
    ReportKind.OTHER: ReportPriority.LOW,
}


def priority_of(kind: ReportKind, *, concerns_minor: bool, stated: bool) -> ReportPriority:
    """The report's place in the queue.

    A minor and extortion come first, whatever else is said. A signed statement moves anything else
    up by one place, not before those: the law's clock runs for it.
    """
    if concerns_minor:
        return ReportPriority.IMMEDIATE
    own = OF_KIND[kind]
    if not stated or own <= ReportPriority.HIGH:
        return own
    return ReportPriority(own - 1)
