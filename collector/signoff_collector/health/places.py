"""Checks of the home: permissions, file system, free space."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.health.interface import Reach, bad, note, ok
from signoff_collector.own_files.home import Home
from signoff_collector.system.far_sides import container_of
from signoff_collector.system.files.file_systems import existing, free_space, mount_of, will_be_gone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.health.interface import Line, Surroundings

_ENOUGH_BYTES: Final = 500 << 20
_LEAST_BYTES: Final = 20 << 20
_LEAST_INODES: Final = 1000
_ON_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs"}
)
_OPEN_MODES: Final = 0o077


def home(around: Surroundings) -> Line:
    """Check that the home is usable and readable by its owner only."""
    place = around.home
    if not isinstance(place, Home):
        return bad(str(place), place.hint)
    if not place.exists:
        return ok(f"{place.root}, not made yet")
    open_ones = [path for path in _entries(place.root) if _is_open(path)]
    if open_ones:
        return bad(
            f"{len(open_ones)} files in {place.root} are open to others, such as {open_ones[0]}",
            f"Run `chmod -R go-rwx {place.root}`.",
        )
    if not os.access(place.root, os.W_OK | os.X_OK):
        return bad(f"cannot write to {place.root}", "Make it writable: nothing is recorded.")
    return ok(f"{place.root}, readable by you alone")


def disk(around: Surroundings) -> Line:
    """Warn if the home lies on a volatile file system, or one without locks."""
    place = around.needed_home
    point, kind = mount_of(place.root, around.proc / "self" / "mountinfo")
    elsewhere = "Set SIGNOFF_HOME to a folder on a local disk that stays."
    container = container_of(around.environ, around.proc.parent)
    going = will_be_gone(place.root, kind)
    if going is None and container in {"codespace", "dev container"} and point == Path("/"):
        going = f"{place.root} lies in the {container} itself: it is gone when that is made anew"
    if going is not None:
        if container is not None:
            elsewhere = "Set SIGNOFF_HOME to a folder on a volume: docs/setup.md, Containers."
        return note(
            f"the history is not stored permanently: {going}",
            elsewhere if container is not None else f"Mount a volume there. {elsewhere}",
            key="place",
            reach=Reach.DOCTOR if around.session is None else Reach.EDITORS,
        )
    if kind in _ON_NETWORK:
        return note(
            f"{place.root} lies on a network disk ({kind}): locks may fail and a kill may lose "
            f"steps there",
            elsewhere,
        )
    return ok(f"on {kind}" if kind else "on a disk of unknown kind")


def room(around: Surroundings) -> Line:
    """Check that there is room for some days of work."""
    place = around.needed_home
    folder = existing(place.root)
    try:
        free_bytes, entries = free_space(folder)
    except OSError as error:
        return note(f"cannot read how much space is free: {os.strerror(error.errno or 0)}")
    hint = "Free some space: a full disk stops recording."
    if free_bytes < _LEAST_BYTES:
        return bad(f"{free_bytes >> 10} KiB free", hint)
    if entries is not None and entries < _LEAST_INODES:
        return bad(f"room for {entries} more files", hint)
    fact = f"{free_bytes >> 20} MiB free"
    return ok(fact) if free_bytes >= _ENOUGH_BYTES else note(fact, hint)


def _entries(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            yield Path(folder, name)


def _is_open(path: Path) -> bool:
    """Say whether others could read or write it, were its folders open; links have no mode."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return not stat.S_ISLNK(found.st_mode) and bool(found.st_mode & _OPEN_MODES)
