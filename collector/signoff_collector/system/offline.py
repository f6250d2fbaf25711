"""Moves sealing into an empty network namespace, where the system allows it (promise 2)."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_PR_GET_DUMPABLE: Final = 3
_PR_SET_DUMPABLE: Final = 4
_DEVICES: Final = Path("/proc/self/net/dev")
_ROUTES: Final = (Path("/proc/self/net/route"), Path("/proc/self/net/ipv6_route"))


def leave_network() -> bool:
    """Move this process into a network namespace of its own; return whether it is in one.

    Call it before threads are started and before recorded data is in memory: for a moment the
    process is dumpable, so other processes of the user may read its memory. Never raises; where
    the system forbids it, nothing changes.
    """
    if is_offline():
        return True
    if not sys.platform.startswith("linux"):
        return False
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) == 0:  # allowed to root
        return is_offline()
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    dumpable = libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)  # else the maps belong to root
    try:
        Path("/proc/self/setgroups").write_text("deny", "ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")
    except OSError:
        return False
    finally:
        libc.prctl(_PR_SET_DUMPABLE, dumpable, 0, 0, 0)
    return is_offline()


def is_offline() -> bool:
    """Say whether this process has no network but an unused loopback, according to /proc."""
    try:
        devices = _DEVICES.read_text("ascii").splitlines()[2:]
    except (OSError, UnicodeDecodeError):
        return False
    if {line.partition(":")[0].strip() for line in devices} - {"lo"}:
        return False
    routes = ""
    with suppress(OSError):
        routes = _ROUTES[0].read_text("ascii").partition("\n")[2]
    return not routes.strip() and not _loopback_is_up()


def _loopback_is_up() -> bool:
    """Say whether the loopback is up: a local server could then forward data."""
    import fcntl
    import socket
    import struct

    request = struct.pack("16sh14x", b"lo", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            answer = fcntl.ioctl(probe.fileno(), 0x8913, request)
        except OSError:
            return False
    return bool(struct.unpack("16sh14x", answer)[1] & 1)
