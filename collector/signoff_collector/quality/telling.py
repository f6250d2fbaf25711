"""The quality of an episode as lines for a person."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from signoff_collector.quality.measures import Measure
    from signoff_collector.quality.quality import Quality

_WIDE: Final = 78
"""Columns of the narrowest terminal that holds screens with room for a mark."""
_NAMED: Final = 3
WORDS: Final[Mapping[bool | None, str]] = {True: "good", False: "less", None: "not known"}
"""Whether a gate was passed, in a word."""


def quality_lines(quality: Quality) -> Iterator[str]:
    """Yield one line per measure: its name, how it is, and what that means."""
    for one in quality.measures:
        yield f"{one.name:<14}{stands(one):<10}{one.says}"


def quality_rows(quality: Quality) -> list[dict[str, object]]:
    """Return what a page shows: name, how it is in a word, whether it passed, what it means."""
    return [
        {"measure": one.name, "stands": stands(one), "passed": one.passed, "says": one.says}
        for one in quality.measures
    ]


def useful_lines(rows: Sequence[Mapping[str, object]], label: str) -> list[str]:
    """Return what could tell more, one sentence each, and that all is well where nothing could.

    Args:
        rows: of `quality_rows`.
        label: stands before each sentence; further lines of it begin below its words.
    """
    less = [str(row["says"]) for row in rows if row["passed"] is False]
    said = less or ["Nothing that was looked at is missing."]
    blank = " " * len(label)
    return [
        line
        for words in said
        for line in wrap(words, _WIDE, initial_indent=label, subsequent_indent=blank)
    ]


def useful_line(rows: Sequence[Mapping[str, object]], label: str) -> str:
    """Return the same in one line: by which measures it could tell more.

    Args:
        rows: of `quality_rows`.
        label: stands before it.
    """
    less = [str(row["measure"]) for row in rows if row["passed"] is False]
    if not less:
        return f"{label}nothing that was looked at is missing"
    names = ", ".join(less[:_NAMED]) + (" and more" if len(less) > _NAMED else "")
    return f"{label}less by {names}; that is fine"


def stands(one: Measure) -> str:
    """Return how a measure is, in a word or as a share."""
    if one.least is None:
        return "not here"
    if one.value is not None and 0 < one.value < 1:
        return f"{one.value * 100:.0f} %"
    return WORDS[one.passed]
