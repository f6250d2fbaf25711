"""A terminal with a person at it: a pty, its keys, its size, and a deadline on everything."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.deadline import deadline


class Terminal:
    """Runs one program as the foreground program of a terminal of its own."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = (24, 80),
        stdin: int | None = None,
    ) -> None:
        self._master, self._slave = os.openpty()
        self.resize(*size)
        self.modes_before = termios.tcgetattr(self._slave)
        self.shown = b""

        def own_terminal() -> None:
            os.setsid()
            fcntl.ioctl(self._slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=self._slave if stdin is None else stdin,
            stdout=self._slave,
            stderr=self._slave,
            preexec_fn=own_terminal,  # noqa: PLW1509  one thread starts it
        )

    def resize(self, rows: int, columns: int) -> None:
        """Change the window's size; programs get SIGWINCH."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self._master, keys)

    def wait_for(self, text: bytes) -> None:
        """Read until the screen has shown `text`."""
        end = time.monotonic() + deadline()
        while text not in self.shown:
            left = end - time.monotonic()
            assert left > 0, f"never shown: {text!r}; shown: {self.shown[-2000:]!r}"
            self._read(min(left, 0.2))

    def _read(self, timeout_s: float) -> bool:
        readable, _, _ = select.select([self._master], [], [], timeout_s)
        if readable:
            self.shown += os.read(self._master, 1 << 16)
        return bool(readable)

    def end(self) -> int:
        """Read on until the program has ended and return its exit code."""
        end = time.monotonic() + deadline()
        while self.process.poll() is None:
            assert time.monotonic() < end, f"did not end; shown: {self.shown[-2000:]!r}"
            self._read(0.05)
        while self._read(0):
            pass
        return self.process.returncode

    def agree(self) -> int:
        """Answer yes to every yes-or-no question until the program ends; return its exit code."""
        answered, end = 0, time.monotonic() + 2 * deadline()
        while self.process.poll() is None:
            assert time.monotonic() < end, f"did not end; shown: {self.shown[-2000:]!r}"
            self._read(0.05)
            while self.shown.count(b"[y/N]") > answered:
                self.press(b"y\n")
                answered += 1
        return self.end()

    @property
    def modes(self) -> list[object]:
        """How the terminal is set now."""
        return list(termios.tcgetattr(self._slave))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(deadline())
        os.close(self._master)
        os.close(self._slave)
