"""Writes the files of one moment of an untrusted episode into a new folder (threat 38).

Every name is checked, and fitted to the target (`fitting`). Every file is created with O_EXCL
relative to an open folder, so no link is followed and nothing is overwritten. Links are made only
on request, and last.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.system.files.folders import NOT_A_FOLDER, Folder, open_folder, walk
from signoff_collector.trees.fitting import STRICTEST, fitted_paths, tried_target
from signoff_schemas.errors import DiskFullError, RefusedError, SignoffError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

_IGNORED_BY_HFS: Final = frozenset(
    map(chr, [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])
)
"""Characters that HFS+ ignores when it compares names."""
RUN_BY_TOOLS: Final = frozenset(
    {
        ".envrc", ".exrc", ".nvim.lua", ".nvimrc", ".vimrc", ".dir-locals.el", "makefile",
        "gnumakefile", "conftest.py", "setup.py", "sitecustomize.py", "usercustomize.py",
        "tox.ini", "noxfile.py", "package.json", "tasks.json", "launch.json", "settings.json",
        ".pre-commit-config.yaml", ".gitattributes", ".gitmodules", "build.rs", "build.gradle",
        "cmakelists.txt", "justfile", "rakefile", "dockerfile", "devcontainer.json",
    }
)  # fmt: skip
"""Names of files that editors, shells and build tools run or obey automatically."""
_EXECUTABLE: Final = "100755"
_LINK: Final = "120000"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeFile:
    """One file to write."""

    content: bytes
    mode: str | None = None
    """As git writes it; only the executable bit counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a checkout wrote."""

    files: int
    size_bytes: int
    run_by_tools: tuple[str, ...]
    """Paths of files that tools run automatically."""
    links_as_text: tuple[str, ...] = ()
    """Paths of links that were written as regular files containing the target."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Paths that the folder cannot hold as they are, each with the one it was written under."""


def write_tree(
    tree: Mapping[str, TreeFile], folder: Path, *, links: bool = False, exact: bool = False
) -> Written:
    """Write files into a folder that is new or empty.

    All names are checked before anything is written. Links are made last, so that nothing
    is written through one. Names that the folder cannot hold get others (`Written.renamed`).

    Args:
        tree: files by path.
        folder: the new folder.
        links: True makes links with a relative target inside the folder; all other links
            become regular files that contain the target. One that leads to a renamed path does too.
        exact: True refuses a tree of which a name would have to be another.

    Raises:
        RefusedError: a path leaves the folder, names `.git`, or is a file and a folder.
        UsageError: the folder is not empty, or not a folder.
        SignoffError: a file cannot be written; files written before remain.
    """
    split = {path: safe_parts(path) for path in tree}
    _refuse_nesting(split)
    root = _open_empty(folder)
    try:
        fits = fitted_paths(split, STRICTEST) == split  # whatever the disk is
        places = split if fits else fitted_paths(split, tried_target(folder))
        renamed = {path: "/".join(places[path]) for path in split if places[path] != split[path]}
        for path in renamed if exact else ():
            raise _refused(path, f"a name in it cannot be written in {folder}")
        moved = {split[path][:depth] for path, depth in _renamings(split, places)}
        all_links = {path for path, file in tree.items() if file.mode == _LINK}
        made = {
            path
            for path in all_links
            if links and _stays_inside(split[path], tree[path].content, moved)
        }
        for path, parts in sorted(places.items(), key=lambda item: item[0] in made):
            if path in made:
                _write_link(root, parts, tree[path])
            else:
                _write_file(root, parts, tree[path])
    except OSError as error:
        raise _storage_error(error, folder) from error
    finally:
        root.close()
    return Written(
        files=len(tree),
        size_bytes=sum(len(file.content) for file in tree.values()),
        run_by_tools=tuple(
            path for path, parts in sorted(split.items()) if parts[-1].lower() in RUN_BY_TOOLS
        ),
        links_as_text=tuple(sorted(all_links - made)),
        renamed=tuple(sorted(renamed.items())),
    )


