"""A real terminal for a real process: sends lines, waits for what is printed."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.deadline import deadline, wait_until


class Terminal:
    """Runs one command on a pseudo-terminal; killed when left."""

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None
    ) -> None:
        self._ours, theirs = pty.openpty()
        self.output = ""
        self._read = 0
        self._is_closed = False
        self._process = subprocess.Popen(
            list(argv),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def expect(self, text: str) -> str:
        """Wait until `text` is printed; return what came up to its end since the last call."""

        def is_there() -> bool:
            found = self.output.find(text, self._read) >= 0
            if not found and self._is_closed:
                raise AssertionError(f"never printed {text!r}; the end:\n{self.output[-3000:]}")
            return found or self._take()

        wait_until(is_there, f"the terminal shows {text!r}; so far:\n{self.output[-3000:]}")
        place = self.output.find(text, self._read) + len(text)
        seen = self.output[self._read : place]
        self._read = place
        return seen

    def send(self, line: str) -> None:
        """Type a line and Enter."""
        os.write(self._ours, f"{line}\n".encode())

    def end(self) -> int:
        """Wait for the end of the process and return its exit code."""
        wait_until(lambda: self._take() or self._is_closed, "the process closes its terminal")
        return self._process.wait(deadline())

    def _take(self) -> bool:
        """Read what there is; never true, so that a condition goes on being asked."""
        ready, _, _ = select.select([self._ours], [], [], 0.1)
        if ready:
            try:
                content = os.read(self._ours, 65536)
            except OSError:
                content = b""
            self._is_closed = not content
            self.output += content.decode("utf-8", "replace").replace("\r\n", "\n")
        return False
