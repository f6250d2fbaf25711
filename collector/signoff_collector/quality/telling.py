"""The quality of an episode as lines for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.quality.measures import Measure
    from signoff_collector.quality.quality import Quality

WORDS: Final[Mapping[bool | None, str]] = {True: "good", False: "less", None: "not known"}
"""Whether a gate was passed, in a word."""


def quality_lines(quality: Quality) -> Iterator[str]:
    """Yield one line per measure: its name, how it is, and what that means."""
    for one in quality.measures:
        yield f"{one.name:<14}{stands(one):<10}{one.says}"


def stands(one: Measure) -> str:
    """Return how a measure is, in a word or as a share."""
    if one.least is None:
        return "not here"
    if one.value is not None and 0 < one.value < 1:
        return f"{one.value * 100:.0f} %"
    return WORDS[one.passed]
