"""Remove timing information from masked typing: every burst of it lasts one second.

Times, step counts and versions reveal the length of a secret (threat 6). So all masked edits of a
burst get the time of the first one. Steps that the editor reported about the same file meanwhile
are coalesced into one. Everything after the burst is shifted, as if it had lasted `BUCKET_NS`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from signoff_collector.episode.content import NONE, Edit
from signoff_collector.redaction.writing.rewriting import Entry
from signoff_schemas.steps import (
    AnyStep,
    AssistStep,
    DiagnosticsStep,
    SelectStep,
    StepBase,
    ViewStep,
)
from signoff_schemas.values import Diagnostic

BUCKET_NS: Final = 1_000_000_000
"""The apparent duration of every masked burst."""
_TRAILING_NS: Final = 1_000_000_000
"""Reports up to this long after the last masked edit still belong to its burst."""
_COLLAPSING: Final = (SelectStep, ViewStep, DiagnosticsStep, AssistStep)


@dataclass(slots=True)
class TimeMap:
    """Maps original times to times of the result; monotonic."""

    starts: list[int] = field(default_factory=lambda: [-1])
    shifts: list[int] = field(default_factory=lambda: [0])
    limits: list[int] = field(default_factory=lambda: [0])
    """Lower bound of the results for times from the matching entry of `starts` on."""

    def add(self, start: int, shift: int, limit: int) -> None:
        """Shift every time from `start` on by `shift`, but to no less than `limit`."""
        self.starts.append(start)
        self.shifts.append(shift)
        self.limits.append(limit)

    def at(self, t_ns: int) -> int:
        """Map an original time to the time in the result."""
        place = bisect_right(self.starts, t_ns) - 1
        return max(self.limits[place], t_ns + self.shifts[place])


def flatten_bursts(entries: Sequence[Entry], files: Sequence[str]) -> tuple[list[Entry], TimeMap]:
    """Flatten the bursts of masked typing; return the entries and the mapping of times."""
    result: list[Entry] = []
    times = TimeMap()
    shift, place = 0, 0
    while place < len(entries):
        entry = entries[place]
        if not entry.is_masked or not isinstance(entry.step, Edit):
            result.append(_at(entry, entry.step.t_ns + shift))
            place += 1
            continue
        end, last_ns = _burst_end(entries, place, files[entry.step.file])
        start_ns = entry.step.t_ns + shift
        result.extend(_flat(entries[place:end], start_ns))
        # Within the burst every time becomes `start_ns`: this shift is below any limit.
        times.add(entry.step.t_ns, -(1 << 62), start_ns)
        shift = start_ns + BUCKET_NS - last_ns
        times.add(last_ns + 1, shift, start_ns + BUCKET_NS)
        place = end
    return result, times


def _burst_end(entries: Sequence[Entry], first: int, path: str) -> tuple[int, int]:
    """Return the index behind the burst that begins at `first`, and the time of its last edit."""
    step = entries[first].step
    file, last_ns, end = (step.file if isinstance(step, Edit) else NONE), step.t_ns, first + 1
    for place in range(first + 1, len(entries)):
        step = entries[place].step
        if isinstance(step, Edit):
            if not entries[place].is_masked or step.file != file:
                break
            last_ns, end = step.t_ns, place + 1
        elif not isinstance(step, _COLLAPSING) or step.path != path:
            break
        elif step.t_ns - last_ns <= _TRAILING_NS:
            end = place + 1
    return end, last_ns


def _flat(burst: Sequence[Entry], t_ns: int) -> list[Entry]:
    edits = [entry for entry in burst if isinstance(entry.step, Edit)]
    others = [entry.step for entry in burst if isinstance(entry.step, StepBase)]
    flat = [_at(_without_batch(entry), t_ns) for entry in edits]
    kept = _collapse(others)
    if kept is not None:
        flat.append(_at(Entry(step=kept), t_ns))
    return flat


def _collapse(steps: Sequence[AnyStep]) -> AnyStep | None:
    """Coalesce what was reported during a burst into one step."""
    found = [step for step in steps if isinstance(step, DiagnosticsStep)]
    if found:
        merged = _merge(found)
        if merged is not None:
            return merged
    rest = [step for step in steps if not isinstance(step, DiagnosticsStep)]
    if not rest:
        return None
    last = rest[-1]
    if isinstance(last, AssistStep):
        return last.model_copy(update={"offered": (), "chosen": None, "inserted": None})
    return last


def _merge(steps: Sequence[DiagnosticsStep]) -> DiagnosticsStep | None:
    """Merge diagnostics: what appeared or was cleared in total; None if it cancels out."""
    appeared: list[Diagnostic] = []
    cleared: list[Diagnostic] = []
    for step in steps:
        for one in step.cleared:
            if one in appeared:
                appeared.remove(one)
            else:
                cleared.append(one)
        appeared.extend(step.appeared)
    if not appeared and not cleared:
        return None
    return steps[-1].model_copy(update={"appeared": tuple(appeared), "cleared": tuple(cleared)})


def _without_batch(entry: Entry) -> Entry:
    if isinstance(entry.step, Edit):
        return replace(entry, step=entry.step._replace(batch_ns=0))
    return entry


def _at(entry: Entry, t_ns: int) -> Entry:
    if entry.step.t_ns == t_ns:
        return entry
    if isinstance(entry.step, Edit):
        edit = entry.step
        moved = Edit(edit.seq, t_ns, *edit[2:])  # like `_replace`, but four times as fast
        return Entry(step=moved, is_masked=entry.is_masked, is_shown=entry.is_shown)
    return replace(entry, step=entry.step.model_copy(update={"t_ns": t_ns}))
