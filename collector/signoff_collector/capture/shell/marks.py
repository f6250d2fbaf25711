"""Split what a shell prints into the outputs of its commands, by marks that the hook prints.

A mark is an OSC 133 escape sequence (shell integration of terminals) that contains a random number
of this pty: `C` where a command's output begins, `D` where it ends. The command itself is not in
the mark; the hook wrote it into its spool. So a program that forged a mark could only misplace its
own output.

The terminal echoes what is typed while a command runs. If a line that begins with a space was typed
ahead, the output that may contain its echo is dropped: such a line is private.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from signoff_collector.capture.runs.output_keeping import OutputKeeper

MAX_MARK_BYTES: Final = 256
_ALTERNATE: Final = re.compile(rb"\x1b\[\?[0-9;]*\b(?:1049|1047|47)h")
_PRIVATE: Final = re.compile(rb"[\r\n][ \t]")
_ALTERNATE_BYTES: Final = 32
"""Bytes kept to find a request for the alternate screen that is split over two pieces."""
_BEGIN: Final = b"\x1b]133;"
_AHEAD_NS: Final = 10**9
"""How long before the mark the keys typed behind Enter may have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The command line that an output belongs to."""

    number: int
    session: str
    spool: str


class OutputCutter:
    """Splits the shell's output, piece by piece, and passes complete command outputs on."""

    def __init__(
        self,
        mark: str,
        give: Callable[[Command, OutputKeeper], None],
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._mark = re.compile(
            rb"\x1b\]133;([CD]);%s;(\d{1,9});([0-9A-Za-z-]{1,40});"
            rb"(shell-\d{1,10}-[0-9a-f]{8}\.spool)(?:;\d{1,3})?\x07" % re.escape(mark.encode())
        )
        self._give = give
        self._now_ns = now_ns
        self._begun_ns = 0
        self._is_line_start = False
        self._private_ns: int | None = None
        self._left = b""
        self._command: Command | None = None
        self._keeper: OutputKeeper | None = None
        self._before = b""

    def take(self, piece: bytes) -> None:
        """Process the next piece."""
        data = self._left + piece
        place = 0
        for match in self._mark.finditer(data):
            self._add(data[place : match.start()])
            self._obey(match)
            place = match.end()
        rest = data[place:]
        keep = _begun_mark(rest)
        self._add(rest[: len(rest) - keep])
        self._left = rest[len(rest) - keep :]

    def typed(self, keys: bytes) -> None:
        """Note keys sent to the shell: when a line that begins with a space was typed."""
        before = b"\r" if self._is_line_start else b""
        if _PRIVATE.search(before + keys):
            self._private_ns = self._now_ns()
        self._is_line_start = keys[-1:] in (b"\r", b"\n")

    def _has_private_echo(self) -> bool:
        return self._private_ns is not None and self._private_ns >= self._begun_ns - _AHEAD_NS

    def _obey(self, match: re.Match[bytes]) -> None:
        named = Command(
            number=int(match[2]), session=match[3].decode("ascii"), spool=match[4].decode("ascii")
        )
        keeper, command = self._keeper, self._command
        self._keeper = self._command = None
        self._before = b""
        if match[1] == b"C":
            self._command, self._keeper = named, OutputKeeper()
            self._begun_ns = self._now_ns()
        elif keeper is not None and command == named and not self._has_private_echo():
            self._give(named, keeper)

    def _add(self, data: bytes) -> None:
        """Keep a part of an output; drop all of it once a program used the alternate screen."""
        if self._keeper is None or not data:
            return
        if _ALTERNATE.search(self._before + data):
            self._keeper = None
            return
        self._before = (self._before + data)[-_ALTERNATE_BYTES:]
        self._keeper.add(data)


def _begun_mark(data: bytes) -> int:
    """Return how many bytes at the end may be the beginning of a mark."""
    place = data.rfind(b"\x1b", max(0, len(data) - MAX_MARK_BYTES))
    if place < 0:
        return 0
    tail = data[place:]
    is_begun = tail.startswith(_BEGIN) or _BEGIN.startswith(tail)
    return len(tail) if is_begun and b"\x07" not in tail else 0
