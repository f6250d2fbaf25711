"""What readers are tried with: each is a function that a reader finds by its name."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from signoff_hub.admitting.examining import Examined, examine


def die(path: Path, max_bytes: int) -> Examined:
    """Die as of memory that the system takes away."""
    del path, max_bytes
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def die_once(path: Path, max_bytes: int) -> Examined:
    """Die the first time that this hub has something read."""
    flag = path.parents[1] / "flag"
    if not flag.exists():
        flag.symlink_to("/")  # a reader may write no file
        os.kill(os.getpid(), signal.SIGKILL)
    return examine(path, max_bytes)


def never_end(path: Path, max_bytes: int) -> Examined:
    """Use the processor until it is taken away."""
    while True:
        hash((path, max_bytes))


def wait_for_ever(path: Path, max_bytes: int) -> Examined:
    """Use nothing, and say nothing."""
    del path, max_bytes
    signal.pause()
    raise AssertionError


def eat(path: Path, max_bytes: int) -> Examined:
    """Take memory as a bomb does, then read on."""
    try:
        taken = [bytes(64 << 20) for _ in range(1 << 10)]
    except MemoryError:
        return Examined(sha256="0" * 64, size_bytes=0, fault=None, languages=("bounded",))
    del taken, path, max_bytes
    return Examined(sha256="0" * 64, size_bytes=0)


def write(path: Path, max_bytes: int) -> Examined:
    """Try to write a file."""
    del max_bytes
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        path.with_name("written").write_bytes(b"x" * 10)
    except OSError:
        return Examined(sha256="0" * 64, size_bytes=0)
    return Examined(sha256="f" * 64, size_bytes=1)
