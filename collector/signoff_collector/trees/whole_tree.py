"""Computes the whole work tree of one moment: the episode's files over the base commit.

The episode alone has only the files that were opened or changed. The repository adds the
other files of the base commit, and contents that the episode has only a hash of: these are
searched among all versions the repository ever had at that path.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from signoff_collector.trees.checkout import TreeFile
from signoff_schemas.steps import FilesStep

if TYPE_CHECKING:
    from collections.abc import Collection

    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.episode.versions import Absent


class Base(Protocol):
    """Source of the other files: the base commit, and all contents of its repository."""

    def files(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield path, mode and content of every file of the commit."""
        ...

    def find(self, paths: Collection[str], wanted: Collection[str]) -> dict[str, bytes]:
        """Return the wanted contents, by SHA-256, that it ever had at these paths."""
        ...


@dataclass(slots=True)
class WholeTree:
    """The files of one moment, and the files known to be missing."""

    files: dict[str, TreeFile] = field(default_factory=dict[str, TreeFile])
    missing: list[str] = field(default_factory=list[str])
    """Paths of files that existed, but whose content was not found."""
    unnamed: int = 0
    """Number of changed files whose names are not in the episode."""
    folders: set[str] = field(default_factory=set[str])
    """Every folder that contains, or contained, one of the files."""


def whole_tree(moments: Moments, seq: int, base: Base | None, *, is_disk: bool) -> WholeTree:
    """Return all files after step `seq`.

    Args:
        moments: of the episode.
        seq: the moment; in an episode that includes the base tree, so does the start.
        base: source of the other files; None gives only those of the episode.
        is_disk: True ignores unsaved text in buffers.

    Raises:
        DamagedError: an edit does not fit its text, or the repository lacks an object.
        SignoffError: git fails.
    """
    if seq < 0 and has_tree(moments):
        seq = 0  # step 0 lists the base tree, which existed before the first step
    tree = WholeTree(unnamed=_unnamed(moments, seq))
    if base is not None:
        for path, mode, data in base.files():
            tree.files[path] = TreeFile(content=data, mode=mode)
            tree.folders.update(_parents(path))
    known = sorted(moments.disk_paths(seq))
    moved = {path: found for path in known if (found := _moved(moments, path, seq, tree))}
    for path in moments.gone(seq):
        tree.files.pop(path, None)
    lacking: dict[str, Absent] = {}
    for path in known:
        content, absent = moments.disk_bytes(path, seq), moments.absent(path, seq)
        if content is not None:
            _put(tree, path, content, moments.mode(path, seq))
        elif path in moved:
            _put(tree, path, moved[path].content, moments.mode(path, seq) or moved[path].mode)
        elif absent is not None and (base is not None or absent.base_path != path):
            lacking[path] = absent
    _find(tree, base, moments, seq, lacking)
    if not is_disk:
        _put_buffers(tree, moments, seq)
    return tree


def has_tree(moments: Moments) -> bool:
    """Return whether the episode includes the files of its base commit."""
    first = next(iter(moments.episode.steps), None)
    return isinstance(first, FilesStep) and first.is_tree is True


def _unnamed(moments: Moments, seq: int) -> int:
    """Return the number of files that changed up to a moment but are not listed."""
    return sum(
        max(0, step.changed_count - len(step.changed)) + (step.withheld_count or 0)
        for step in moments.episode.steps
        if isinstance(step, FilesStep) and step.seq <= seq
    )


def _moved(moments: Moments, path: str, seq: int, tree: WholeTree) -> TreeFile | None:
    """Return the base commit's file that was only renamed to this path, if it was."""
    absent = moments.absent(path, seq)
    if absent is None or absent.base_path is None:
        return None
    return tree.files.get(absent.base_path)


def _put(tree: WholeTree, path: str, content: bytes, mode: str | None) -> None:
    """Add a file to the tree; remove files of the base whose path conflicts with it."""
    base = tree.files.get(path)
    for parent in _parents(path):
        tree.files.pop(parent, None)
    if path in tree.folders:
        for name in [name for name in tree.files if name.startswith(f"{path}/")]:
            del tree.files[name]
    tree.folders.update(_parents(path))
    tree.files[path] = TreeFile(content=content, mode=mode or (base.mode if base else None))


def _parents(path: str) -> Iterator[str]:
    at = path.find("/")
    while at > 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _find(
    tree: WholeTree, base: Base | None, moments: Moments, seq: int, lacking: dict[str, Absent]
) -> None:
    """Look up contents that the episode has only a hash of; list those not found."""
    wanted = {absent.sha256 for absent in lacking.values() if absent.sha256 is not None}
    places = {place for path, absent in lacking.items() for place in (path, absent.path or path)}
    places |= set(moments.moved_from)
    found = {} if base is None or not wanted else base.find(places, wanted)
    for path, absent in lacking.items():
        content = None if absent.sha256 is None else found.get(absent.sha256)
        if content is not None:
            _put(tree, path, content, moments.mode(path, seq))
        else:
            tree.files.pop(path, None)
            tree.missing.append(path)


def _put_buffers(tree: WholeTree, moments: Moments, seq: int) -> None:
    """Replace files by unsaved text of buffers, encoded in the file's disk form."""
    for path in dict.fromkeys(path for path, _ in moments.buffers(seq)):
        content = None
        if moments.hiding(path, seq) is not None:
            content = moments.file_bytes(path, seq)
        if content is not None:
            _put(tree, path, content, moments.mode(path, seq))
            if path in tree.missing:
                tree.missing.remove(path)
