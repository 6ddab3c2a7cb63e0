"""Charts as SVG that stands in the page: no script, no request, colours from the style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 360, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 24, 12, 44
TICKS = 5
MAX_POINTS = 400
"""Of one line; more cannot be seen."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart. ``style``: ``a``, ``b``, ``c`` or ``guide``, a class of the page."""

    points: Sequence[Point]
    style: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot, or with ``y`` None a line from top to bottom."""

    x: float
    y: float | None
    name: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of equal width over ``edges``, one height each."""

    edges: Sequence[float]
    heights: Sequence[float]
    style: str
    name: str


@dataclass(frozen=True, slots=True)
class Axis:
    name: str
    low: float = 0.0
    high: float = 1.0
    percent: bool = False


def chart(
    title: str,
    x: Axis,
    y: Axis,
    *,
    lines: Sequence[Line] = (),
    marks: Sequence[Mark] = (),
    bars: Sequence[Bars] = (),
) -> Markup:
    """The chart with axes, and a legend for what has a name."""
    place = _Place(x, y)
    parts = [_frame(place)]
    parts += [_bars(each, place) for each in bars]
    parts += [_line(each, place) for each in lines if each.points]
    parts += [_mark(each, place) for each in marks]
    named = [(each.style, each.name) for each in bars if each.name]
    named += [(each.style, each.name) for each in lines if each.name]
    return Markup(
        '<figure><figcaption>{title}</figcaption><svg viewBox="0 0 {width} {height}" '
        'role="img" aria-label="{title}">{inner}</svg>{legend}</figure>'
    ).format(
        title=title,
        width=WIDTH,
        height=HEIGHT,
        inner=Markup("").join(parts),
        legend=_legend(named),
    )


class _Place:
    """From the numbers of a chart to places in its drawing."""

    def __init__(self, x: Axis, y: Axis) -> None:
        self.x_axis, self.y_axis = x, y

    def x(self, value: float) -> float:
        return LEFT + self._share(value, self.x_axis) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - self._share(value, self.y_axis) * (HEIGHT - TOP - BOTTOM)

    @staticmethod
    def _share(value: float, axis: Axis) -> float:
        return (min(max(value, axis.low), axis.high) - axis.low) / ((axis.high - axis.low) or 1.0)


def _frame(place: _Place) -> Markup:
    floor, left = HEIGHT - BOTTOM, LEFT
    parts = []
    for tick in range(TICKS + 1):
        share = tick / TICKS
        x, y = place.x_axis, place.y_axis
        across = place.x(x.low + share * (x.high - x.low))
        up = place.y(y.low + share * (y.high - y.low))
        parts.append(_grid(left, up, WIDTH - RIGHT, up))
        parts.append(_grid(across, TOP, across, floor))
        parts.append(_text(across, floor + 15, "middle", _number(x, share)))
        parts.append(_text(left - 6, up + 4, "end", _number(y, share)))
    parts.append(_text((left + WIDTH - RIGHT) / 2, HEIGHT - 8, "middle", place.x_axis.name))
    middle = (TOP + floor) / 2
    parts.append(
        Markup(
            '<text x="12" y="{y}" text-anchor="middle" transform="rotate(-90 12 {y})">{n}</text>'
        ).format(y=f"{middle:.1f}", n=place.y_axis.name)
    )
    return Markup("").join(parts)


def _grid(x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        *(f"{value:.1f}" for value in (x1, y1, x2, y2))
    )


def _text(x: float, y: float, anchor: str, text: str) -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
        f"{x:.1f}", f"{y:.1f}", anchor, text
    )


def _number(axis: Axis, share: float) -> str:
    value = axis.low + share * (axis.high - axis.low)
    return f"{value * 100:g} %" if axis.percent else f"{value:.3g}"


def _line(line: Line, place: _Place) -> Markup:
    points = " ".join(f"{place.x(x):.1f},{place.y(y):.1f}" for x, y in _thinned(line.points))
    return Markup('<polyline class="line {}" points="{}"/>').format(line.style, points)


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    if len(points) <= MAX_POINTS:
        return points
    step = (len(points) - 1) / (MAX_POINTS - 1)
    return [points[round(index * step)] for index in range(MAX_POINTS)]


def _mark(mark: Mark, place: _Place) -> Markup:
    title = Markup("<title>{}</title>").format(mark.name)
    x = place.x(mark.x)
    if mark.y is None:
        return Markup(
            '<line class="mark" x1="{x}" y1="{top}" x2="{x}" y2="{floor}">{title}</line>'
        ).format(x=f"{x:.1f}", top=TOP, floor=HEIGHT - BOTTOM, title=title)
    return Markup('<circle class="mark" cx="{}" cy="{}" r="4">{}</circle>').format(
        f"{x:.1f}", f"{place.y(mark.y):.1f}", title
    )


def _bars(bars: Bars, place: _Place) -> Markup:
    parts = []
    floor = HEIGHT - BOTTOM
    for left, right, height in zip(bars.edges, bars.edges[1:], bars.heights, strict=False):
        if height <= 0:
            continue
        x, top = place.x(left), place.y(height)
        parts.append(
            Markup(
                '<rect class="bar {}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
            ).format(
                bars.style,
                f"{x:.1f}",
                f"{top:.1f}",
                f"{max(place.x(right) - x - 1, 0.5):.1f}",
                f"{floor - top:.1f}",
                f"{bars.name} {left:.2f} to {right:.2f}: {height:.3g}",
            )
        )
    return Markup("").join(parts)


def _legend(named: Sequence[tuple[str, str]]) -> Markup:
    """From styles and names."""
    if not named:
        return Markup("")
    items = Markup("").join(
        Markup('<li class="{}">{}</li>').format(style, name) for style, name in named
    )
    return Markup('<ul class="legend">{}</ul>').format(items)
