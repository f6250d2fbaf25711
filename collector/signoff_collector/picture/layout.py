"""Where everything of a drawn workbench stands: rows of cells, with their places in pixels.

A layout is the same for every painter: SVG writes its pieces as text, PNG draws the same cells.
Places are given in pixels of the picture, from its upper left corner: `text_place` for a character
of the text in front, `tabs`, `files` and `folders` for what can be clicked, `terminal_row` for the
line in which one would type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from signoff_collector.picture.cells import Piece

LEAST: Final = (64, 48)
LARGEST: Final = (7680, 4320)
FONT_PX: Final = 14
LEAST_FONT_PX: Final = 6
LARGEST_FONT_PX: Final = 72
_CELL_WIDTH: Final = 0.6
_CELL_HEIGHT: Final = 1.35
"""Of a cell, in sizes of the letters; nearly all monospaced fonts advance by 0.6 of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The size of a picture, and the grid of cells that follows from it."""

    width: int
    height: int
    font_px: int = FONT_PX

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn.

        Raises:
            UsageError: a number is out of its range.
        """
        for side, number, least, largest in (
            ("wide", self.width, LEAST[0], LARGEST[0]),
            ("high", self.height, LEAST[1], LARGEST[1]),
        ):
            if not least <= number <= largest:
                raise UsageError(
                    f"a picture cannot be {number} pixels {side}",
                    hint=f"Sizes from {LEAST[0]}x{LEAST[1]} to {LARGEST[0]}x{LARGEST[1]} are"
                    " drawn, such as --size 1280x800.",
                )
        if not LEAST_FONT_PX <= self.font_px <= LARGEST_FONT_PX:
            raise UsageError(
                f"letters cannot be {self.font_px} pixels high",
                hint=f"--font-size takes {LEAST_FONT_PX} to {LARGEST_FONT_PX}.",
            )

    @property
    def cell_width(self) -> int:
        """Pixels of a cell."""
        return max(4, round(self.font_px * _CELL_WIDTH))

    @property
    def cell_height(self) -> int:
        """Pixels of a row."""
        return max(8, round(self.font_px * _CELL_HEIGHT))

    @property
    def columns(self) -> int:
        """Cells of a row; the right edge belongs to the last of them."""
        return max(1, self.width // self.cell_width)

    @property
    def rows(self) -> int:
        """Rows of the picture."""
        return max(1, self.height // self.cell_height)

    def box(self, row: int, column: int, cells: int) -> Box:
        """Return where some cells of a row are."""
        return Box(
            x=column * self.cell_width,
            y=row * self.cell_height,
            width=cells * self.cell_width,
            height=self.cell_height,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Cells with one ground."""

    row: int
    column: int
    rows: int
    cells: int
    ground: str
    """A colour's name in `themes.py`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """A row of the text in front: which characters it shows, and where each begins."""

    row: int
    line: int
    """Number of its line, from 0."""
    start: int
    """Offset in the text of the first character shown, in code points."""
    columns: tuple[int, ...]
    """For each character shown its column in the picture, and the one behind the last."""
    is_cut: bool = False
    """Whether the line goes on behind the last character shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A tab, file or folder that is drawn in some cells of one row."""

    path: str
    row: int
    column: int
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A drawn workbench, before any pixel."""

    size: Size
    areas: tuple[Area, ...]
    rows: tuple[tuple[Piece, ...], ...]
    """The pieces of each row, from left to right; where none is, the ground shows."""
    cursor: tuple[int, int] | None = None
    """Row and column of the bar in front of which one types."""
    text_rows: tuple[TextRow, ...] = ()
    tabs: tuple[Target, ...] = ()
    files: tuple[Target, ...] = ()
    folders: tuple[Target, ...] = ()
    terminal_row: int | None = None
    """The row of the terminal's prompt."""
    assumed: tuple[str, ...] = ()
    """Keys of `scene.ASSUMED`."""
    has_right_to_left: bool = False
    """Whether letters are drawn that are written from right to left: here in order of cells."""

    def grounds(self, row: int) -> list[tuple[int, int, str]]:
        """Return the grounds of a row from left to right: first column, cells, colour's name."""
        cells = ["editor"] * self.size.columns
        for area in self.areas:
            if area.row <= row < area.row + area.rows:
                cells[area.column : area.column + area.cells] = [area.ground] * area.cells
        found: list[tuple[int, int, str]] = []
        for column, ground in enumerate(cells):
            if found and found[-1][2] == ground:
                found[-1] = (found[-1][0], found[-1][1] + 1, ground)
            else:
                found.append((column, 1, ground))
        return found

    def text_place(self, offset: int) -> Box | None:
        """Return where a character of the text in front is drawn; None where it is not.

        The end of a line is a place too, one cell wide.
        """
        for one in self.text_rows:
            place = offset - one.start
            if 0 <= place < len(one.columns) - one.is_cut:
                following = one.columns[place + 1 : place + 2]
                cells = following[0] - one.columns[place] if following else 1
                return self.size.box(one.row, one.columns[place], max(1, cells))
        return None

    def offset_at(self, x: int, y: int) -> int | None:
        """Return the offset of the character drawn at a pixel; behind a line's end that end."""
        row, column = y // self.size.cell_height, x // self.size.cell_width
        for one in self.text_rows:
            if one.row == row and column >= one.columns[0]:
                place = sum(begin <= column for begin in one.columns) - 1
                return one.start + min(place, len(one.columns) - 1 - one.is_cut)
        return None

    def target_box(self, target: Target) -> Box:
        """Return where a tab, file or folder is drawn."""
        return self.size.box(target.row, target.column, target.cells)

    def terminal_box(self) -> Box | None:
        """Return the row in which one would type into the terminal, None where none is drawn."""
        if self.terminal_row is None:
            return None
        prompt = self.rows[self.terminal_row]
        column = min((one.column for one in prompt), default=0)
        last = max((one.column + one.cells for one in prompt), default=column + 1)
        return self.size.box(self.terminal_row, column, last - column)
