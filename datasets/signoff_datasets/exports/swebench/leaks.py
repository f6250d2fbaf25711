"""Whether the words of a task tell what its patch adds."""

from __future__ import annotations

from typing import Final

FEWEST_CHARACTERS: Final = 12
"""Without blanks: a shorter line stands in many texts, and tells nothing."""


def telling_line(statement: str, patch: str) -> int | None:
    """Return the number of the first added line that a statement holds, None where it holds none.

    Blanks do not count. A line that the patch also removes, or that is its context, was there
    before and may be quoted.
    """
    said = _plain(statement)
    rows = patch.split("\n")
    kept = {_plain(row[1:]) for row in rows if row[:1] in {" ", "-"} and not row.startswith("---")}
    for number, row in enumerate(rows, 1):
        if not row.startswith("+") or row.startswith("+++"):
            continue
        line = _plain(row[1:])
        if len(line) >= FEWEST_CHARACTERS and line not in kept and line in said:
            return number
    return None


def _plain(text: str) -> str:
    return "".join(text.split())
