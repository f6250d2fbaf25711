"""How the terminal asks about a moment; recorded text in it is made harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.replay.describing import clock_text
from signoff_collector.review.notes.moments import QUESTION
from signoff_collector.text.linear import linearise, linearise_path

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_MOMENT: Final = "there is no moment to ask about: no test was made to pass, nothing was given up"
SKIPS: Final = "Enter on nothing skips   Esc leaves   what you write is shared"


def moment_lines(row: Mapping[str, object], number: int, count: int) -> list[str]:
    """Return what is said of a moment, and the question.

    Args:
        row: of a moment, as `AskedMoment.row` gives it.
        number: of the moment, from 1.
        count: of all that are asked about.
    """
    t_ns = row["t_ns"]
    when = clock_text(t_ns if isinstance(t_ns, int) else 0)
    lines = [f"{number} of {count}, at {when}: {row['asks']}"]
    if row["path"] is not None:
        lines.append(f"  {linearise_path(str(row['path']))}: {linearise(str(row['line']))}")
    return [*lines, QUESTION]


def noted_words(count: int) -> str:
    """Return what became of the answers."""
    if not count:
        return "no note was changed"
    notes = "one note was" if count == 1 else f"{count} notes were"
    return f"{notes} changed; they are shared with the task, as written afterwards"
