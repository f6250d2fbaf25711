"""Diagnostics of language servers that were active at a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_schemas.steps import DiagnosticsStep

if TYPE_CHECKING:
    from signoff_collector.replay.reel import Reel
    from signoff_schemas.values import Diagnostic


def problems_at(reel: Reel, place: int) -> list[tuple[str | None, Diagnostic]]:
    """Return path and diagnostic of all that had appeared and were not cleared, by path."""
    standing: dict[str | None, list[Diagnostic]] = {}
    for at, step in reel.steps_of(frozenset({"diagnostics"})):
        if at > place:
            break
        if isinstance(step, DiagnosticsStep):
            here = standing.setdefault(step.path, [])
            for gone in step.cleared:
                _clear(here, gone)
            here.extend(step.appeared)
    return [
        (path, one)
        for path in sorted(standing, key=lambda name: name or "")
        for one in standing[path]
    ]


def _clear(standing: list[Diagnostic], gone: Diagnostic) -> None:
    """Remove a diagnostic; its lines may have moved since it appeared."""
    alike = [one for one in standing if (one.code, one.message) == (gone.code, gone.message)]
    if gone in standing:
        standing.remove(gone)
    elif alike:
        standing.remove(alike[0])
