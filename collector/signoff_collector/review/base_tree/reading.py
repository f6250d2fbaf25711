"""Read the files of the base commit from the git object store, as far as the policy allows.

No filter, hook or network access runs; of the work tree only the ignore files are opened. Files on
the never-record list are not read at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.policy import MAX_UNOPENED_BYTES, Policy, Reason
from signoff_collector.review.base_tree.tree import ExcludedFile
from signoff_collector.trees.checkout import safe_parts
from signoff_collector.trees.fitting import Target, fitted_paths
from signoff_schemas.errors import ChildFailedError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from signoff_collector.capture.git.git import Git
    from signoff_collector.capture.git.git_contents import TreeEntry
    from signoff_collector.review.base_tree.tree import Why

MAX_FILES: Final = 20_000
MAX_TOTAL_BYTES: Final = 64 << 20
_HINT: Final = "The episode can be shared without its base tree."
_WHY: Final[Mapping[Reason, Why]] = {
    Reason.NEVER: "never_recorded",
    Reason.BUILD_PRODUCT: "ignored",
    Reason.SIGNOFFIGNORE: "hidden_by_signoffignore",
    Reason.GIT_IGNORED: "ignored",
    Reason.NESTED: "nested_repository",
    Reason.GIT_INTERNAL: "unsafe_name",
}
"""Reason of the policy to reason in the tree; any other verdict means: undecided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """One file of the commit that may be scanned."""

    path: str
    """From the workspace."""
    mode: str
    content: bytes
    """UTF-8 without NUL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCommit:
    """Files read from a commit, and the others with the reason; both by ascending path."""

    files: tuple[ReadFile, ...]
    staying: tuple[ExcludedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    root: Path
    is_file: bool = False


def read_commit(root: Path, commit: str) -> ReadCommit:
    """Return the files of a commit below a workspace.

    Files above 1 MiB are left out, and everything after the first 20,000 files or 64 MiB.

    Args:
        root: real path of the workspace, the top of a repository or a folder below it.
        commit: object id.

    Raises:
        NotFoundError: the workspace, its repository or the commit is gone.
        SignoffError: git fails, or cannot say what it ignores.
    """
    from signoff_collector.capture.git.git import Git
    from signoff_collector.capture.git.git_contents import folder_prefix, list_tree, read_objects

    if not root.is_dir():
        raise NotFoundError(f"there is no folder {root} any more", hint=_HINT)
    git = Git(root)
    prefix = folder_prefix(git, root)
    try:
        entries = list_tree(git, commit)
    except ChildFailedError as error:
        raise NotFoundError(
            "the repository does not have the base commit of the session any more", hint=_HINT
        ) from error
    below = [
        entry._replace(path=entry.path.removeprefix(prefix))
        for entry in entries
        if entry.path.startswith(prefix)
    ]
    staying: list[ExcludedFile] = []
    wanted = list(_sorted_out(git, root, commit, below, staying))
    files: list[ReadFile] = []
    contents = read_objects(git, [entry.object_id for entry in wanted])
    for entry, (_, content) in zip(wanted, contents, strict=True):
        if _is_text(content):
            files.append(ReadFile(path=entry.path, mode=entry.mode, content=content))
        else:
            staying.append(ExcludedFile(path=entry.path, why="binary", size_bytes=len(content)))
    return ReadCommit(
        files=tuple(sorted(files, key=lambda one: one.path)),
        staying=tuple(sorted(staying, key=lambda one: one.path)),
    )


def _sorted_out(
    git: Git, root: Path, commit: str, entries: Sequence[TreeEntry], staying: list[ExcludedFile]
) -> Iterator[TreeEntry]:
    """Yield the entries that may be read; collect the others with their reason."""
    from signoff_collector.capture.git.git_contents import missing_objects, object_sizes

    refused = _refused(root, entries)
    lacking = missing_objects(git, commit)
    asked = [
        entry.object_id
        for entry in entries
        if entry.path not in refused and entry.object_id not in lacking
    ]
    sizes = dict(object_sizes(git, asked))
    count, total = 0, 0
    for entry in entries:
        size = sizes.get(entry.object_id)
        why = refused.get(entry.path)
        if why is None and size is None:
            why = "missing"
        elif why is None and size is not None:
            if size > MAX_UNOPENED_BYTES:
                why = "too_large"
            elif count >= MAX_FILES or total + size > MAX_TOTAL_BYTES:
                why = "too_much"
            else:
                count, total = count + 1, total + size
                yield entry
                continue
        if why is not None:
            staying.append(ExcludedFile(path=_spelled(entry.path), why=why, size_bytes=size))


def _refused(root: Path, entries: Sequence[TreeEntry]) -> dict[str, Why]:
    """Return the entries that must not be read because of mode or name, with the reason."""
    from signoff_collector.capture.git.git_contents import FILE_MODES

    refused: dict[str, Why] = {}
    asked: dict[Path, str] = {}
    for entry in entries:
        if not _is_safe(entry.path):
            refused[entry.path] = "unsafe_name"
        elif entry.mode not in FILE_MODES:
            refused[entry.path] = "submodule"
        else:
            asked[root / entry.path] = entry.path
    verdicts = Policy.for_workspace(_Place(root=root)).verdicts(asked)
    for path, said in verdicts.items():
        if not said.recorded:
            refused[asked[path]] = _WHY.get(said.reason, "undecided")
    return refused


def _is_safe(path: str) -> bool:
    """Return whether a checkout would write a file of this name, and no system splits it."""
    try:
        parts = safe_parts(path)
    except RefusedError:
        return False
    is_split = "\\" in path or ":" in path
    return not is_split and fitted_paths({path: parts}, Target())[path] == parts


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _spelled(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
