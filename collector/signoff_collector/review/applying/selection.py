"""Select the steps of an episode that one keep of a plan contains."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.redaction.writing.rewriting import Fate
from signoff_collector.review.checking.unopened import is_base, unopened_paths
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import RangesKeep, TaskKeep
from signoff_schemas.steps import (
    STEP_KINDS,
    AnyStep,
    RenameStep,
    StepBase,
    seen_on_disk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Edit, Episode
    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_schemas.plan import Keep, Plan

_HINT = "`signoff show --steps` lists the steps; the plan counts by their seq."


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The steps and paths of one keep, after all cuts."""

    in_range: bytearray
    """For each `seq` 1 if the keep covers it and no range cut removes it, else 0."""
    cut_paths: frozenset[str]
    cut_kinds: frozenset[str]
    files: tuple[str, ...]
    entering: frozenset[str]
    """Paths whose text the result may contain."""
    unopened: frozenset[str]
    """Paths that only ever had text the session never showed; their names are left out too."""
    changed: frozenset[str]
    """Paths whose text changed up to the last kept step."""
    first: int
    last: int
    """`seq` of the first and the last kept step."""

    def fate_of(self, step: AnyStep | Edit) -> Fate:
        """Return whether a step is kept, changed or dropped."""
        if not isinstance(step, StepBase):
            if self.files[step.file] in self.cut_paths:
                return Fate.DROPPED
            return Fate.KEPT if self.in_range[step.seq] else Fate.LEFT_OUT
        if not self.in_range[step.seq]:
            return Fate.LEFT_OUT
        kind = step.kind
        if kind in self.cut_kinds or kind not in STEP_KINDS:
            return Fate.DROPPED
        paths = {step.path, step.old_path if isinstance(step, RenameStep) else None}
        return Fate.DROPPED if paths & (self.cut_paths | self.unopened) else Fate.KEPT

    def has_text(self, path: str) -> bool:
        """Return whether the text at a path may be part of the result."""
        return path in self.entering


def select(plan: Plan, base: BaseWalk, keep: Keep) -> Selection:
    """Return the selection of one keep of the base episode.

    Raises:
        UsageError: it names a step, task or file that the episode does not have.
    """
    episode = base.episode
    in_range = covered(plan, base, keep)
    paths = base.paths
    cut_paths = frozenset(_path(paths, file) for file in (*plan.cut_files, *keep.leave_out))
    first, last = in_range.find(1), in_range.rfind(1)
    if last < 0:
        raise UsageError(f"nothing is left of {_named(keep)} after the cuts", hint=_HINT)
    ticked = [_path(paths, file) for file in plan.overlay_files]
    unopened = unopened_paths(episode, in_range, last, ticked)
    changed = {path for path, seq in base.first_changes.items() if seq <= last}
    entering = changed.union(_named_in(base, in_range, first, last), ticked)
    return Selection(
        in_range=in_range,
        cut_paths=cut_paths,
        cut_kinds=frozenset(plan.cut_kinds),
        files=episode.files,
        entering=frozenset(entering - cut_paths - unopened),
        unopened=unopened,
        changed=frozenset(changed),
        first=first,
        last=last,
    )


def covered(plan: Plan, base: BaseWalk, keep: Keep) -> bytearray:
    """Return for each `seq` 1 if a keep covers it and no range cut removes it, else 0.

    Raises:
        UsageError: the plan names a step or task that the episode does not have.
    """
    count = base.episode.step_count
    in_range = _covered(base.episode, keep, count)
    for cut in plan.cut_ranges:
        _check_seq(cut.to_seq, count)
        width = cut.to_seq + 1 - cut.from_seq
        in_range[cut.from_seq : cut.to_seq + 1] = bytes(width)
    return in_range


def ends_of(base: BaseWalk, keep: Keep) -> tuple[int, int]:
    """Return the first and the last step that a keep names, ignoring cuts.

    Raises:
        UsageError: the episode has no such step or task.
    """
    named = _covered(base.episode, keep, base.episode.step_count)
    return named.find(1), named.rfind(1)


def overlay_paths(episode: Episode) -> set[str]:
    """Return the paths that differed from the base commit and were never opened or changed.

    Nobody has seen their text in the session, so a plan must list each of them (threat 5).
    """
    count = episode.step_count
    return set(unopened_paths(episode, bytearray(b"\1" * count), count))


def check_files(plan: Plan, paths: list[str]) -> None:
    """Raise UsageError where a plan names files that the episode does not have.

    Args:
        plan: of that episode.
        paths: as `named_paths` lists them.
    """
    for file in (
        *plan.cut_files,
        *plan.whole_files,
        *plan.overlay_files,
        *(m.file for m in plan.mask_texts),
    ):
        _path(paths, file)


def _covered(episode: Episode, keep: Keep, count: int) -> bytearray:
    covered = bytearray(count)
    if isinstance(keep, TaskKeep):
        for step in episode.steps:
            covered[step.seq] = step.task == keep.task
        tasks = episode.edits.task
        for seq in episode.edits.seq[tasks == keep.task].tolist():
            covered[seq] = 1
        if not any(covered):
            raise UsageError(f"the episode has no task {keep.task}", hint=_HINT)
        return covered
    for span in keep.ranges if isinstance(keep, RangesKeep) else (keep,):
        _check_seq(span.to_seq, count)
        covered[span.from_seq : span.to_seq + 1] = b"\1" * (span.to_seq + 1 - span.from_seq)
    return covered


def _named_in(base: BaseWalk, in_range: bytearray, first: int, last: int) -> Iterator[str]:
    """Yield the paths that the selected steps refer to."""
    low, high = bisect_left(base.seqs, first), bisect_right(base.seqs, last)
    for step in base.episode.steps[low:high]:
        if in_range[step.seq]:
            if step.path is not None:
                yield step.path
            if isinstance(step, RenameStep):
                yield step.old_path
            if not is_base(step):
                yield from (item.path for item in seen_on_disk(step) if not item.without_content)


def _path(paths: list[str], file: int) -> str:
    if file >= len(paths):
        raise UsageError(f"the plan names file {file}; the episode has {len(paths)}", hint=_HINT)
    return paths[file]


def _check_seq(seq: int, count: int) -> None:
    if seq >= count:
        raise UsageError(f"the plan names step {seq}; the episode has {count} steps", hint=_HINT)


def _named(keep: Keep) -> str:
    if isinstance(keep, TaskKeep):
        return f"task {keep.task}"
    spans = keep.ranges if isinstance(keep, RangesKeep) else (keep,)
    return "steps " + ", ".join(f"{span.from_seq} to {span.to_seq}" for span in spans)
