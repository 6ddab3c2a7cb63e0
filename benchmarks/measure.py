"""Timing, and the rows that come of it."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

WARM_UP = 3
"""Calls before the first that counts: models are loaded, caches filled."""

PACKAGES = ("av", "faiss-cpu", "numpy", "onnxruntime", "opencv-python-headless", "pillow")

Unit = Literal["ms", "s", "B", "/s", "share", "logits"]


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing."""

    name: str
    median: float | None
    """None, as ``p95``, where it could not be measured: ``note`` says why."""
    p95: float | None
    unit: Unit
    n: int
    target: float | None = None
    """What it should be at most, in ``unit``; None for parts of something that has a target."""
    judged: Literal["median", "p95"] = "median"
    """Which of the two the target is for."""
    at_least: bool = False
    """The target is the least that it should be."""
    note: str | None = None

    @property
    def met(self) -> bool | None:
        """Is the target met? None without one, or without a figure."""
        value = self.median if self.judged == "median" else self.p95
        if self.target is None or value is None:
            return None
        return value >= self.target if self.at_least else value <= self.target

    def as_json(self) -> dict[str, str | float | int | None]:
        """The stable form: name, median, p95, unit, n, target; and the note where there is one."""
        fields = asdict(self)
        del fields["judged"], fields["at_least"]
        if self.note is None:
            del fields["note"]
        return fields


def seconds(work: Callable[[], object], times: int, *, warm_up: int = WARM_UP) -> list[float]:
    """Wall-clock time of each of so many calls of ``work``."""
    for _ in range(warm_up):
        work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return taken


def row(
    name: str,
    taken: Sequence[float],
    unit: Unit,
    target: float | None = None,
    judged: Literal["median", "p95"] = "median",
) -> Row:
    """The row of a list of times in ``unit``. The 95th percentile is the nearest one measured."""
    ordered = sorted(taken)
    rank = max(0, -(-95 * len(ordered) // 100) - 1)
    return Row(
        name=name,
        median=round(statistics.median(ordered), 3),
        p95=round(ordered[rank], 3),
        unit=unit,
        n=len(ordered),
        target=target,
        judged=judged,
    )


def unmeasured(name: str, unit: Unit, why: str) -> Row:
    """The row of something that cannot be measured here."""
    return Row(name=name, median=None, p95=None, unit=unit, n=0, note=why)


def machine() -> dict[str, str | float | int]:
    """What it was measured on. A load above 0 at the start means that others were working too."""
    from evaluation.about import cores

    described: dict[str, str | float | int] = {
        "cpu": _cpu(),
        "cores": cores(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load_at_start": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    return described | {package: version(package) for package in PACKAGES}


def _cpu() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def table(rows: Sequence[Row]) -> str:
    """The rows as text, one a line."""
    lines = [f"{'':34}{'median':>10}{'p95':>10}  {'':6}{'n':>5}{'target':>10}"]
    for each in rows:
        if each.note is not None:
            lines.append(f"{each.name:34}{each.note}")
            continue
        target = "" if each.target is None else f"{each.target:g}"
        verdict = {None: "", True: "  met", False: "  missed"}[each.met]
        of = f" ({each.judged})" if each.target is not None else ""
        lines.append(
            f"{each.name:34}{_figure(each.median)}{_figure(each.p95)}  {each.unit:6}{each.n:5}"
            f"{target:>10}{of}{verdict}"
        )
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    if value is None:
        return f"{'–':>10}"
    return f"{value:10.2f}" if value == 0 or abs(value) >= 0.01 else f"{value:10.1e}"
