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
_COUNTED: Final = 1000
"""More than this is told in percent: bytes, records."""
_MINUTE_S: Final = 90


def shows_progress(stream: TextIO) -> bool:
    """Whether a line can be written and erased on a stream."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def seconds_left(done: int, every: int, told_s: float, now_s: float) -> float | None:
    """Return how long the rest takes if it goes on as it went; None where nothing tells that.

    Args:
        done: parts that were done when it was last told.
        every: all parts.
        told_s: seconds from the beginning to then.
        now_s: seconds from the beginning to now; the rest shrinks while nothing is told.
    """
    if not 0 < done < every:
        return None
    left = told_s * (every - done) / done - (now_s - told_s)
    return left if left >= 1 else None


class ProgressLine:
    """Written by its own thread, so that it also appears while no progress is reported."""

    def __init__(self, stream: TextIO, title: str, *, after_s: float = AFTER_S) -> None:
        self._stream = stream
        self._title = title
        self._began = time.monotonic()
        self._told = (0, 0, 0.0)
        self._ended = threading.Event()
        self._writing = threading.Lock()
        self._is_shown = False
        self._thread = threading.Thread(target=self._run, args=(after_s,), daemon=True)
        self._thread.start()

    def tell(self, done: int, every: int) -> None:
        """Report how much of how many is done; told again, it is as old as it was."""
        if self._told[:2] != (done, every):
            self._told = (done, every, time.monotonic() - self._began)

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
        done, every, told_s = self._told
        now_s = time.monotonic() - self._began
        far = f"{100 * done // every} %" if every > _COUNTED else f"{done} of {every}"
        left_s = seconds_left(done, every, told_s, now_s)
        left = "" if left_s is None else f", about {_duration(left_s)} left"
        line = f"{self._title}: {f'{far}, ' if every else ''}{now_s:.0f} s{left}"
        return line[: shutil.get_terminal_size().columns - 1]

    def _erase(self) -> None:
        if self._is_shown:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._is_shown = False


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _MINUTE_S else f"{seconds / 60:.0f} min"
