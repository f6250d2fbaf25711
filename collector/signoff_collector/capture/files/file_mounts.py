"""Detect network file systems: the kernel reports no changes that another machine makes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_TABLE: Final = Path("/proc/self/mountinfo")
_REMOTE: Final = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "drvfs", "gfs2", "glusterfs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
    }
)  # fmt: skip
_LOCAL_FUSE: Final = frozenset({"fuse.ext2", "fuse.ntfs", "fuse.exfat", "fuseblk"})


def remote_kind(folder: Path) -> str | None:
    """Return the type of the network file system that contains a folder, or None for a local one.

    Read from the kernel's mount table: `statfs` returns one number for all FUSE file systems.
    """
    try:
        device = os.stat(folder).st_dev  # noqa: PTH116  a link's target is what counts
        table = _TABLE.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    kind = mounted_kind(table, f"{os.major(device)}:{os.minor(device)}")
    return kind if kind is not None and is_remote(kind) else None


def mounted_kind(table: str, device: str) -> str | None:
    """Return the file system type of a device from `/proc/self/mountinfo` (proc(5))."""
    for line in table.splitlines():
        place, _, source = line.partition(" - ")
        words = place.split(" ")
        if len(words) > 2 and words[2] == device:
            return source.partition(" ")[0] or None
    return None


def is_remote(kind: str) -> bool:
    """Whether other machines can write there too, or whether that is unknown."""
    return kind in _REMOTE or (kind.startswith("fuse.") and kind not in _LOCAL_FUSE)
