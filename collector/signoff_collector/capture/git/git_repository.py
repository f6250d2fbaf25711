"""Find a git repository and parse its files, without running git and without blocking.

Reflogs, HEAD and refs are untrusted files: links are followed only where git itself creates them,
pipes are never opened for waiting, sizes are capped (threat 33).
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import DamagedError, NotFoundError, SignoffError

_MAX_SMALL_BYTES: Final = 1 << 16
_MAX_PACKED_BYTES: Final = 64 << 20
_MAX_REFLOG_BYTES: Final = 64 << 20
_MAX_REF_DEPTH: Final = 5
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REFLOG_LINE: Final = re.compile(
    rb"([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (.*) <([^<>\n]*)> (\d{1,12}) ([+-]\d{4})(?:\t(.*))?"
)


class RefFormat(StrEnum):
    """The storage format of a repository's refs."""

    FILES = "files"
    REFTABLE = "reftable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The folders of a repository; all paths real and absolute."""

    root: Path
    """The work tree."""
    git_dir: Path
    """The git directory of this work tree: its own HEAD, index and HEAD reflog."""
    common_dir: Path
    """The git directory shared by all work trees: objects, refs, config."""
    ref_format: RefFormat
    is_bare: bool
    """Whether the configuration says `core.bare`, although a work tree was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is checked out."""

    branch: str | None
    """Full ref name, or None when HEAD is detached."""
    commit: str | None
    """Object id, or None on a branch without a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflogEntry:
    """One movement of a ref."""

    old: str
    new: str
    t_wall_s: int
    """Seconds since 1970 UTC as git wrote them; git keeps no more."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflogReading:
    """Entries from some offset on."""

    entries: list[ReflogEntry]
    end_bytes: int
    """Offset to resume at: behind the last complete line."""
    is_readable: bool
    """False when the file exists but is not a regular file, is too large, or was truncated."""


