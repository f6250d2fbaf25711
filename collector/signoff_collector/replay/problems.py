"""Diagnostics of language servers that were active at a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_schemas.steps import DiagnosticsStep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.replay.reel import Reel
    from signoff_schemas.values import Diagnostic

Standing = list[tuple[str | None, "Diagnostic"]]
"""Path and diagnostic of all that had appeared and were not cleared, by path."""


class Problems:
    """The diagnostics after each step, followed forward: asking in order costs one pass."""

    def __init__(self, steps: Iterable[object]) -> None:
        self._steps = [step for step in steps if isinstance(step, DiagnosticsStep)]
        self._taken = 0
        self._held: Standing = []
        self._held_for = -1
        self._standing: dict[str | None, list[Diagnostic]] = {}
        self.changed: dict[str | None, int] = {}
        """`seq` of the latest of these steps, by path."""

    def at(self, seq: int) -> Standing:
        """Return what stands after a step; the same list as before where nothing changed."""
        if self._taken and self._steps[self._taken - 1].seq > seq:
            self._taken = 0
            self._standing.clear()
            self.changed.clear()
        while self._taken < len(self._steps) and self._steps[self._taken].seq <= seq:
            self._take(self._steps[self._taken])
            self._taken += 1
        if self._held_for != self._taken:
            self._held_for = self._taken
            self._held = [
                (path, one)
                for path in sorted(self._standing, key=lambda name: name or "")
                for one in self._standing[path]
            ]
        return self._held

    def _take(self, step: DiagnosticsStep) -> None:
        here = self._standing.setdefault(step.path, [])
        for gone in step.cleared:
            _clear(here, gone)
        here.extend(step.appeared)
        self.changed[step.path] = step.seq


def problems_at(reel: Reel, place: int) -> Standing:
    """Return path and diagnostic of all that had appeared and were not cleared, by path."""
    return Problems(step for _, step in reel.steps_of(frozenset({"diagnostics"}))).at(
        reel.seq(place)
    )


def _clear(standing: list[Diagnostic], gone: Diagnostic) -> None:
    """Remove a diagnostic; its lines may have moved since it appeared."""
    alike = [one for one in standing if (one.code, one.message) == (gone.code, gone.message)]
    if gone in standing:
        standing.remove(gone)
    elif alike:
        standing.remove(alike[0])
