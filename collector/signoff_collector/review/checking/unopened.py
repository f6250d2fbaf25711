"""Find the files of the base overlay that nobody opened or changed (threat 5).

Files that differed from the commit at the start are in the local episode with their text. A shared
episode includes them only if the session showed them: opened, edited, or given another content.
Being stashed and restored, renamed, copied or deleted does not show what a file contains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_schemas.steps import (
    AnyStep,
    CreateStep,
    DeleteStep,
    FilesStep,
    RenameStep,
    seen_on_disk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signoff_collector.episode.content import Episode

_TELLS_OF_DISK = (CreateStep, DeleteStep, RenameStep)


def is_base(step: AnyStep) -> bool:
    """Return whether a step lists how the work tree differed at the start, before any change."""
    return isinstance(step, FilesStep) and step.is_base is True


def contents_of(step: AnyStep) -> Iterator[tuple[str, int | None]]:
    """Yield path and blob of each content that a step reports on disk."""
    if isinstance(step, CreateStep) and step.path is not None:
        yield step.path, step.blob
    yield from ((item.path, item.blob) for item in seen_on_disk(step) if item.blob is not None)


def unopened_paths(
    episode: Episode, in_range: bytearray, last: int, ticked: Iterable[str] = ()
) -> frozenset[str]:
    """Return the paths that only ever had unseen text of the base overlay.

    Args:
        episode: never changed.
        in_range: for each `seq` whether the step is kept; only kept steps show a file.
        last: `seq` of the last step that counts as a change.
        ticked: paths that count as shown.
    """
    base = {i.path: i.blob for step in episode.steps if is_base(step) for i in seen_on_disk(step)}
    if not base:
        return frozenset()
    given: list[tuple[str, int | None]] = []
    renames: list[tuple[str, str]] = []
    shown = {episode.files[file] for file in _edited(episode, last)} | set(ticked)
    for step in episode.steps:
        if in_range[step.seq] and step.path is not None and not isinstance(step, _TELLS_OF_DISK):
            shown.add(step.path)
        if step.seq <= last and not is_base(step):
            given += contents_of(step)
            if isinstance(step, RenameStep) and step.path is not None:
                renames.append((step.old_path, step.path))
    _spread(shown, base, given, renames)
    unseen = {*base, *(path for path, _ in given)} - shown
    _follow(unseen, renames)
    return frozenset(unseen - shown)


def _spread(
    shown: set[str],
    base: dict[str, int | None],
    given: list[tuple[str, int | None]],
    renames: list[tuple[str, str]],
) -> None:
    """Add paths whose content differs from that of every unseen file, until a fixed point."""
    before = -1
    while before < len(shown):
        before = len(shown)
        hidden = {blob for path, blob in base.items() if path not in shown and blob is not None}
        shown.update(path for path, blob in given if blob not in hidden)
        _follow(shown, renames)


def _follow(paths: set[str], renames: list[tuple[str, str]]) -> None:
    """Add the other names of the renamed files among some paths."""
    before = -1
    while before < len(paths):
        before = len(paths)
        for pair in renames:
            if not paths.isdisjoint(pair):
                paths.update(pair)


def _edited(episode: Episode, last: int) -> set[int]:
    return set(episode.edits.file[: episode.edits.count_until(last)].tolist())
