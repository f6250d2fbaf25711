"""The whole work tree of one moment: what the episode holds, over what a repository holds.

The episode alone has the files that were opened or changed. With the repository the rest
comes from the base commit, and contents that the episode only knows by their hash are
looked for among everything the repository ever had at that path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.git_contents import (
    FILE_MODES,
    file_versions,
    list_tree,
    read_objects,
)
from signoff_collector.episode.disk_form import encode_form
from signoff_collector.replay.checkout import TreeFile
from signoff_schemas.errors import UsageError
from signoff_schemas.steps import FilesStep

if TYPE_CHECKING:
    from signoff_collector.capture.git import Git
    from signoff_collector.episode.moments import Absent, Moments

_WITHHELD: Final = "withheld"


@dataclass(slots=True)
class WholeTree:
    """The files of one moment, and what is known to be missing among them."""

    files: dict[str, TreeFile] = field(default_factory=dict[str, TreeFile])
    missing: list[str] = field(default_factory=list[str])
    """Paths of files that were there, and whose content was not found."""
    unnamed: int = 0
    """Changed files whose very names are not in the episode."""
    submodules: list[str] = field(default_factory=list[str])
    folders: set[str] = field(default_factory=set[str])
    """Every folder that holds, or held, one of the files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A commit in a repository, and the folder in it that was recorded."""

    git: Git
    prefix: str
    """Empty, or the folder's path from the top with a slash at its end."""
    revision: str


def base_at(folder: Path, revision: str) -> Base:
    """Return the base that a repository, or a folder in its work tree, gives.

    Raises:
        UsageError: the revision could be taken for an option, or there is no repository.
    """
    from signoff_collector.capture.git import Git

    if revision.startswith("-"):
        raise UsageError(f"{revision!r} is no revision")
    git = Git(folder)
    if git.repository is None:
        raise UsageError(f"{folder} is in no git repository", hint="--repo names a work tree.")
    top, here = git.repository.root.resolve(), folder.resolve()
    below = here.relative_to(top).as_posix() if here.is_relative_to(top) else "."
    return Base(git=git, prefix="" if below == "." else f"{below}/", revision=revision)


def whole_tree(moments: Moments, seq: int, base: Base | None, *, is_disk: bool) -> WholeTree:
    """Return all files after step `seq`.

    Args:
        moments: of the episode.
        seq: the moment.
        base: where the rest comes from; None: only what the episode holds.
        is_disk: what lay on disk, without what was only in buffers.

    Raises:
        DamagedError: an edit does not fit its text, or the repository lacks an object.
        SignoffError: git fails.
    """
    tree = WholeTree(unnamed=_unnamed(moments, seq))
    if base is not None:
        _read_base(tree, base)
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
        elif absent is not None:
            lacking[path] = absent
    _find(tree, base, moments, seq, lacking)
    if not is_disk:
        _put_buffers(tree, moments, seq)
    return tree


def _unnamed(moments: Moments, seq: int) -> int:
    """Return how many files changed up to a moment without being named."""
    return sum(
        max(0, step.changed_count - len(step.changed)) + (step.withheld_count or 0)
        for step in moments.episode.steps
        if isinstance(step, FilesStep) and step.seq <= seq
    )


def _read_base(tree: WholeTree, base: Base) -> None:
    entries = [e for e in list_tree(base.git, base.revision) if e.path.startswith(base.prefix)]
    files = [entry for entry in entries if entry.mode in FILE_MODES]
    tree.submodules = [e.path for e in entries if e.mode not in FILE_MODES]
    contents = read_objects(base.git, [entry.object_id for entry in files])
    for entry, (_, content) in zip(files, contents, strict=True):
        path = entry.path.removeprefix(base.prefix)
        tree.files[path] = TreeFile(content=content, mode=entry.mode)
        tree.folders.update(_parents(path))


def _moved(moments: Moments, path: str, seq: int, tree: WholeTree) -> TreeFile | None:
    """Return the base file that was only moved here, as the base has it."""
    absent = moments.absent(path, seq)
    if absent is None or absent.base_path is None:
        return None
    return tree.files.get(absent.base_path)


def _put(tree: WholeTree, path: str, content: bytes, mode: str | None) -> None:
    """Put a file into the tree; what of the base cannot be there beside it goes."""
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
    """Fill in what the episode knows only by its hash; say what could not be found."""
    wanted = {path: absent.sha256 for path, absent in lacking.items() if absent.sha256}
    found: dict[str, bytes] = {}
    for path, sha256 in wanted.items():
        here = tree.files.get(path)
        content = None if here is None else _with_hash(here.content, sha256)
        if content is not None:
            found[path] = content
    if base is not None:
        found |= _search(base, {p: s for p, s in wanted.items() if p not in found})
    for path in lacking:
        if path in found:
            _put(tree, path, found[path], moments.mode(path, seq))
        else:
            tree.files.pop(path, None)
            tree.missing.append(path)


def _search(base: Base, wanted: dict[str, str]) -> dict[str, bytes]:
    """Return the contents of these hashes that the repository has, or had, at these paths."""
    if not wanted:
        return {}
    versions = file_versions(base.git, [base.prefix + path for path in sorted(wanted)])
    readers: dict[str, list[str]] = {}
    for name, object_ids in versions.items():
        for object_id in object_ids:
            readers.setdefault(object_id, []).append(name.removeprefix(base.prefix))
    found: dict[str, bytes] = {}
    for object_id, content in read_objects(base.git, sorted(readers)):
        for path in readers[object_id]:
            match = _with_hash(content, wanted[path])
            if match is not None:
                found[path] = match
    return found


def _with_hash(content: bytes, sha256: str) -> bytes | None:
    """Return a content in the spelling that has this hash: as it is, or with CRLF."""
    for spelled in (content, *_with_crlf(content)):
        if hashlib.sha256(spelled).hexdigest() == sha256:
            return spelled
    return None


def _with_crlf(content: bytes) -> Iterable[bytes]:
    if b"\n" in content and b"\r" not in content:
        yield content.replace(b"\n", b"\r\n")


def _put_buffers(tree: WholeTree, moments: Moments, seq: int) -> None:
    """Lay unsaved buffers over the disk, in the form their file has."""
    for path, buffer in moments.buffers(seq):
        text = moments.buffer(path, buffer, seq)
        if text is not None and text != moments.disk(path, seq):
            content = encode_form(text, moments.form(path, seq))
            _put(tree, path, content, moments.mode(path, seq))
            if path in tree.missing:
                tree.missing.remove(path)
