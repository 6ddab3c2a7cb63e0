"""Pictures with writing in them, made by code, and what the text signal must say of them."""

from __future__ import annotations

import io
from collections.abc import Callable

from media_integrity.schema.findings import Finding, TextCategory, TextDetail
from media_integrity.signals.base import Example


def examples() -> tuple[Example, ...]:
    """At least one of each category but hate: slurs stand in the list alone."""
    return (
        Example("no_text", _picture(), lambda finding: _found(finding) == set()),
        Example(
            "harmless",
            _picture("Happy birthday", "to my best friend"),
            lambda finding: _found(finding) == set() and _lines(finding) == 2,
        ),
        Example(
            "sextortion_over_three_lines",
            _picture("Pay me $500", "or I send your nudes", "to all your contacts"),
            lambda finding: _found(finding) == {TextCategory.SEXTORTION},
        ),
        Example(
            "threat_written_otherwise",
            _picture("I will k1ll you"),
            lambda finding: _found(finding) == {TextCategory.THREAT},
        ),
        Example(
            "threat_upside_down",
            _picture("I know where", "you live", turned=180),
            lambda finding: _found(finding) == {TextCategory.THREAT},
        ),
    )


def _found(finding: Finding) -> set[TextCategory] | None:
    if not isinstance(finding.detail, TextDetail):
        return None
    return {match.category for match in finding.detail.matches}


def _lines(finding: Finding) -> int:
    return finding.detail.lines if isinstance(finding.detail, TextDetail) else -1


def _picture(*lines: str, turned: int = 0) -> Callable[[], bytes]:
    def make() -> bytes:
        from PIL import Image, ImageDraw, ImageFont

        picture = Image.new("RGB", (640, 480), (70, 110, 150))
        pencil = ImageDraw.Draw(picture)
        font = ImageFont.load_default(size=44)
        for row, line in enumerate(lines):
            pencil.text((60, 80 + 80 * row), line, font=font, fill="white")
        written = io.BytesIO()
        picture.rotate(turned).save(written, "PNG")
        return written.getvalue()

    return make
