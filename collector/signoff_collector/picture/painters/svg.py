"""A layout as SVG: every piece of text stays text, at the places of the cells.

Recorded text has the class `t`, words of ours `o` (labels, numbers, signs, and characters that are
spelled out since they would hide or move something). Needs nothing but the standard library.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from signoff_collector.picture.cells import clusters
from signoff_collector.picture.themes import THEMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.picture.cells import Look, Piece
    from signoff_collector.picture.layout import Layout, Size
    from signoff_collector.picture.themes import ThemeName

FONTS: Final = (
    "JetBrains Mono", "DejaVu Sans Mono", "Menlo", "Consolas", "Liberation Mono", "monospace",
)  # fmt: skip
BASELINE: Final = 0.75
"""Of a row's height."""


def font_facts() -> dict[str, object]:
    """Return what an SVG says of its font: whoever shows it has to find one."""
    return {"asked": list(FONTS)}


def svg_text(layout: Layout, theme: ThemeName, facts: Mapping[str, object]) -> str:
    """Return the picture as a document of its own."""
    size, drawing = layout.size, SvgRows(layout.size, theme)
    rows = "".join(
        f'<g transform="translate(0 {row * size.cell_height})">{drawing.row(layout, row)}</g>'
        for row in range(size.rows)
    )
    title = f"The workbench after step {facts['seq']}"
    return document(size, title, facts, drawing.style(), f"{rows}{drawing.cursor(layout)}")


def document(size: Size, title: str, facts: Mapping[str, object], style: str, body: str) -> str:
    """Return an SVG of some size with its facts."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size.width}" height="{size.height}"'
        f' viewBox="0 0 {size.width} {size.height}" role="img"><title>{escape(title)}</title>'
        f"<metadata>{escape(json.dumps(facts, sort_keys=True))}</metadata>"
        f"<style>{style}</style>{body}</svg>\n"
    )


class SvgRows:
    """Draws rows of layouts of one size; a class in the style stands for each look."""

    def __init__(self, size: Size, theme: ThemeName) -> None:
        self._size = size
        self._colours = THEMES[theme]
        self._looks: dict[Look, int] = {}

    def row(self, layout: Layout, row: int) -> str:
        """Return a row as if it were the first; what stands at an edge reaches to it."""
        size = self._size
        height = size.height - row * size.cell_height if row == size.rows - 1 else size.cell_height
        parts: list[str] = []
        grounds = [""] * size.columns
        for column, cells, ground in layout.grounds(row):
            grounds[column : column + cells] = [ground] * cells
            parts.append(self._rectangle(column, cells, height, ground))
        for one in layout.rows[row]:
            if grounds[min(one.column, size.columns - 1)] != one.look.ground:
                parts.append(self._rectangle(one.column, one.cells, height, one.look.ground))
            if one.look.under:
                parts.append(self._wave(one))
            parts.append(self._text(one))
        return "".join(parts)

    def cursor(self, layout: Layout) -> str:
        """Return the bar of the cursor, nothing where there is none."""
        if layout.cursor is None:
            return ""
        box = self._size.box(*layout.cursor, 1)
        return (
            f'<rect class="cursor" x="{box.x}" y="{box.y}" width="{bar_width(self._size)}"'
            f' height="{box.height}" fill="{self._colours["strong"]}"/>'
        )

    def style(self) -> str:
        """Return the style of all that was drawn so far."""
        families = ",".join(f"'{one}'" if " " in one else one for one in FONTS)
        inks = "".join(
            f".c{number}{{fill:{self._colours[look.ink]}"
            f"{';font-weight:bold' if look.is_bold else ''}}}"
            for look, number in self._looks.items()
        )
        return (
            f"text{{font:{self._size.font_px}px {families};white-space:pre;direction:ltr;"
            f"unicode-bidi:bidi-override;font-variant-ligatures:none}}{inks}"
        )

    def _rectangle(self, column: int, cells: int, height: int, ground: str) -> str:
        x = column * self._size.cell_width
        is_last = column + cells >= self._size.columns
        width = self._size.width - x if is_last else cells * self._size.cell_width
        return f'<rect x="{x}" width="{width}" height="{height}" fill="{self._colours[ground]}"/>'

    def _wave(self, piece: Piece) -> str:
        box = self._size.box(0, piece.column, piece.cells)
        low = box.height - 1
        steps = enumerate(range(box.x, box.x + box.width + 1, 2))
        points = " ".join(f"{x},{low - 2 * (number % 2)}" for number, x in steps)
        colour = self._colours[piece.look.under]
        return f'<polyline points="{points}" fill="none" stroke="{colour}"/>'

    def _text(self, piece: Piece) -> str:
        box = self._size.box(0, piece.column, piece.cells)
        ink = self._looks.setdefault(piece.look._replace(ground="", under=""), len(self._looks))
        kind = f'class="{"o" if piece.is_own else "t"} c{ink}"'
        y = round(self._size.cell_height * BASELINE)
        if piece.text.isascii():
            words = escape(piece.text)
            return f'<text {kind} x="{box.x}" y="{y}" textLength="{box.width}">{words}</text>'
        parts: list[str] = []
        x = box.x
        for cluster, cells in clusters(piece.text):
            parts.append(f'<tspan x="{x}">{escape(cluster)}</tspan>')
            x += cells * self._size.cell_width
        return f'<text {kind} y="{y}">{"".join(parts)}</text>'


def bar_width(size: Size) -> int:
    """Return how wide the bar of the cursor is, in pixels."""
    return max(1, size.cell_width // 4)
