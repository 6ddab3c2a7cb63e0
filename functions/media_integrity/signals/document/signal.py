"""The document signal: words that were put in, written over or copied.

Every word is held against words like it on the same page: by the noise next to its letters and
behind them, the level of the paper, the compression history, stroke, sharpness and baseline; and
against words of the same size, whether one is a copy of the other. How much each kind of
difference counts was fitted on pages made by ``python -m training documents``. Larger parts
(stamps, signatures, bubbles) are looked for twice on the page (``regions``).

What cannot be seen: a screenshot kept as drawn and written over with the same font, without any
noise or compression between.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from media_integrity.media.types import Image
from media_integrity.schema.enums import DetectionMethod
from media_integrity.schema.findings import (
    DocumentDetail,
    DocumentReason,
    DocumentRegion,
    Finding,
)
from media_integrity.signals import runtime
from media_integrity.signals.base import Example, Needs
from media_integrity.signals.forensics import parts
from media_integrity.signals.forensics.history import earlier_in_jpeg, earlier_in_lossless
from media_integrity.signals.forensics.plane import Plane, plane
from media_integrity.signals.text.reader import DETECTOR

from . import neighbours, page, regions, words
from .examples import EXAMPLES
from .neighbours import Odd
from .page import Layout

MEASURES = ("near", "copied", "together")
"""The largest difference in the noise next to letters, the surest copy, and the largest sum of one
word's differences of all kinds. Other kinds alone did not tell honest pages from others."""

INTERCEPT = -4.2
WEIGHTS = (1.2, 0.6, 1.0)
"""Of log(1 + difference): rounded from a fit on 100 pages of the training split of
``python -m training documents``, where half of the pages are forged."""

BY_REGION = 4.0
"""Log-odds of forgery that a part copied within the page alone stands for: no honest page of the
validation split had one (0 of 36). See docs/models/document.md."""

SHOWN = 4.0
"""Deviations from which a word is shown as a region."""

MAX_REGIONS = 24
SMALLEST = 160
"""Pixels on the shorter side of a page."""


class DocumentSignal:
    """Looks at the first frame of screenshots, scans and pages."""

    name: ClassVar = DetectionMethod.DOCUMENT
    version: ClassVar = "2"
    needs: ClassVar = frozenset({Needs.IMAGE})

    def run(self, media: Image) -> Finding:
        """Score in [0, 1]: how far the most different words are from words like them.

        0 for what is no document, which the detail says, for films, and for formats that keep no
        traces of JPEG (GIF, AVIF, HEIC).

        Raises:
            ModelUnavailable: the text detector's weights are missing or are not the locked ones.
            Exception: a decoder's own, where it fails on a file that opened before.
        """
        examined = examine(media)
        return Finding(
            method=self.name,
            version=self.version,
            model=runtime.reference(DETECTOR),
            score=examined.score,
            detail=_detail(examined),
        )

    def examples(self) -> tuple[Example, ...]:
        return EXAMPLES


@dataclass(frozen=True, slots=True)
class Examined:
    """All that was measured of one picture."""

    layout: Layout
    plane: Plane | None
    odd: tuple[Odd, ...]
    copies: tuple[regions.Copy, ...] = ()
    """Parts that stand on the page twice, grain and all."""

    @property
    def score(self) -> float:
        """0 for what is no document."""
        if self.plane is None:
            return 0.0
        return score(self.measures, copied=bool(self.copies))

    @property
    def measures(self) -> tuple[float, ...]:
        """By ``MEASURES``."""
        largest = dict.fromkeys(MEASURES, 0.0)
        sums: dict[int, float] = {}
        for each in self.odd:
            if each.kind in largest:
                largest[each.kind] = max(largest[each.kind], each.deviations)
            if each.kind != "base":  # in pixels
                key = id(each.measured)
                sums[key] = sums.get(key, 0.0) + max(0.0, each.deviations - 1)
        largest["together"] = max(sums.values(), default=0.0)
        return tuple(largest[name] for name in MEASURES)


def examine(media: Image) -> Examined:
    """The layout, and of a document every comparison."""
    if media.film is not None:
        return Examined(Layout(0, 0.0, 0.0), None, ())
    layout, lines = page.layout(media.views[0])
    seen = plane(media) if layout.is_document else None
    if seen is None or min(seen.luma.shape) < SMALLEST:
        return Examined(layout, None, ())
    found = earlier_in_lossless(seen) if seen.table is None else earlier_in_jpeg(seen)
    blocks = parts.blocks(seen, found) if found else None
    measured = [words.measured(seen.luma, word, blocks) for word in page.words(seen, lines)]
    odd = [*neighbours.differing(measured), *neighbours.copied(seen.luma, measured)]
    return Examined(layout, seen, tuple(odd), tuple(regions.copies(seen.luma)))


def score(measures: Sequence[float], *, copied: bool = False) -> float:
    """Logistic of the weighted logarithms; ``copied``: a part stands on the page twice."""
    total = INTERCEPT + sum(
        weight * math.log1p(value) for weight, value in zip(WEIGHTS, measures, strict=True)
    )
    if copied:
        total = max(total, 0.0) + BY_REGION
    return 1 / (1 + math.exp(-total))


def _detail(examined: Examined) -> DocumentDetail:
    layout = examined.layout
    return DocumentDetail(
        is_document=layout.is_document,
        lines=layout.lines,
        text_share=layout.text_share,
        flat_share=layout.flat_share,
        regions=tuple(_shown(examined))[:MAX_REGIONS],
    )


def _shown(examined: Examined) -> Iterator[DocumentRegion]:
    """Both places of every copied part, then the words."""
    if examined.plane is None:
        return
    for copy in examined.copies:
        for place in (copy.one, copy.other):
            box = examined.plane.box(*place, copy.likeness)
            yield DocumentRegion(box=box, reason=DocumentReason.REGION_COPIED)
    yield from _regions(examined.plane, examined.odd)


def _regions(seen: Plane, odd: Iterable[Odd]) -> list[DocumentRegion]:
    """The words that differ most, each with its strongest reasons, most different first."""
    strongest: dict[tuple[int, str], Odd] = {}
    for each in odd:
        key = id(each.measured), each.reason.value
        if each.deviations >= SHOWN and (
            key not in strongest or strongest[key].deviations < each.deviations
        ):
            strongest[key] = each
    most = sorted(strongest.values(), key=lambda each: -each.deviations)[:MAX_REGIONS]
    return [
        DocumentRegion(
            box=seen.box(
                each.measured.word.left,
                each.measured.word.top,
                each.measured.word.right,
                each.measured.word.bottom,
                each.deviations / neighbours.MOST,
            ),
            reason=each.reason,
        )
        for each in most
    ]
