"""One line on a terminal that says how far something is, once it takes two seconds."""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Generator

AFTER_S: Final = 2.0
_EVERY_S: Final = 0.2
_ERASE: Final = "\r\x1b[2K"


def shows_progress(stream: TextIO) -> bool:
    """Say whether a line may be written and taken back there."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class ProgressLine:
    """Written by a thread of its own, so that it also shows while nothing is told."""

    def __init__(self, stream: TextIO, title: str, *, after_s: float = AFTER_S) -> None:
        self._stream = stream
        self._title = title
        self._told = (0, 0)
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._writing = threading.Lock()
        self._is_shown = False
        self._thread = threading.Thread(target=self._run, args=(after_s,), daemon=True)
        self._thread.start()

    def tell(self, done: int, every: int) -> None:
        """Take how much of how many is done."""
        self._told = (done, every)

    def end(self) -> None:
        """Take the line away for good."""
        self._ended.set()
        self._thread.join()
        with self._writing:
            self._erase()

    @contextmanager
    def erased(self) -> Generator[None]:
        """Take the line away while something else is printed."""
        with self._writing:
            self._erase()
            yield

    def _run(self, after_s: float) -> None:
        wait_s = after_s
        while not self._ended.wait(wait_s):
            with self._writing:
                self._stream.write(f"{_ERASE}{self._line()}")
                self._stream.flush()
                self._is_shown = True
            wait_s = _EVERY_S

    def _line(self) -> str:
        done, every = self._told
        far = f" {done} of {every}," if every else ""
        line = f"{self._title}:{far} {time.monotonic() - self._began:.0f} s"
        return line[: shutil.get_terminal_size().columns - 1]

    def _erase(self) -> None:
        if self._is_shown:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._is_shown = False
