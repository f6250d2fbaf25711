"""A layout as pixels: cells of a font, drawn once each and then copied. Loads Pillow.

A picture is a grid of numbers of drawn cells; numpy gathers their pixels at once, so that a frame
of a film costs little more than what is new in it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw

from signoff_collector.picture.cells import Look, clusters
from signoff_collector.picture.painters.fonts import Fonts
from signoff_collector.picture.painters.svg import BASELINE, bar_width
from signoff_collector.picture.themes import colour

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from signoff_collector.picture.layout import Layout, Size
    from signoff_collector.picture.painters.fonts import Face
    from signoff_collector.picture.themes import ThemeName

    Pixels = NDArray[np.uint8]

_FIRST_CELLS: Final = 1024
_MOST_TEXTS: Final = 20_000
_FONT: Final = "font "
"""What stands before the name of a font; no cluster of characters is as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """The pixels of a picture, and what drew its letters."""

    pixels: Pixels
    """Height, width, and red, green, blue."""
    font: Mapping[str, object]
    """Facts: name and digest of the font, the others that were needed, and how many different
    characters no font has a glyph for: a box stands for each."""


_Cells = tuple["NDArray[np.int32]", frozenset[str]]
"""Numbers of cells; names of fonts besides the first, and characters without a glyph."""


