"""A Python that takes this machine for a Mac: Linux's own calls are gone, and there is no /proc.

    mac = FakeMac.make(folder)
    mac.signoff("enable", ..., cwd=folder)

Of FSEvents it has a stand-in (`native_fsevents`). What it cannot have is what else a Mac has and
Linux lacks: the Keychain, APFS, Apple's git.
The second half of this file is read by that Python as it starts, before any module of ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HIDING: Final = 'mount -t tmpfs none /proc && exec "$@"'
_NAMESPACES: Final = (
    ["unshare", "--user", "--map-root-user", "--mount"],
    ["unshare", "--mount"],
)
LIMIT_S: Final = 240


def without_proc() -> list[str]:
    """Return the words that run a program where /proc is an empty folder.

    Raises:
        LookupError: this machine lets nobody have a mount namespace.
    """
    for words in _NAMESPACES:
        whole = [*words, "sh", "-c", HIDING, "sh"]
        if subprocess.run([*whole, "true"], check=False, capture_output=True).returncode == 0:
            return whole
    raise LookupError("no mount namespace, so /proc cannot be hidden")


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeMac:
    """One such Python, as an environment of its own over the packages of this one."""

    python: Path
    prefix: tuple[str, ...]

    @classmethod
    def make(cls, folder: Path) -> FakeMac:
        """Make the environment.

        Raises:
            LookupError: /proc cannot be hidden here.
        """
        packages = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
        packages.mkdir(parents=True)
        python = folder / "bin" / "python"
        python.parent.mkdir()
        real = Path(sys.base_exec_prefix, "bin", f"python{sysconfig.get_python_version()}")
        python.symlink_to(real)
        (folder / "pyvenv.cfg").write_text(f"home = {real.parent}\n")
        shutil.copy2(Path(sys.executable).with_name("signoff"), python.parent)
        tools = python.with_name("xcode-select")
        tools.write_text("#!/bin/sh\necho /usr\n")
        tools.chmod(0o755)
        ours = sysconfig.get_path("purelib")
        (packages / "a.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
        (packages / "fake_mac_start.py").write_text(
            f"import runpy\nrunpy.run_path({__file__!r}, run_name='fake_mac_start')\n"
        )
        (packages / "z.pth").write_text("import fake_mac_start\n")
        return cls(python=python, prefix=tuple(without_proc()))

    def run(
        self, words: Sequence[object], *, cwd: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run this Python with arguments, with no terminal and no input."""
        return subprocess.run(
            [*self.prefix, str(self.python), "-I", *map(str, words)],
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def signoff(
        self, *words: object, cwd: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `signoff WORDS`."""
        return self.run(["-m", "signoff_collector", *words], cwd=cwd, **environment)


_LINUX_OS: Final = (
    "O_TMPFILE", "O_PATH", "O_NOATIME", "O_DIRECT", "O_RSYNC", "fdatasync", "memfd_create",
    "pidfd_open", "pipe2", "getrandom", "sched_setaffinity", "sched_getaffinity", "posix_fadvise",
    "posix_fallocate", "getxattr", "setxattr", "listxattr", "removexattr", "unshare", "setns",
    "splice", "copy_file_range", "eventfd", "eventfd_read", "eventfd_write", "getresuid",
    "getresgid", "setresuid", "setresgid", "timerfd_create", "process_cpu_count",
)  # fmt: skip
_LINUX_C: Final = frozenset(
    {"inotify_init1", "inotify_add_watch", "inotify_rm_watch", "syncfs", "prctl", "unshare"}
    | {"syscall", "statx", "renameat2", "getrandom", "memfd_create"}
)


def _pretend() -> None:
    """Make this process a Mac's, as far as Python tells it."""
    # What decides by the platform as it is imported, and is no part of us, decides for Linux first.
    import asyncio  # noqa: F401
    import ctypes
    import ctypes.util
    import fcntl
    import importlib.util
    import multiprocessing  # noqa: F401
    import platform
    import resource
    import select
    import selectors
    import signal
    import socket
    import ssl  # noqa: F401
    import time
    import urllib.request  # noqa: F401

    sysconfig.get_config_vars()
    for module, names in (
        (time, ("CLOCK_BOOTTIME", "CLOCK_TAI", "CLOCK_MONOTONIC_COARSE")),
        (os, _LINUX_OS),
        (select, ("epoll", "EPOLLIN", "EPOLLOUT")),
        (signal, ("sigtimedwait", "sigwaitinfo", "pidfd_send_signal", "SIGPOLL", "SIGPWR")),
        (socket, ("AF_NETLINK", "SO_PEERCRED", "SOCK_CLOEXEC", "SOCK_NONBLOCK", "AF_PACKET")),
        (resource, ("prlimit",)),
    ):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    time.CLOCK_UPTIME_RAW = time.CLOCK_MONOTONIC  # type: ignore[attr-defined,misc,unused-ignore]
    fcntl.F_FULLFSYNC = 51  # type: ignore[attr-defined,misc,unused-ignore]  Linux knows no 51
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc,assignment]
    real = ctypes.CDLL

    class Library(real):  # type: ignore[misc,valid-type]
        """A C library without Linux's own functions, and with the one of macOS that we call."""

        def __getattr__(self, name: str) -> object:
            if name in _LINUX_C:
                raise AttributeError(name)
            return _sysctl if name == "sysctlbyname" else super().__getattr__(name)

    ctypes.CDLL = Library  # type: ignore[misc]
    place = Path(__file__).with_name("native_fsevents.py")
    found = importlib.util.spec_from_file_location("_watchdog_fsevents", place)
    assert found is not None
    assert found.loader is not None
    native = sys.modules["_watchdog_fsevents"] = importlib.util.module_from_spec(found)
    found.loader.exec_module(native)
    sys.platform = "darwin"
    platform.system = lambda: "Darwin"
    platform.machine = lambda: "arm64"

    from signoff_collector.programs import children

    children.XCODE_SELECT = Path(sys.prefix, "bin", "xcode-select")  # type: ignore[misc]


def _sysctl(name: bytes, buffer: object, *_: object) -> int:
    if name != b"kern.bootsessionuuid":
        return -1
    buffer.value = b"00000000-1111-2222-3333-444444444444"  # type: ignore[attr-defined]
    return 0


if __name__ == "fake_mac_start":
    _pretend()
