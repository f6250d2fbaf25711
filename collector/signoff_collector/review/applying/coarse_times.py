"""Coarsen the times of a shared episode, because typing rhythm identifies people.

By default the start and the duration of each run of typing are rounded to one second, and its keys
are spread evenly between (threat 14). Times count from the first step that is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from signoff_collector.episode.content import Edit
from signoff_collector.redaction.writing.rewriting import Entry
from signoff_schemas.steps import AnyStep, GapStep, SelectStep, ViewStep
from signoff_schemas.words import GapReason

SECOND_NS: Final = 1_000_000_000
_STEP_NS: Final = {"1s": SECOND_NS, "100ms": SECOND_NS // 10, "exact": 1_000_000}
_MS: Final = 1_000_000
_TIME: Final = Edit._fields.index("t_ns")
_BATCH: Final = Edit._fields.index("batch_ns")
_RUN_NS: Final = 2 * SECOND_NS
"""A longer pause between two keys ends a run of typing."""
_WITHHELD: Final = frozenset(
    {GapReason.PRIVATE, GapReason.CUT, GapReason.PAUSED, GapReason.FORGOTTEN}
)

Resolution = Literal["1s", "100ms", "exact"]


def coarsen(entries: Sequence[Entry], resolution: Resolution) -> list[Entry]:
    """Return the entries with times relative to the first one, at the given resolution."""
    if not entries:
        return []
    unit = _STEP_NS[resolution]
    origin = entries[0].step.t_ns
    exact = [entry.step.t_ns - origin for entry in entries]
    times = [t_ns - t_ns % unit for t_ns in exact]
    if resolution == "1s":
        for first, end in _runs(entries):
            _spread(times, first, end)
    return [_timed(entry, t_ns, unit) for entry, t_ns in zip(entries, times, strict=True)]


def _runs(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Return first and last index of each typing run: edits of one buffer, cursor moves between."""
    runs: list[tuple[int, int]] = []
    first, last = -1, -1
    for place, entry in enumerate(entries):
        step = entry.step
        if isinstance(step, Edit):
            if first < 0 or not _continues(entries[last].step, step):
                _close(runs, first, last)
                first = place
            last = place
        elif not isinstance(step, (SelectStep, ViewStep)):
            _close(runs, first, last)
            first = -1
    _close(runs, first, last)
    return runs


def _continues(before: AnyStep | Edit, edit: Edit) -> bool:
    is_same = isinstance(before, Edit) and (before.file, before.buffer) == (edit.file, edit.buffer)
    return is_same and edit.t_ns - before.t_ns < _RUN_NS


def _close(runs: list[tuple[int, int]], first: int, last: int) -> None:
    if 0 <= first < last:
        runs.append((first, last + 1))


def _spread(times: list[int], first: int, end: int) -> None:
    """Spread the steps of a run evenly between its rounded start and end."""
    start, span = times[first], times[end - 1] - times[first]
    gaps = end - first - 1
    for place in range(first, end):
        t_ns = start + span * (place - first) // gaps
        times[place] = t_ns - t_ns % _MS


def _timed(entry: Entry, t_ns: int, unit: int) -> Entry:
    step = entry.step
    if isinstance(step, Edit):
        fields = list(step)
        fields[_TIME] = t_ns
        if unit > _MS:
            fields[_BATCH] = 0
        moved = Edit._make(fields)  # Same result as `_replace`, in half the time.
        return Entry(step=moved, is_masked=entry.is_masked, is_shown=entry.is_shown)
    changed: dict[str, object] = {"t_ns": t_ns}
    if unit > _MS:
        changed["batch_ns"] = None
    if isinstance(step, GapStep):
        changed["last_input_ns"] = None
        if step.reason in _WITHHELD:
            # Count and basis exist for only one of these reasons and would reveal which it was.
            changed |= {"reason": GapReason.WITHHELD, "count": None, "basis": None}
        if step.duration_ns is not None:
            changed["duration_ns"] = step.duration_ns - step.duration_ns % unit
    return replace(entry, step=step.model_copy(update=changed))