class Raster:
    """Draws layouts of one size and theme; each cell that it has drawn is kept."""

    def __init__(self, size: Size, theme: ThemeName, font: Path | None = None) -> None:
        """Load the font.

        Raises:
            NotFoundError: there is none.
        """
        self.size = size
        self.theme: ThemeName = theme
        self._fonts = Fonts(size.cell_width, font)
        self._cells: Pixels = np.zeros(
            (_FIRST_CELLS, size.cell_height, size.cell_width, 3), np.uint8
        )
        self._count = 0
        self._numbers: dict[tuple[str, int, Look], int] = {}
        self._texts: dict[tuple[str, int, Look], _Cells] = {}
        self._needed: dict[str, frozenset[str]] = {}
        self._bar = np.array(colour(theme, "strong"), np.uint8)

    def painted(self, layout: Layout) -> Painted:
        """Return the picture of a layout, which must be of the size that this was made for."""
        size = self.size
        grid = np.zeros((size.rows, size.columns), np.int32)
        others: set[str] = set()
        for area in layout.areas:
            blank, _ = self._cells_of(" ", 1, Look(ground=area.ground))
            rows = slice(area.row, area.row + area.rows)
            grid[rows, area.column : area.column + area.cells] = blank
        edges = grid[:, -1].copy(), grid[-1].copy()
        for row, pieces in enumerate(layout.rows):
            for one in pieces:
                numbers, needed = self._cells_of(one.text, one.cells, one.look)
                grid[row, one.column : one.column + one.cells] = numbers
                if needed:
                    others |= needed
        found = self._gathered(grid, *edges)
        if layout.cursor is not None:
            box = size.box(*layout.cursor, 1)
            found[box.y : box.y + box.height, box.x : box.x + bar_width(size)] = self._bar
        return Painted(pixels=found, font=self._facts(others))

    @property
    def font(self) -> dict[str, object]:
        """Name and digest of the font that draws all that it has glyphs for."""
        return {"name": self._fonts.first.name, "sha256": self._fonts.first.sha256}

    def _facts(self, others: set[str]) -> dict[str, object]:
        named = sorted(one.removeprefix(_FONT) for one in others if one.startswith(_FONT))
        facts = self.font
        if named:
            facts["others"] = named
        if len(others) > len(named):
            facts["without_glyph"] = len(others) - len(named)
        return facts

    def _gathered(
        self, grid: NDArray[np.int32], right_edge: NDArray[np.int32], low_edge: NDArray[np.int32]
    ) -> Pixels:
        """Return the pixels of a grid of cells; the grounds of the last reach to the edges."""
        size = self.size
        rows, columns = grid.shape
        drawn = np.take(self._cells, grid, axis=0).transpose(0, 2, 1, 3, 4)
        low, right = rows * size.cell_height, columns * size.cell_width
        if (low, right) == (size.height, size.width):
            return np.ascontiguousarray(drawn).reshape(low, right, 3)
        found = np.empty((size.height, size.width, 3), np.uint8)
        inner = found[:low, :right].reshape(rows, size.cell_height, columns, size.cell_width, 3)
        inner[:] = drawn
        beside = np.repeat(self._cells[right_edge, 0, 0], size.cell_height, axis=0)
        below = np.repeat(self._cells[low_edge, 0, 0], size.cell_width, axis=0)
        found[:low, right:] = beside[:, None]
        found[low:, :right] = below
        found[low:, right:] = below[-1]
        return found

    def _cells_of(self, text: str, cells: int, look: Look) -> _Cells:
        """Return the cells of a piece; they are drawn if they are new."""
        key = (text, cells, look)
        known = self._texts.get(key)
        if known is None:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            numbers: list[int] = []
            needed: set[str] = set()
            for cluster, size in clusters(text):
                wide = max(1, size)
                first = self._number(cluster, wide, look)
                numbers += range(first, first + wide)
                needed |= self._needed.get(cluster, frozenset())
            known = self._texts[key] = np.array(numbers, np.int32), frozenset(needed)
        return known

    def _number(self, cluster: str, cells: int, look: Look) -> int:
        """Return the number of the first cell of some characters, and draw them if they are new."""
        key = (cluster, cells, look)
        known = self._numbers.get(key)
        if known is not None:
            return known
        if self._count + cells > len(self._cells):
            self._cells = np.concatenate([self._cells, np.zeros_like(self._cells)])
        first = self._numbers[key] = self._count
        drawn = self._drawn(cluster, cells, look)
        for part in range(cells):
            low = part * self.size.cell_width
            self._cells[first + part] = drawn[:, low : low + self.size.cell_width]
        self._count += cells
        return first

    def _drawn(self, cluster: str, cells: int, look: Look) -> Pixels:
        width, height = cells * self.size.cell_width, self.size.cell_height
        ground = np.array(colour(self.theme, look.ground), np.float32)
        ink = np.array(colour(self.theme, look.ink), np.float32)
        cover = np.asarray(self._mask(cluster, width, height, look), np.float32)[..., None] / 255
        pixels = np.rint(ground + (ink - ground) * cover).astype(np.uint8)
        if look.under:
            wave = colour(self.theme, look.under)
            for x in range(width):
                pixels[height - 1 - (x // 2) % 2, x] = wave
        return pixels

    def _mask(self, cluster: str, width: int, height: int, look: Look) -> Image.Image:
        """Return how much of each pixel some characters cover."""
        mask = Image.new("L", (width, height))
        if cluster.isspace():
            return mask
        pen = ImageDraw.Draw(mask)
        face = self._face(cluster)
        if face is None:
            pen.rectangle((1, height // 4, width - 2, height - height // 4), outline=255)
            return mask
        font = face.bold if look.is_bold else face.plain
        low = round(height * BASELINE)
        composed = unicodedata.normalize("NFC", cluster)
        letter, marks = composed[0], composed[1:]
        spare = max(0.0, (width - font.getlength(letter)) / 2)
        pen.text((spare, low), letter, fill=255, font=font, anchor="ls")
        for one in marks:  # over the middle of the letter: no font's own rules are asked
            left, _, right, _ = font.getbbox(one, anchor="ls")
            pen.text(((width - right - left) / 2, low), one, fill=255, font=font, anchor="ls")
        return mask

    def _face(self, cluster: str) -> Face | None:
        """Return the font that draws some characters, and remember what the facts have to say."""
        face = self._fonts.face_for(cluster) or self._fonts.face_for(cluster[0])
        if face is None:
            self._needed[cluster] = frozenset({cluster})
        elif face is not self._fonts.first:
            self._needed[cluster] = frozenset({f"{_FONT}{face.name}"})
        return face
