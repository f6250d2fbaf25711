"""A layout as SVG: every piece of text stays text, at the places of the cells.

Recorded text has the class `t`, words of ours `o` (labels, numbers, signs, and characters that are
spelled out since they would hide or move something). Needs nothing but the standard library.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from signoff_collector.picture.cells import clusters
from signoff_collector.picture.layout import Area
from signoff_collector.picture.themes import THEMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    size = layout.size
    looks: dict[Look, int] = {}
    body = "".join(_body(layout, theme, looks))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size.width}" height="{size.height}"'
        f' viewBox="0 0 {size.width} {size.height}" role="img">'
        f"<title>The workbench after step {facts['seq']}</title>"
        f"<metadata>{escape(json.dumps(facts, sort_keys=True))}</metadata>"
        f"<style>{_style(size, theme, looks)}</style>{body}</svg>\n"
    )


def _body(layout: Layout, theme: ThemeName, looks: dict[Look, int]) -> Iterator[str]:
    size = layout.size
    grounds = [["editor"] * size.columns for _ in range(size.rows)]
    colours = THEMES[theme]
    for area in layout.areas:
        for row in range(area.row, area.row + area.rows):
            grounds[row][area.column : area.column + area.cells] = [area.ground] * area.cells
        yield _rectangle(size, area, colours[area.ground])
    for row, pieces in enumerate(layout.rows):
        for one in pieces:
            if grounds[row][min(one.column, size.columns - 1)] != one.look.ground:
                ground = one.look.ground
                area = Area(row=row, column=one.column, rows=1, cells=one.cells, ground=ground)
                yield _rectangle(size, area, colours[ground])
            if one.look.under:
                yield _wave(size, row, one, colours[one.look.under])
            yield _text(size, row, one, looks)
    if layout.cursor is not None:
        row, column = layout.cursor
        box = size.box(row, column, 1)
        yield (
            f'<rect id="cursor" x="{box.x}" y="{box.y}" width="{bar_width(size)}"'
            f' height="{box.height}" fill="{colours["strong"]}"/>'
        )


def bar_width(size: Size) -> int:
    """Return how wide the bar of the cursor is, in pixels."""
    return max(1, size.cell_width // 4)


def _rectangle(size: Size, area: Area, colour: str) -> str:
    """Return some cells in one colour; those at the edges reach to the edge of the picture."""
    box = size.box(area.row, area.column, area.cells)
    width = size.width - box.x if area.column + area.cells >= size.columns else box.width
    is_lowest = area.row + area.rows >= size.rows
    height = size.height - box.y if is_lowest else area.rows * box.height
    return f'<rect x="{box.x}" y="{box.y}" width="{width}" height="{height}" fill="{colour}"/>'


def _wave(size: Size, row: int, piece: Piece, colour: str) -> str:
    box = size.box(row, piece.column, piece.cells)
    low = box.y + box.height - 1
    points = " ".join(
        f"{x},{low - 2 * (n % 2)}" for n, x in enumerate(_every_two(box.x, box.width))
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}"/>'


def _every_two(first: int, width: int) -> range:
    return range(first, first + width + 1, 2)


def _text(size: Size, row: int, piece: Piece, looks: dict[Look, int]) -> str:
    box = size.box(row, piece.column, piece.cells)
    ink = looks.setdefault(piece.look._replace(ground="", under=""), len(looks))
    kind = "o" if piece.is_own else "t"
    y = box.y + round(size.cell_height * BASELINE)
    if piece.text.isascii():
        return (
            f'<text class="{kind} c{ink}" x="{box.x}" y="{y}" textLength="{box.width}">'
            f"{escape(piece.text)}</text>"
        )
    parts: list[str] = []
    column = piece.column
    for cluster, cells in clusters(piece.text):
        x = column * size.cell_width
        parts.append(f'<tspan x="{x}">{escape(cluster)}</tspan>')
        column += cells
    return f'<text class="{kind} c{ink}" y="{y}">{"".join(parts)}</text>'


def _style(size: Size, theme: ThemeName, looks: Mapping[Look, int]) -> str:
    families = ",".join(f"'{one}'" if " " in one else one for one in FONTS)
    inks = "".join(
        f".c{number}{{fill:{THEMES[theme][look.ink]}{';font-weight:bold' if look.is_bold else ''}}}"
        for look, number in looks.items()
    )
    return (
        f"text{{font:{size.font_px}px {families};white-space:pre;direction:ltr;"
        f"unicode-bidi:bidi-override;font-variant-ligatures:none}}{inks}"
    )