def is_pipe(path: Path) -> bool:
    """Whether opening a path could block or never end: a pipe, socket or device."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def find_repository(path: Path) -> Repository | None:
    """Return the repository whose work tree contains `path`, or None.

    Bare repositories, which a clone may contain, are never found.
    """
    real = path.resolve()
    for folder in (real, *real.parents):
        git_dir = _git_dir_of(folder)
        if git_dir is not None:
            common_dir = _common_dir(git_dir)
            return Repository(
                root=folder,
                git_dir=git_dir,
                common_dir=common_dir,
                ref_format=_ref_format(common_dir),
                is_bare=_says_bare(common_dir),
            )
    return None


def _git_dir_of(folder: Path) -> Path | None:
    """Return the git directory that `folder/.git` is or points to."""
    sign = folder / ".git"
    try:
        if sign.is_dir():
            return sign.resolve() if _looks_like_git_dir(sign) else None
        text = read_regular(sign, max_bytes=_MAX_SMALL_BYTES).decode("utf-8", "surrogateescape")
    except (SignoffError, OSError):
        return None
    if not text.startswith("gitdir: ") or "\0" in text:
        return None
    named = (folder / text.removeprefix("gitdir: ").rstrip("\r\n")).resolve()
    return named if _looks_like_git_dir(named) else None


def _looks_like_git_dir(folder: Path) -> bool:
    common = _common_dir(folder)
    has_head = (folder / "HEAD").is_symlink() or (folder / "HEAD").is_file()
    return has_head and (common / "objects").is_dir() and (common / "refs").is_dir()


def _common_dir(git_dir: Path) -> Path:
    try:
        text = read_regular(git_dir / "commondir", max_bytes=_MAX_SMALL_BYTES).decode(
            "utf-8", "surrogateescape"
        )
    except SignoffError:
        return git_dir.resolve()
    name = text.rstrip("\r\n")
    return git_dir.resolve() if "\0" in name else (git_dir / name).resolve()


def _ref_format(common_dir: Path) -> RefFormat:
    return RefFormat.REFTABLE if (common_dir / "reftable").is_dir() else RefFormat.FILES


def _says_bare(common_dir: Path) -> bool:
    try:
        text = read_regular(common_dir / "config", max_bytes=_MAX_SMALL_BYTES)
    except SignoffError:
        return False
    return re.search(rb"(?mi)^\s*bare\s*=\s*true\s*$", text) is not None


def read_head(repository: Repository) -> Head:
    """Read what is checked out, from files alone.

    Raises:
        DamagedError: HEAD cannot be read, or refs are stored as a reftable.
    """
    if repository.ref_format is not RefFormat.FILES:
        raise DamagedError(
            f"{repository.root} keeps its refs as {repository.ref_format}",
            hint="Ask git for HEAD instead.",
        )
    path = repository.git_dir / "HEAD"
    if path.is_symlink():
        name = str(path.readlink())
        return Head(branch=name, commit=resolve_ref(repository, name))
    text = _small_text(path)
    if text.startswith("ref: "):
        name = text.removeprefix("ref: ").strip()
        return Head(branch=name, commit=resolve_ref(repository, name))
    commit = text.strip()
    if not _OBJECT_ID.fullmatch(commit):
        raise DamagedError(f"{path} names neither a ref nor a commit")
    return Head(branch=None, commit=commit)


def resolve_ref(repository: Repository, name: str, *, depth: int = 0) -> str | None:
    """Resolve a ref to an object id; None when there is no such ref.

    Raises:
        DamagedError: the ref's file cannot be read, or symbolic refs form a cycle.
    """
    if not is_ref_name(name) or depth > _MAX_REF_DEPTH:
        raise DamagedError(f"not the name of a ref: {name!r}")
    for folder in (repository.git_dir, repository.common_dir):
        try:
            text = _small_text(folder / name).strip()
        except NotFoundError:
            continue
        if text.startswith("ref: "):
            return resolve_ref(repository, text.removeprefix("ref: "), depth=depth + 1)
        if _OBJECT_ID.fullmatch(text):
            return text
        raise DamagedError(f"the ref {name} of {repository.root} holds no object id")
    return packed_refs(repository).get(name)


def is_ref_name(name: str) -> bool:
    """Whether a name stays inside `refs/` (or is a pseudo-ref such as ORIG_HEAD)."""
    parts = name.split("/")
    is_pseudo = len(parts) == 1 and re.fullmatch(r"[A-Z_]+", name) is not None
    is_plain = all(part not in {"", ".", ".."} and part.isprintable() for part in parts)
    return is_pseudo or (len(parts) > 1 and parts[0] == "refs" and is_plain)


def packed_refs(repository: Repository) -> dict[str, str]:
    """Return every packed ref and its object id; empty when there are none."""
    try:
        data = read_regular(repository.common_dir / "packed-refs", max_bytes=_MAX_PACKED_BYTES)
    except SignoffError:
        return {}
    refs: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").split("\n"):
        commit, _, name = line.partition(" ")
        if name and _OBJECT_ID.fullmatch(commit):
            refs[name] = commit
    return refs


def reflog_path(repository: Repository, ref: str = "HEAD") -> Path:
    """Return the path of a ref's reflog."""
    if not is_ref_name(ref):
        raise DamagedError(f"not the name of a ref: {ref!r}")
    base = repository.common_dir if ref.startswith("refs/") else repository.git_dir
    return base / "logs" / ref


def read_reflog(repository: Repository, ref: str = "HEAD", *, from_bytes: int = 0) -> ReflogReading:
    """Read a reflog from an offset on; never blocks, never raises on damage."""
    try:
        data = read_regular(reflog_path(repository, ref), max_bytes=_MAX_REFLOG_BYTES)
    except NotFoundError:
        return ReflogReading(entries=[], end_bytes=0, is_readable=True)
    except SignoffError:
        return ReflogReading(entries=[], end_bytes=from_bytes, is_readable=False)
    if len(data) < from_bytes:
        return ReflogReading(entries=[], end_bytes=len(data), is_readable=False)
    end_bytes = data.rfind(b"\n") + 1
    entries = [
        entry
        for line in data[from_bytes:end_bytes].split(b"\n")
        if (entry := _reflog_entry(line)) is not None
    ]
    return ReflogReading(entries=entries, end_bytes=max(end_bytes, from_bytes), is_readable=True)


def _reflog_entry(line: bytes) -> ReflogEntry | None:
    found = _REFLOG_LINE.fullmatch(line)
    if found is None:
        return None
    old, new, _name, _mail, seconds, _zone, message = found.groups()
    return ReflogEntry(
        old=old.decode(),
        new=new.decode(),
        t_wall_s=int(seconds),
        message=(message or b"").decode("utf-8", "replace"),
    )


def _small_text(path: Path) -> str:
    return read_regular(path, max_bytes=_MAX_SMALL_BYTES).decode("utf-8", "surrogateescape")
