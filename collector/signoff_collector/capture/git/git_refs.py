"""Read all refs of a repository, from its files or, for reftables, by running git."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.git.git_repository import (
    Head,
    RefFormat,
    ReflogEntry,
    Repository,
    packed_refs,
    read_head,
    read_reflog,
    resolve_ref,
)
from signoff_schemas.errors import SignoffError

MAX_REF_FOLDERS: Final = 500
"""Most folders below refs/heads and refs/tags that are read."""
MAX_REFS: Final = 20_000
_WATCHED_REFS: Final = ("refs/heads", "refs/tags")
_REFLOG_FORMAT: Final = "--format=%H%x09%gd%x09%gs"
_NOTHING: Final = "0" * 40

Stamp = tuple[int, int, int]
"""Inode, size and modification time of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefsReading:
    """HEAD, its reflog, the stash's reflog, branches and tags."""

    head: Head
    reflog: tuple[ReflogEntry, ...]
    stashes: tuple[ReflogEntry, ...]
    refs: dict[str, str] = field(default_factory=dict[str, str])
    """Full name to object id, of branches and tags."""


def read_refs(repository: Repository) -> RefsReading:
    """Read everything the watcher compares.

    Raises:
        SignoffError: HEAD cannot be read, or git is too old for this repository.
    """
    if repository.ref_format is RefFormat.REFTABLE:
        return _ask_git(Git(repository.root))
    return RefsReading(
        head=read_head(repository),
        reflog=tuple(read_reflog(repository).entries),
        stashes=tuple(read_reflog(repository, "refs/stash").entries),
        refs=_branches_and_tags(repository),
    )


def _branches_and_tags(repository: Repository) -> dict[str, str]:
    refs = {
        name: commit
        for name, commit in packed_refs(repository).items()
        if name.startswith(("refs/heads/", "refs/tags/"))
    }
    for folder in ref_folders(repository.common_dir):
        for entry in _entries(folder):
            if entry.is_file(follow_symlinks=False) and not entry.name.endswith(".lock"):
                name = str(Path(entry.path).relative_to(repository.common_dir))
                try:
                    commit = resolve_ref(repository, name)
                except SignoffError:
                    continue
                if commit is not None and len(refs) < MAX_REFS:
                    refs[name] = commit
    return refs


def ref_folders(common_dir: Path) -> list[Path]:
    """Return the folders that contain loose branches and tags, parents first."""
    found: list[Path] = []
    waiting = [common_dir / name for name in _WATCHED_REFS]
    while waiting and len(found) < MAX_REF_FOLDERS:
        folder = waiting.pop(0)
        found.append(folder)
        waiting += [
            Path(entry.path) for entry in _entries(folder) if entry.is_dir(follow_symlinks=False)
        ]
    return found


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def watched_places(repository: Repository) -> tuple[str, ...]:
    """Return files and folders of which at least one changes whenever git moves a ref."""
    git_dir, common_dir = repository.git_dir, repository.common_dir
    places = [
        git_dir / "HEAD",
        *reflogs(repository),
        common_dir / "packed-refs",
        common_dir / "refs",
        *ref_folders(common_dir),
    ]
    if repository.ref_format is RefFormat.REFTABLE:
        places += [folder / "reftable" / "tables.list" for folder in {git_dir, common_dir}]
    return tuple(str(place) for place in places)


def reflogs(repository: Repository) -> tuple[Path, Path]:
    """Return where the reflogs of HEAD and of the stash are, unless in a reftable."""
    heads = repository.git_dir / "logs" / "HEAD"
    return heads, repository.common_dir / "logs" / "refs" / "stash"


def stamps(places: tuple[str, ...]) -> tuple[Stamp | None, ...]:
    """Return the stamp of each place; a few `stat` calls and nothing else."""
    return tuple([stamp(place) for place in places])


def stamp(path: Path | str) -> Stamp | None:
    """Return the stamp of one file, or None where there is none."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    size_bytes = 0 if stat.S_ISDIR(found.st_mode) else found.st_size
    return found.st_ino, size_bytes, found.st_mtime_ns


def _ask_git(git: Git) -> RefsReading:
    """Read refs by running git: correct for any format, at the cost of a few child processes."""
    branch = git.result("symbolic-ref", "-q", "HEAD")
    commit = git.result("rev-parse", "--verify", "-q", "HEAD^{commit}")
    listing = git.run("for-each-ref", "--format=%(objectname) %(refname)", *_WATCHED_REFS)
    refs: dict[str, str] = {}
    for line in listing.decode("utf-8", "replace").splitlines()[:MAX_REFS]:
        object_id, _, name = line.partition(" ")
        refs[name] = object_id
    return RefsReading(
        head=Head(
            branch=branch.stdout.decode("utf-8", "replace").strip() or None,
            commit=commit.stdout.decode("ascii", "replace").strip() or None,
        ),
        reflog=reflog_from_git(git, "HEAD"),
        stashes=reflog_from_git(git, "refs/stash"),
        refs=refs,
    )


def reflog_from_git(git: Git, ref: str) -> tuple[ReflogEntry, ...]:
    """Return a reflog as git lists it, oldest first.

    Git does not print the old value of an entry: it is the new value of the one before.
    """
    result = git.result(
        "log", "--walk-reflogs", "--date=unix", "--no-show-signature", _REFLOG_FORMAT, ref, "--"
    )
    if result.exit_code != 0:
        return ()
    entries: list[ReflogEntry] = []
    old = _NOTHING
    for line in reversed(result.stdout.decode("utf-8", "replace").splitlines()):
        new, _, rest = line.partition("\t")
        selector, _, message = rest.partition("\t")
        seconds = selector.rpartition("@{")[2].rstrip("}")
        t_wall_s = int(seconds) if seconds.isdigit() else 0
        entries.append(ReflogEntry(old=old, new=new, t_wall_s=t_wall_s, message=message))
        old = new
    return tuple(entries)