def safe_parts(path: str) -> tuple[str, ...]:
    """Split a path into names, none of which leads out of a folder or into git's own.

    Raises:
        RefusedError: one does.
    """
    parts = tuple(path.split("/"))
    for part in parts:
        if not part or part in {".", ".."} or "\0" in part:
            raise _refused(path, "it leads out of the folder")
        if _is_git(part):
            raise _refused(path, "it names git's own folder")
    return parts


def _is_git(part: str) -> bool:
    """Say whether any file system could treat a name as `.git`."""
    folded = unicodedata.normalize("NFKC", part)
    plain = "".join(char for char in folded if char not in _IGNORED_BY_HFS).casefold()
    bare = plain.partition(":")[0].rstrip(". ")  # `.git::$INDEX_ALLOCATION` is NTFS's
    return bare == ".git" or bare.startswith("git~")


def _refuse_nesting(split: Mapping[str, tuple[str, ...]]) -> None:
    files = set(split.values())
    for path, parts in split.items():
        for depth in range(1, len(parts)):
            if parts[:depth] in files:
                raise _refused(path, f"{'/'.join(parts[:depth])} is a file")


def _refused(path: str, reason: str) -> RefusedError:
    return RefusedError(
        f"will not write {path!r}: {reason}",
        hint="Signoff does not write such episodes: do not trust this one. Nothing was written.",
    )


def _open_empty(folder: Path) -> Folder:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        opened = open_folder(folder)
    except FileNotFoundError:
        raise UsageError(f"there is no folder {folder.parent} to make {folder.name} in") from None
    except OSError as error:
        if folder.is_symlink() or not folder.is_dir():
            raise UsageError(f"{folder} is not a folder", hint="Name a new folder.") from error
        raise _storage_error(error, folder) from error
    if opened.names():
        opened.close()
        raise UsageError(f"{folder} is not empty", hint="Name a new or empty folder.")
    return opened


def _write_file(root: Folder, parts: tuple[str, ...], file: TreeFile) -> None:
    with walk(root, parts[:-1], made=0o700) as parent:
        descriptor = parent.create(parts[-1], 0o700 if file.mode == _EXECUTABLE else 0o600)
        with open(descriptor, "wb") as opened:  # noqa: PTH123  # a descriptor, not a path
            opened.write(file.content)


def _renamings(
    split: Mapping[str, tuple[str, ...]], places: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, int]]:
    """Yield each path with the depth of each name in it that is written as another one."""
    for path, parts in split.items() if places is not split else ():
        for depth, (name, written) in enumerate(zip(parts, places[path], strict=True), start=1):
            if name != written:
                yield path, depth


def _stays_inside(
    parts: tuple[str, ...], target: bytes, moved: Collection[tuple[str, ...]]
) -> bool:
    """Say whether a link's target is inside the folder, whatever other links there are.

    `..` is allowed only at the beginning, where it counts from the link's own, real folder.
    After a name, which may itself be a link, `..` could lead anywhere. What was moved is not
    where a link says.
    """
    try:
        names = target.decode("utf-8").split("/")
    except UnicodeDecodeError:
        return False
    ups = 0
    while ups < len(names) and names[ups] == "..":
        ups += 1
    rest = [name for name in names[ups:] if name not in {"", "."}]
    is_plain = names[0] != "" and ".." not in rest and not any(map(_is_git, rest))
    if not is_plain or ups >= len(parts) or b"\0" in target or not target:
        return False
    above = parts[: len(parts) - 1 - ups]
    return not any((*above, *rest[:depth]) in moved for depth in range(1, len(rest) + 1))


def _write_link(root: Folder, parts: tuple[str, ...], file: TreeFile) -> None:
    with walk(root, parts[:-1], made=0o700) as parent:
        parent.make_link(file.content, parts[-1])


def _storage_error(error: OSError, folder: Path) -> SignoffError:
    import errno

    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFullError(f"no space left in {folder}", hint="Free some space, then try again.")
    if error.errno == errno.EEXIST or error.errno in NOT_A_FOLDER:
        return RefusedError(
            f"two names in the episode are one in {folder}: {error.filename!r}",
            hint="Check it out on a file system that distinguishes upper and lower case.",
        )
    return SignoffError(f"cannot write to {folder}: {error.strerror or error}")
