"""Is there hate, a threat or sextortion written in the picture?

Text is read by ``reader``, put in order by ``layout`` and searched by ``matcher``. What was written
is forgotten at the end of ``run``: the finding says which listed terms were there, and where.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from media_integrity.media.types import Image
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import Finding, TextCategory, TextDetail, TextMatch
from media_integrity.signals import runtime
from media_integrity.signals.base import Example, Needs
from media_integrity.signals.sampling import spread, unseen

from .ages import states_minor
from .examples import examples
from .layout import reading_orders
from .matcher import default_matcher, list_version
from .reader import RECOGNISER, Line, Reader

READER_VERSION = "3"

FILM_VIEWS: Final = 24
"""Views of a film that are read, where scenes start and evenly: each takes a tenth of a second or
more, and what is to be read stays for more than a second."""

FILM_SCENES: Final = 48
"""Views of a film that has more scenes than ``FILM_VIEWS``: one of each scene, up to so many. With
the lines that are read in them they take about half of a signal's time limit."""


class TextSignal:
    """Reads every view; terms may run on from one frame of an animation to the next."""

    name: ClassVar = DetectionMethod.TEXT
    needs: ClassVar = frozenset({Needs.IMAGE})

    @property
    def version(self) -> str:
        """Of the reader and of the lists."""
        return f"{READER_VERSION}/{list_version()}"

    def run(self, media: Image) -> Finding:
        """Score 1 if a listed term was found, 0 if not: a term is there or it is not.

        ``model`` names the recogniser. Inconclusive, with the score of what was read, where a file
        has more text or a film more scenes than there is time for.
        """
        reader = Reader()
        looked_at = _looked_at(media)
        views = [reader.read(media.views[index].rgb) for index in looked_at]
        matches = _matches(views)
        cause = _left_out(len(unseen(media, looked_at)), reader.unread)
        return Finding(
            method=self.name,
            version=self.version,
            status=FindingStatus.INCONCLUSIVE if cause else FindingStatus.MEASURED,
            model=runtime.reference(RECOGNISER),
            score=float(bool(matches)),
            detail=TextDetail(
                lines=sum(map(len, views)),
                matches=matches,
                states_minor=any(_states_minor(view) for view in views),
            ),
            cause=cause,
        )

    def examples(self) -> tuple[Example, ...]:
        return examples()


def _looked_at(media: Image) -> Sequence[int]:
    """Indices of the views that are read: all, except of a film."""
    if media.film is None:
        return range(len(media.views))
    return spread(media, max(FILM_VIEWS, min(len(media.film.scene_starts), FILM_SCENES)))


def _left_out(scenes: int, lines: int) -> str | None:
    """What was not read; None where all was."""
    causes = [f"{scenes} scenes were not looked at"] if scenes else []
    causes += [f"{lines} lines left out: too much text"] if lines else []
    return "; ".join(causes) or None


def _states_minor(view: Sequence[Line]) -> bool:
    """Over line ends too: a number stands apart from its word where a line is full."""
    return any(
        states_minor(" ".join(line.text for line in order)) for order in reading_orders(view)
    )


def _matches(views: Sequence[Sequence[Line]]) -> tuple[TextMatch, ...]:
    """The terms found, each once, with the line where it is first begun.

    Lines are numbered from 0 through all views, row by row.
    """
    found: dict[tuple[TextCategory, str], int] = {}
    numbers: dict[int, int] = {}
    running: list[Line] = []
    searched: set[tuple[str, ...]] = set()

    def search(lines: Iterable[Line]) -> None:
        lines = tuple(lines)
        texts = tuple(line.text for line in lines)
        if not texts or texts in searched:
            return
        searched.add(texts)
        for match in default_matcher().matches(texts):
            number = numbers[id(lines[match.line])]
            key = match.category, match.term
            found[key] = min(number, found.get(key, number))

    before: frozenset[str] = frozenset()
    for view in views:
        orders = reading_orders(view)
        for line in orders[0]:
            numbers[id(line)] = len(numbers)
        for order in orders:
            search(order)
        running.extend(line for line in orders[0] if line.text not in before)
        before = frozenset(line.text for line in view)
    search(running)
    return tuple(
        TextMatch(category=category, term=term, line=line)
        for (category, term), line in sorted(found.items(), key=lambda item: (item[1], item[0]))
    )
