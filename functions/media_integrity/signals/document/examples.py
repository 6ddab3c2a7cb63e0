"""Pages made by code, honest and tampered with, and what the document signal must say of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from media_integrity.schema.findings import DocumentDetail, Finding
from media_integrity.signals import pictures
from media_integrity.signals.base import Example

if TYPE_CHECKING:
    from PIL import Image as Pillow

ROWS = 16
PAPER, INK = (255, 255, 255), (20, 20, 20)


def statement() -> Pillow.Image:
    """A table of dates, purposes and amounts, 720 x 900."""
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    picture = Pillow.new("RGB", (720, 900), PAPER)
    pencil = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=22)
    for row in range(ROWS):
        top = 60 + 48 * row
        pencil.text((40, top), f"{row + 1:02d}.03.2024", font=font, fill=INK)
        pencil.text((220, top), ("rent", "salary", "groceries", "transfer")[row % 4], font=font,
                    fill=INK)  # fmt: skip
        pencil.text((560, top), f"{(row * 7919) % 990 + 10}.{row * 37 % 100:02d}", font=font,
                    fill=INK)  # fmt: skip
    return picture


def saved(picture: Pillow.Image, quality: int | None = None) -> bytes:
    """A PNG, or a JPEG of that quality."""
    written = io.BytesIO()
    if quality is None:
        picture.save(written, "PNG")
    else:
        picture.save(written, "JPEG", quality=quality)
    return written.getvalue()


def again(picture: Pillow.Image, quality: int) -> Pillow.Image:
    """There and back through JPEG."""
    from PIL.JpegImagePlugin import JpegImageFile

    return JpegImageFile(io.BytesIO(saved(picture, quality))).convert("RGB")


def retyped(picture: Pillow.Image) -> Pillow.Image:
    """One amount painted over and written anew."""
    from PIL import ImageDraw, ImageFont

    changed = picture.copy()
    pencil = ImageDraw.Draw(changed)
    top = 60 + 48 * 7
    pencil.rectangle((550, top - 4, 660, top + 30), fill=PAPER)
    pencil.text((560, top), "9871.40", font=ImageFont.load_default(size=22), fill=INK)
    return changed


def _score(finding: Finding) -> float:
    return 1.0 if finding.score is None else finding.score


def _is_document(finding: Finding) -> bool:
    return isinstance(finding.detail, DocumentDetail) and finding.detail.is_document


EXAMPLES = (
    Example(
        "photograph",
        pictures.portrait,
        lambda finding: not _is_document(finding) and finding.score == 0,
    ),
    Example(
        "screenshot as drawn",
        lambda: saved(statement()),
        lambda finding: _is_document(finding) and _score(finding) < 0.5,
    ),
    Example(
        "screenshot sent on",
        lambda: saved(again(statement(), 75), 90),
        lambda finding: _is_document(finding) and _score(finding) < 0.5,
    ),
    Example(
        "amount retyped after compression",
        lambda: saved(retyped(again(statement(), 40)), 96),
        lambda finding: _is_document(finding) and _score(finding) > 0.5,
    ),
    Example(
        "amount retyped, kept without loss",
        lambda: saved(retyped(again(statement(), 80))),
        lambda finding: _is_document(finding) and _score(finding) > 0.5,
    ),
)
