"""Lines in a small SVG: no library draws them, and the same values give the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Points = Sequence[tuple[float, float]]

WIDTH: Final = 640
HEIGHT: Final = 360
LEFT: Final = 60
RIGHT: Final = 150
TOP: Final = 40
BOTTOM: Final = 46
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Okabe and Ito's, which people tell apart who see fewer colours."""
TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class _Scale:
    """From a value to a place in the picture."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> str:
        share = (value - self.low) / ((self.high - self.low) or 1)
        return f"{self.begin + share * (self.end - self.begin):.1f}"

    @property
    def ticks(self) -> list[float]:
        return [self.low + (self.high - self.low) * at / (TICKS - 1) for at in range(TICKS)]


def drawn(title: str, across: str, up: str, lines: Mapping[str, Points]) -> str:
    """Return an SVG with one line per name; `across` and `up` name the axes and their units.

    Raises:
        ValueError: there is no point to draw.
    """
    points = [point for line in lines.values() for point in line]
    if not points:
        raise ValueError("there is no point to draw")
    columns, heights = [x for x, _ in points], [y for _, y in points]
    x = _Scale(min(columns), max(columns), LEFT, WIDTH - RIGHT)
    y = _Scale(min(heights), max(heights), HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' font-family="sans-serif" font-size="12" role="img" aria-label="{_said(title)}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _label(LEFT, 20, title, "start"),
        _label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, across, "middle"),
        _label(LEFT, TOP - 8, up, "start"),
    ]
    parts += [
        _label(float(x(tick)), HEIGHT - BOTTOM + 18, f"{tick:.4g}", "middle") for tick in x.ticks
    ]
    parts += [
        f'<path d="M{LEFT} {y(tick)}H{WIDTH - RIGHT}" stroke="#ddd"/>'
        + _label(LEFT - 6, float(y(tick)) + 4, f"{tick:.3g}", "end")
        for tick in y.ticks
    ]
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x(a)},{y(b)}" for a, b in line)
        height, key = TOP + 10 + 18 * number, WIDTH - RIGHT + 12
        parts += [
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"/>',
            f'<rect x="{key}" y="{height - 5}" width="14" height="4" fill="{colour}"/>',
            _label(key + 20, height + 1, name, "start"),
        ]
    return "\n".join([*parts, "</svg>", ""])


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="#222">{_said(text)}</text>'


def _said(text: str) -> str:
    return escape(text, {'"': "&quot;"})
