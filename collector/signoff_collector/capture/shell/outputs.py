"""Append the output of a command to the spool in which the hook noted its command line."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.spool import MAX_FIELD_BYTES
from signoff_collector.capture.opt_in.secret_words import names_a_secret
from signoff_collector.capture.opt_in.workspaces import find_workspace
from signoff_collector.capture.sessions.sessions import read_session
from signoff_collector.capture.shell.spool import nanoseconds, records_in
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.system.files.opening import open_to_write

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.capture.runs.output_keeping import OutputKeeper
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.capture.shell.marks import Command
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

MAX_SPOOL_BYTES: Final = 48 << 20
"""A larger spool gets no more outputs, so that it stays below the size that readers accept."""
_VOIDING: Final = frozenset({"pause", "disable", "forget", "stop"})
"""Requests after which the output of a command that was running is dropped."""
_TICK_NS: Final = 10**7
"""Resolution of the time since boot that the hook can read (`/proc/uptime`)."""
_WAIT_S: Final = 5.0
_OF_FISH: Final = re.compile(
    r"\A\x1b\[\?2004l(?:\x1b\]0;[^\x07]*\x07)?(?:\x1b\[30m\x1b\(B\x1b\[m)?\r?(?!\n)"
)
"""What fish prints between its event and the command: paste mode, title, colours."""
_OF_ZSH: Final = re.compile(
    r"(?:\x1b\[1m\x1b\[7m[%#]\x1b\[27m\x1b\[1m\x1b\[0m|(?<![^\n])[%#]) +\r \r\Z"
)
"""What zsh prints between the command and its hooks, to start its prompt in column 1."""


class OutputWriter:
    """Masks and writes outputs on its own thread, so that the terminal never waits for it."""

    def __init__(self, home: Home, clock: Clock) -> None:
        self._home = home
        self._clock = clock
        self._queue: SimpleQueue[tuple[Command, OutputKeeper, int] | None] = SimpleQueue()
        self._thread: Thread | None = None

    def give(self, command: Command, keeper: OutputKeeper) -> None:
        """Queue a complete output; returns at once."""
        if self._thread is None:
            self._thread = Thread(target=self._write_all, name="outputs", daemon=True)
            self._thread.start()
        self._queue.put((command, keeper, self._clock.boot_ns()))

    def close(self) -> None:
        """Wait for a short time until the queue is written."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(_WAIT_S)

    def _write_all(self) -> None:
        while (given := self._queue.get()) is not None:
            with suppress(Exception):  # a fault of ours never reaches the shell
                self._write(*given)

    def _write(self, command: Command, keeper: OutputKeeper, ended_ns: int) -> None:
        session = read_session(self._home.sessions / command.session)
        path = session.folder / command.spool
        hold = session.hold()
        try:
            line = _line_of(path, command.number)
            if line is not None and not _is_void(session, line.begun_ns, ended_ns):
                cwd, text = line.cwd, line.text
                mask = self._mask(session, Path(cwd), text)
                if mask is not None:
                    _append(path, _record(command.number, keeper, mask))
                    hold.beat(ended_ns)
        finally:
            hold.release()

    def _mask(self, session: Session, cwd: Path, line: str) -> Callable[[str], str] | None:
        """Return what masks an output of this line; None when the output may not be kept."""
        from signoff_collector.capture.opt_in.policy import Policy
        from signoff_collector.known_values.credential_stores import allowed_stores
        from signoff_collector.known_values.exact_values import gather_exact_values

        workspace = find_workspace(self._home, cwd, clock=self._clock)
        if workspace is None:
            return None
        policy = Policy.for_workspace(workspace)
        if names_a_secret((line,), cwd, policy, is_shell_line=True):
            return None
        stores = allowed_stores(self._home)
        return gather_exact_values(os.environ, session.root, stores=stores).mask_text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What the hook wrote about one command line."""

    cwd: str
    text: str
    begun_ns: int
    """Since boot; 0 where the hook could not read it."""


def _line_of(path: Path, number: int) -> _Line | None:
    """Return a command line, if the hook recorded it."""
    data = read_regular(path, max_bytes=MAX_SPOOL_BYTES)
    for found in records_in(data):
        if found.kind == "begin" and found.fields[0] == str(number):
            uptime_ns = nanoseconds(found.fields[1])
            begun_ns = 0 if uptime_ns is None else uptime_ns
            return _Line(cwd=found.fields[3], text=found.fields[5], begun_ns=begun_ns)
    return None


def _is_void(session: Session, begun_ns: int, ended_ns: int) -> bool:
    """Whether a request made while a command ran forbids keeping its output."""
    return any(
        line.verb in _VOIDING and begun_ns - _TICK_NS <= line.t_boot_ns <= ended_ns
        for line in session.control_lines()
    )


def _record(number: int, keeper: OutputKeeper, mask: Callable[[str], str]) -> bytes:
    kept = keeper.finish(mask)
    head = _OF_FISH.sub("", kept.head)
    head, tail = (head, _OF_ZSH.sub("", kept.tail)) if kept.tail else (_OF_ZSH.sub("", head), "")
    lost = len(kept.head.encode()) + len(kept.tail.encode()) - len(head.encode())
    output_bytes = kept.output_bytes - lost + len(tail.encode())
    words = (
        "", "output", "7", str(number), kept.output_state, str(output_bytes),
        head, tail, str(kept.middle_bytes), str(kept.middle_lines),
    )  # fmt: skip
    fields = [word.replace("\0", "\N{REPLACEMENT CHARACTER}").encode() for word in words]
    return b"" if max(map(len, fields)) > MAX_FIELD_BYTES else b"\0".join((*fields, b""))


def _append(path: Path, data: bytes) -> None:
    descriptor = open_to_write(path, os.O_APPEND)
    try:
        if os.fstat(descriptor).st_size + len(data) <= MAX_SPOOL_BYTES:
            os.write(descriptor, data)
    finally:
        os.close(descriptor)
