"""What a part of the workbench gives: pieces by row, and what is worth pointing at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_collector.picture.cells import Piece
    from signoff_collector.picture.layout import Area


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The cells that a part has."""

    row: int
    column: int
    rows: int
    cells: int

    @property
    def end(self) -> int:
        """The first column to the right of it."""
        return self.column + self.cells


@dataclass(slots=True, kw_only=True)
class Drawn:
    """Grows while the workbench is laid out."""

    rows: list[list[Piece]]
    areas: list[Area] = field(default_factory=list["Area"])

    def add(self, row: int, pieces: list[Piece]) -> None:
        """Put pieces into a row."""
        self.rows[row].extend(pieces)
