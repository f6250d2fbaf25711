"""Detect the file system that contains a folder, and what that means for a recording."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})
IN_CONTAINER: Final = frozenset({"overlay", "aufs", "fuse-overlayfs", "fuse.fuse-overlayfs"})
MADE_UP: Final = frozenset(
    {"proc", "sysfs", "devpts", "cgroup", "cgroup2", "debugfs", "tracefs", "securityfs", "configfs"}
    | {"mqueue", "bpf", "pstore", "efivarfs", "binfmt_misc", "fusectl", "rpc_pipefs", "selinuxfs"}
)
"""Whose files the kernel makes up as they are read, some without an end."""
MOUNTS: Final = Path("/proc/self/mountinfo")


def file_system_of(folder: Path, mountinfo: Path = MOUNTS) -> str | None:
    """Return the type of the file system that contains a folder (proc(5), mountinfo)."""
    return mount_of(folder, mountinfo)[1]


def mount_of(folder: Path, mountinfo: Path = MOUNTS) -> tuple[Path | None, str | None]:
    """Return where the file system that contains a folder is mounted, and its type."""
    folder = existing(folder)
    try:
        lines = mountinfo.read_text("utf-8", "replace").split("\n")
    except OSError:
        return None, None
    at, kind = None, None
    for line in lines:
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = Path(_unescaped(fields[4]))
        if folder.is_relative_to(point) and (at is None or len(point.parts) >= len(at.parts)):
            at, kind = point, right.split(" ")[0]
    return at, kind


def existing(folder: Path) -> Path:
    """Return the nearest existing parent folder."""
    while not folder.exists():
        folder = folder.parent
    return folder


def will_be_gone(folder: Path, kind: str | None) -> str | None:
    """Explain why the content of a folder will be lost (a volatile file system), or None."""
    if kind in IN_MEMORY:
        return f"{folder} lies in memory ({kind}): it is gone at the next boot"
    if kind in IN_CONTAINER:
        return f"{folder} lies in a container's layer ({kind}): it is gone with the container"
    return None


def _unescaped(text: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, char)
    return text


def free_space(folder: str | os.PathLike[str]) -> tuple[int, int | None]:
    """Return free bytes and free file entries for this user; None where there is no such limit.

    Raises:
        OSError: it cannot be read.
    """
    if sys.platform == "win32":
        import shutil

        return shutil.disk_usage(folder).free, None
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize, found.f_favail if found.f_files else None
