"""Relay output, keys and signals between a running command and our own streams."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final, Self

from signoff_collector.system import terminals as terminal

if TYPE_CHECKING:
    from types import FrameType

    from signoff_collector.capture.runs.wiring import Wiring

_CHUNK: Final = 1 << 16
_MAX_TYPED_AHEAD: Final = 1 << 16
_MAX_DESCRIPTORS: Final = 4_096
_PTY_IDLE_S: Final = 0.1
_PTY_DRAIN_S: Final = 1.0
FORWARDED: Final = (
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
"""Signals that are forwarded to the command when they are sent to us."""
_FROM_KEYS: Final = frozenset({signal.SIGINT, signal.SIGQUIT})


class Relay:
    """Passes output, keys and signals between the command and what we were started with."""

    def __init__(
        self,
        child: int,
        wiring: Wiring,
        sink: Callable[[bytes], None],
        raw_mode: terminal.RawMode,
        *,
        is_shell: bool = False,
        typed: Callable[[bytes], None] | None = None,
    ) -> None:
        self._child = child
        self._wiring = wiring
        self._copies = dict(wiring.copies)
        self._sink: Callable[[bytes], None] | None = sink
        self._typed = bytearray()
        self._status: int | None = None
        self._stack = ExitStack()
        self._wake_in, self._wake_out = os.pipe()
        self._keys = wiring.takes_keys
        self._raw_mode = raw_mode
        self._is_shell = is_shell
        self._tell = typed

    def __enter__(self) -> Self:
        for descriptor in (self._wake_in, self._wake_out):
            os.set_blocking(descriptor, False)
            self._stack.callback(os.close, descriptor)
        self._stack.enter_context(_handling(self._handlers(), self._wake_out))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        for descriptor in self._copies:
            os.close(descriptor)

    def _handlers(self) -> dict[int, Callable[[int, FrameType | None], None]]:
        handlers: dict[int, Callable[[int, FrameType | None], None]] = dict.fromkeys(
            FORWARDED, self._forward
        )
        handlers[signal.SIGCHLD] = _wake_only
        if self._wiring.pty is not None:
            handlers[signal.SIGWINCH] = self._resize
        return handlers

    def _forward(self, number: int, _frame: FrameType | None) -> None:
        """Forward a signal, unless the terminal sent it to the command as well."""
        with suppress(ProcessLookupError, PermissionError):
            if self._wiring.pty is not None:
                os.killpg(self._group(), number)
            elif number not in _FROM_KEYS or not terminal.terminal_reaches_our_group():
                os.kill(self._child, number)

    def _group(self) -> int:
        """Return the pty's foreground process group, the one that Ctrl-C would signal."""
        try:
            return os.tcgetpgrp(self._wiring.pty if self._wiring.pty is not None else -1)
        except OSError:
            return self._child

    def _resize(self, _number: int, _frame: FrameType | None) -> None:
        if self._wiring.pty is not None:
            terminal.copy_window_size(1, self._wiring.pty)

    def until_ended(self) -> int:
        """Relay until the command has ended and all its output is forwarded."""
        while not self._is_over():
            for descriptor in self._ready(None):
                self._serve(descriptor)
        self._drain()
        assert self._status is not None  # noqa: S101  is_over says so
        return self._status

    def _is_over(self) -> bool:
        if self._status is None:
            pid, status = os.waitpid(self._child, os.WNOHANG)
            if pid:
                self._status = status
        return self._status is not None

    def _ready(self, timeout_s: float | None) -> list[int]:
        reading = [self._wake_in, *self._copies]
        if self._keys and len(self._typed) < _MAX_TYPED_AHEAD:
            reading.append(0)
        writing = [self._wiring.pty] if self._typed and self._wiring.pty in self._copies else []
        if self._status is not None:
            reading = list(self._copies)
        readable, writable, _ = select.select(reading, writing, [], timeout_s)
        if writable:
            self._type()
        return list(readable)

    def _serve(self, descriptor: int) -> None:
        if descriptor == self._wake_in:
            with suppress(BlockingIOError):
                os.read(self._wake_in, 512)
        elif descriptor == 0 and self._keys:
            self._take_keys()
        elif descriptor in self._copies:
            self._copy(descriptor)

    def _copy(self, descriptor: int) -> bool:
        """Forward one piece of data; return whether there was one."""
        try:
            piece = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return False
        except OSError:  # EIO: no process has the other side of the pty open any more
            piece = b""
        if not piece or not _write_all(self._copies[descriptor], piece):
            del self._copies[descriptor]
            os.close(descriptor)
        if piece and self._sink is not None:
            try:
                self._sink(piece)
            except Exception:  # noqa: BLE001  a recorder fault never disturbs the command
                self._sink = None
        return bool(piece)

    def _take_keys(self) -> None:
        try:
            keys = os.read(0, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            keys = b""
        pty = self._wiring.pty
        if not keys or pty is None:
            self._keys = False
            return
        if self._tell is not None:
            self._tell(keys)
        may_suspend = len(keys) == 1 and not self._is_shell
        suspend = terminal.suspend_key(pty) if may_suspend else None
        if keys == suspend:
            self._suspend()
        else:
            self._typed += keys
            self._type()

    def _type(self) -> None:
        pty = self._wiring.pty
        if pty is None or pty not in self._copies:
            self._typed.clear()
            return
        try:
            del self._typed[: os.write(pty, self._typed)]
        except BlockingIOError:
            return
        except OSError:
            self._typed.clear()

    def _suspend(self) -> None:
        """Stop the command and ourselves, as Ctrl-Z would; resume when we are continued."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._group(), signal.SIGSTOP)
        self._raw_mode.lent_back(lambda: os.kill(0, signal.SIGTSTP))
        self._resize(signal.SIGWINCH, None)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._group(), signal.SIGCONT)

    def _drain(self) -> None:
        """Forward the remaining output, then keep the pipes working for surviving descendants."""
        if self._wiring.pty is not None:
            end = time.monotonic() + _PTY_DRAIN_S
            while self._copies and time.monotonic() < end and (ready := self._ready(_PTY_IDLE_S)):
                for descriptor in ready:
                    self._serve(descriptor)
            return
        for descriptor in list(self._copies):
            while descriptor in self._copies and self._copy(descriptor):
                pass
        if self._copies:
            _copy_in_background(self._copies)


def _wake_only(_number: int, _frame: FrameType | None) -> None:
    """Handle a signal only so that it interrupts a waiting `select`."""


def _write_all(descriptor: int, piece: bytes) -> bool:
    """Write all bytes, blocking as long as the reader does; return False when it is gone."""
    view = memoryview(piece)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
        except OSError:
            return False
    return True


def _copy_in_background(copies: Mapping[int, int]) -> None:
    """Fork a child that goes on copying for background programs that the command left running.

    Without it their next write would fail with EPIPE, which it would not without the recorder. The
    child keeps nothing else open, above all no lock of the session.
    """
    sys.stdout.flush()
    if os.fork():
        return
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for descriptor in range(3, _MAX_DESCRIPTORS):
            if descriptor not in copies:
                with suppress(OSError):
                    os.close(descriptor)
        left = dict(copies)
        while left:
            readable, _, _ = select.select(list(left), [], [])
            for descriptor in readable:
                piece = os.read(descriptor, _CHUNK)
                if not piece or not _write_all(left[descriptor], piece):
                    os.close(descriptor)
                    del left[descriptor]
    finally:
        os._exit(0)


@contextmanager
def _handling(
    handlers: Mapping[int, Callable[[int, FrameType | None], None]], wake: int
) -> Generator[None]:
    """Install signal handlers while inside; a signal ignored at our start stays ignored."""
    before = {}
    wake_before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    try:
        for number, handler in handlers.items():
            if number == signal.SIGCHLD or signal.getsignal(number) != signal.SIG_IGN:
                before[number] = signal.signal(number, handler)
        yield
    finally:
        for number, handler_before in before.items():
            signal.signal(number, handler_before)
        signal.set_wakeup_fd(wake_before)
