"""A progress line on a terminal, shown once something takes two seconds."""

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
    """Whether a line can be written and erased on a stream."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class ProgressLine:
    """Written by its own thread, so that it also appears while no progress is reported."""

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
        """Report how much of how many is done."""
        self._told = (done, every)

    def end(self) -> None:
        """Erase the line for good."""
        self._ended.set()
        self._thread.join()
        with self._writing:
            self._erase()

    @contextmanager
    def erased(self) -> Generator[None]:
        """Erase the line while something else is printed."""
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
