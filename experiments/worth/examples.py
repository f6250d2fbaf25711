"""What a model is trained and judged on: the bursts of a data set's sessions, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AROUND = 4000
"""Characters of the file that an edit keeps on each side of its place."""
SHORTEST = 8
LONGEST = 400
"""Characters inserted by an edit that is trained on or asked for, at least and at most."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One burst as one replacement: of `before + removed + behind`, `inserted` took the place."""

    path: str
    before: str
    """At most `AROUND` characters that stand before the place, up to it."""
    removed: str
    inserted: str
    behind: str
    """At most `AROUND` characters behind what was removed."""
    line: int
    """Zero-based line in which it begins."""
    lines: int
    """Lines of the whole file before the edit."""
    pause_ms: int | None
    author: str
    """Class of who caused it, as in the data set; `unknown` where the source does not tell."""
    views: tuple[str, ...] = ()
    """Paths that came into view since the edit before, in their order."""
    why_no_example: Literal["short", "long", "masked"] | None = None
    """Why nobody is asked for it, nor trained on it; it still is history of those behind it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One row of `steps` that is no burst, or the burst it belongs to, as a kind."""

    kind: str
    """`edit test`, `edit code`, `view`, `test run`, `command`, `git`, …"""
    is_red: bool | None
    """For a test run: whether a test failed; else null."""


@dataclass(frozen=True, slots=True)
class Session:
    """One episode: where it came from, and what was done in it."""

    name: str
    """Of the trace, or the first 12 digits of the episode's SHA-256."""
    source: str
    """`trace`, `made`, or `own`."""
    is_code: bool
    """Whether its files are code by their names; prose counts apart."""
    edits: tuple[Edit, ...]
    actions: tuple[Action, ...]
