"""Which files on disk were touched between two steps."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, assert_never

from signoff_schemas.steps import (
    CloseStep,
    CreateStep,
    DeleteStep,
    DiskStep,
    EditStep,
    FilesStep,
    OpenStep,
    RenameStep,
    ResyncStep,
    SaveStep,
    SeenStep,
    ToldStep,
    UnknownStep,
    seen_on_disk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_schemas.steps import AnyStep


class ChangedFiles:
    """Index of the steps that touched a file on disk."""

    def __init__(self, episode: Episode) -> None:
        found = [
            (step.seq, path)
            for step in episode.steps
            if not isinstance(step, SeenStep)
            for path in paths_changed(step)
        ]
        self._seqs = [seq for seq, _ in found]
        self._paths = [path for _, path in found]

    def between(self, after: int, until: int) -> frozenset[str]:
        """Return the paths touched by steps with `after` < `seq` <= `until`."""
        low, high = bisect_right(self._seqs, after), bisect_right(self._seqs, until)
        return frozenset(self._paths[low:high])


def paths_changed(step: AnyStep) -> Iterator[str]:
    """Yield the paths whose content on disk a step changed. An edit changes a buffer alone."""
    match step:
        case SaveStep() | CreateStep() | DeleteStep() | ResyncStep():
            if step.path is not None:
                yield step.path
        case RenameStep(old_path=old):
            yield old
            if step.path is not None:
                yield step.path
        case FilesStep(is_base=True):
            return
        case DiskStep():
            for item in seen_on_disk(step):
                if item.blob is not None or item.sha256 is None:
                    yield item.path
        case OpenStep() | CloseStep() | EditStep() | SeenStep() | ToldStep() | UnknownStep():
            return
        case _:
            assert_never(step)
