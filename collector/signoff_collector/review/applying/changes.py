"""Find the step at which each file first changed in the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signoff_collector.review.checking.unopened import contents_of, is_base
from signoff_schemas.steps import DeleteStep, OpenStep, RenameStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode


def first_changes(episode: Episode) -> dict[str, int]:
    """Return, for each path whose text changed, the `seq` of the first change.

    Opening a file is no change. Neither is a content that the file had before, as after `git stash`
    and `git stash pop`.
    """
    files, places = np.unique(episode.edits.file, return_index=True)
    found = {
        episode.files[file]: int(episode.edits.seq[place])
        for file, place in zip(files.tolist(), places.tolist(), strict=True)
    }
    known: set[tuple[str, int | None]] = set()
    for step in episode.steps:
        paths: set[str] = set()
        if isinstance(step, OpenStep) and step.path is not None:
            known.add((step.path, step.blob))
        elif isinstance(step, DeleteStep) and step.path is not None:
            paths.add(step.path)
        elif isinstance(step, RenameStep):
            paths = {step.old_path, step.path or step.old_path}
        contents = set(contents_of(step))
        if contents and not is_base(step):
            paths |= {path for path, _ in contents - known}
        known |= contents
        for path in paths:
            found[path] = min(step.seq, found.get(path, step.seq))
    return found
