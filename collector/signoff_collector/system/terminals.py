"""Put the person's terminal into raw mode for a command behind a pty, and restore it."""

from __future__ import annotations

import fcntl
import os
import signal
import termios
import tty
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self

_NO_WINDOW_SIZE: Final = b"\0" * 8
_LOCAL_FLAGS: Final = 3
_CONTROL_CHARACTERS: Final = 6


def is_terminal(descriptor: int) -> bool:
    """Whether a descriptor is an open terminal."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def is_in_foreground(descriptor: int) -> bool:
    """Whether our process group may read from and configure this terminal."""
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False


def terminal_reaches_our_group() -> bool:
    """Whether keys such as Ctrl-C signal our whole process group, including the command."""
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return is_in_foreground(descriptor)
    finally:
        os.close(descriptor)


def copy_settings(source: int, target: int) -> None:
    """Copy modes and size of the terminal to a new pty."""
    with suppress(termios.error):
        termios.tcsetattr(target, termios.TCSANOW, termios.tcgetattr(source))
    copy_window_size(source, target)


def copy_window_size(source: int, target: int) -> None:
    """Copy the window size of `source` to `target`; its programs get SIGWINCH."""
    with suppress(OSError):
        size = fcntl.ioctl(source, termios.TIOCGWINSZ, _NO_WINDOW_SIZE)
        fcntl.ioctl(target, termios.TIOCSWINSZ, size)


def own_controlling_terminal(descriptor: int) -> None:
    """Start a new session for this process, with a pty as its controlling terminal."""
    os.setsid()
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)


class RawMode:
    """Context manager: raw mode while entered; restores the modes in any case."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        with suppress(termios.error):
            self._before = termios.tcgetattr(self._descriptor)
            tty.setraw(self._descriptor, termios.TCSANOW)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            _set_modes(self._descriptor, self._before)

    def lent_back(self, action: Callable[[], None]) -> None:
        """Call a function with the original modes restored, such as being stopped."""
        self.__exit__()
        action()
        with suppress(termios.error):
            tty.setraw(self._descriptor, termios.TCSANOW)


def _set_modes(descriptor: int, modes: list[Any]) -> None:
    """Set modes, also when our process group is in the background by now."""
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, modes)
    finally:
        signal.signal(signal.SIGTTOU, before)


def suspend_key(pty: int) -> bytes | None:
    """Return the byte that suspends the programs behind a pty; None when none does at present.

    An editor in raw mode receives Ctrl-Z like any other key: then there is none.
    """
    try:
        modes = termios.tcgetattr(pty)
    except termios.error:
        return None
    if not modes[_LOCAL_FLAGS] & termios.ISIG:
        return None
    key = modes[_CONTROL_CHARACTERS][termios.VSUSP]
    return key if isinstance(key, bytes) and key != b"\0" else None


def is_shell_job() -> bool:
    """Say whether a shell with job control started this process in the foreground of its terminal.

    Only such a shell gives what it starts a process group of its own within its own session (POSIX,
    Job Control). Make and scripts leave their children in their own group; a program that opens a
    terminal for another one begins a session.
    """
    parent = os.getppid()
    try:
        group = os.getpgrp()
        is_own = group != os.getpgid(parent) and os.getsid(parent) == os.getsid(0)
        return is_own and os.isatty(0) and os.tcgetpgrp(0) == group
    except OSError:
        return False
