"""Which steps of an episode one keep of a plan holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.redaction.rewriting import Fate
from signoff_collector.redaction.texts import disk_items, named_paths
from signoff_collector.review.unopened import contents_of, is_base, unopened_paths
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import RangeCut, RangesKeep, TaskKeep
from signoff_schemas.steps import (
    STEP_KINDS,
    DeleteStep,
    OpenStep,
    RenameStep,
    StepBase,
    kind_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.episode.content import Edit, Episode
    from signoff_schemas.plan import Keep, Plan

_HINT = "`signoff show --steps` lists the steps; the plan counts by their seq."


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What one keep holds, after all cuts."""

    in_range: bytearray
    """For each `seq` 1 where the keep covers it and no range cut takes it out."""
    cut_paths: frozenset[str]
    cut_kinds: frozenset[str]
    files: tuple[str, ...]
    entering: frozenset[str]
    """Paths whose text the result may hold."""
    unopened: frozenset[str]
    """Paths at which only text lay that the session never showed; nor are they named."""
    last: int
    """`seq` of the last step kept."""

    def fate_of(self, step: StepBase | Edit) -> Fate:
        """Return what becomes of a step."""
        if not isinstance(step, StepBase):
            if self.files[step.file] in self.cut_paths:
                return Fate.DROPPED
            return Fate.KEPT if self.in_range[step.seq] else Fate.LEFT_OUT
        if not self.in_range[step.seq]:
            return Fate.LEFT_OUT
        kind = kind_of(step)
        if kind in self.cut_kinds or kind not in STEP_KINDS:
            return Fate.DROPPED
        paths = {step.path, step.old_path if isinstance(step, RenameStep) else None}
        return Fate.DROPPED if paths & (self.cut_paths | self.unopened) else Fate.KEPT

    def has_text(self, path: str) -> bool:
        """Return whether the text at a path may enter the result."""
        return path in self.entering


def select(plan: Plan, episode: Episode, keep: Keep) -> Selection:
    """Return what one keep holds.

    Raises:
        UsageError: it names a step, task or file that the episode does not have.
    """
    count = episode.step_count
    in_range = _covered(episode, keep, count)
    for cut in plan.cut_ranges:
        _check_seq(cut.to_seq, count)
        width = cut.to_seq + 1 - cut.from_seq
        in_range[cut.from_seq : cut.to_seq + 1] = bytes(width)
    paths = named_paths(episode)
    cut_paths = frozenset(_path(paths, file) for file in plan.cut_files)
    last = max((seq for seq in range(count) if in_range[seq]), default=-1)
    if last < 0:
        raise UsageError(f"nothing is left of {_named(keep)} after the cuts", hint=_HINT)
    ticked = [_path(paths, file) for file in plan.overlay_files]
    unopened = unopened_paths(episode, in_range, last, ticked)
    entering = frozenset((*_entering(episode, in_range, last), *ticked))
    return Selection(
        in_range=in_range,
        cut_paths=cut_paths,
        cut_kinds=frozenset(plan.cut_kinds),
        files=episode.files,
        entering=entering - cut_paths - unopened,
        unopened=unopened,
        last=last,
    )


def changed_paths(episode: Episode, last: int) -> set[str]:
    """Return the paths whose text changed up to a step.

    Opening is no change, nor is a content that the file had before, as after stash and pop.
    """
    paths = {episode.files[file] for file in set(_files_until(episode, last))}
    known: set[tuple[str, int | None]] = set()
    for step in episode.steps:
        if step.seq > last:
            break
        if isinstance(step, OpenStep) and step.path is not None:
            known.add((step.path, step.blob))
        elif isinstance(step, DeleteStep) and step.path is not None:
            paths.add(step.path)
        elif isinstance(step, RenameStep):
            paths |= {step.old_path, step.path or step.old_path}
        contents = set(contents_of(step))
        if not is_base(step):
            paths |= {path for path, _ in contents - known}
        known |= contents
    return paths


def overlay_paths(episode: Episode) -> set[str]:
    """Return the paths that differed from the base commit and were never opened or changed.

    Nobody has seen their text in the session; a plan has to name them one by one (THREATS 5).
    """
    count = episode.step_count
    return set(unopened_paths(episode, bytearray(b"\1" * count), count))


def check_files(plan: Plan, episode: Episode) -> None:
    """Raise UsageError where a plan names files that the episode does not have."""
    paths = named_paths(episode)
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


def _entering(episode: Episode, in_range: bytearray, last: int) -> Iterable[str]:
    """Yield the paths that steps in range are about, and those changed before."""
    yield from changed_paths(episode, last)
    for step in episode.steps:
        if in_range[step.seq]:
            if step.path is not None:
                yield step.path
            if isinstance(step, RenameStep):
                yield step.old_path
            if not is_base(step):
                yield from (item.path for item in disk_items(step) if not item.without_content)


def _files_until(episode: Episode, last: int) -> list[int]:
    files: list[int] = episode.edits.file[: episode.edits.count_until(last)].tolist()
    return files


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


__all__ = ["RangeCut", "Selection", "changed_paths", "check_files", "select"]
