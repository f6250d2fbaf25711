"""All characters that one open buffer ever held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signoff_collector.episode.texts import ImpossibleEditError, TextHistory, lineage
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column, EditTable
    from signoff_collector.episode.moments.moments import BufferLife


@dataclass(frozen=True, slots=True, kw_only=True)
class Characters:
    """In document order, those that are gone between those that stayed."""

    edits: EditTable
    """The buffer's own."""
    points: NDArray[np.uint32]
    births: Column
    """By character: the edit that inserted it, counted from 1; 0 where the buffer began with it."""
    deaths: Column
    """By character: the edit that took it away, more than there are while it stays."""


def characters_of(life: BufferLife, table: EditTable) -> Characters:
    """Follow the edits of a buffer.

    Args:
        life: of the buffer.
        table: the edits of its episode.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    edits = table.select(life.edit_numbers)
    history = TextHistory(
        initial=life.initial,
        start=edits.start,
        deleted=edits.deleted,
        inserted=edits.inserted,
        text=edits.text,
    )
    try:
        order, births, deaths = lineage(history)
    except ImpossibleEditError as error:
        raise DamagedError(f"an edit of a buffer does not fit its text: {error}") from error
    points = np.frombuffer(history.characters.encode("utf-32-le", "surrogatepass"), "<u4")
    return Characters(edits=edits, points=points[order], births=births, deaths=deaths)


def text_of(points: NDArray[np.uint32]) -> str:
    """Return some characters as text."""
    return points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
