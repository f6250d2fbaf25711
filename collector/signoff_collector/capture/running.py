"""Run the developer's command as a shell would, with a copy of its output for the recorder.

On a terminal the command gets a pty, so that colours, Ctrl-C, Ctrl-Z and resizing work as without
us; elsewhere pipes stay pipes and standard input is simply inherited. The recorder's `sink` may
fail as it likes: nothing of it reaches the command, its output or its exit code.
"""

from __future__ import annotations

import errno
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn, Self

from signoff_collector.capture import terminal
from signoff_collector.hardening import before_hardening

if TYPE_CHECKING:
    from types import FrameType

NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126
_CHUNK: Final = 1 << 16
_MAX_TYPED_AHEAD: Final = 1 << 16
_MAX_DESCRIPTORS: Final = 4_096
_PTY_IDLE_S: Final = 0.1
_PTY_DRAIN_S: Final = 1.0
_FORWARDED: Final = (
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
_FROM_KEYS: Final = frozenset({signal.SIGINT, signal.SIGQUIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a command ended."""

    exit_code: int
    """As a shell says it: 126 and 127 when it could not be run, 128+n for signal n."""
    signal: int | None
    is_started: bool
    """False when there was no such program, or it could not be executed."""
    has_terminal: bool
    duration_ns: int


@dataclass(slots=True, kw_only=True)
class _Wiring:
    """The descriptors between us and the command."""

    child: dict[int, int] = field(default_factory=dict)
    """Standard descriptor of the command to the one it is made from."""
    copies: dict[int, int] = field(default_factory=dict)
    """Descriptor we read to the one we write what was read to."""
    pty: int | None = None
    takes_keys: bool = False


def exec_unrecorded(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Become the command; return an exit code only when that is impossible."""
    _undo_our_setup()
    return _say_failure(argv, _execute(argv, environ))


def run_command(
    argv: Sequence[str], environ: Mapping[str, str], *, sink: Callable[[bytes], None]
) -> Ending:
    """Run a command to its end, passing its output on and each piece of it to `sink`.

    To be called in the main thread, since signals are forwarded while it runs.
    """
    begun_ns = time.monotonic_ns()
    wiring = _wire()
    failure_in, failure_out = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    raw_mode = terminal.RawMode(0)
    with ExitStack() as stack, _blocked_signals() as mask_before:
        if wiring.takes_keys:
            stack.enter_context(raw_mode)
        child = os.fork()
        if child == 0:
            _become(argv, environ, wiring, failure_out, mask_before)
        for descriptor in {failure_out, *wiring.child.values()}:
            os.close(descriptor)
        error = _read_failure(failure_in)
        if error:
            os.waitpid(child, 0)
            _close_all(wiring)
            stack.close()
            code = _say_failure(argv, error)
            return _ending(code, None, begun_ns, is_started=False, has_terminal=False)
        relay = stack.enter_context(_Relay(child, wiring, sink, raw_mode))
        stack_of_run = stack.pop_all()
    with stack_of_run:
        status = relay.until_ended()
    exit_code = os.waitstatus_to_exitcode(status)
    number = -exit_code if exit_code < 0 else None
    return _ending(
        exit_code if number is None else 128 + number,
        number,
        begun_ns,
        is_started=True,
        has_terminal=wiring.pty is not None,
    )


def _ending(
    exit_code: int, number: int | None, begun_ns: int, *, is_started: bool, has_terminal: bool
) -> Ending:
    return Ending(
        exit_code=exit_code,
        signal=number,
        is_started=is_started,
        has_terminal=has_terminal,
        duration_ns=time.monotonic_ns() - begun_ns,
    )


def _wire() -> _Wiring:
    """Decide between a pty and pipes."""
    wiring = _Wiring()
    if terminal.is_terminal(1) and (not terminal.is_terminal(0) or terminal.is_in_foreground(0)):
        with suppress(OSError):
            _wire_pty(wiring)
            return wiring
    _wire_pipes(wiring, (1, 2))
    return wiring


def _wire_pty(wiring: _Wiring) -> None:
    ours, theirs = os.openpty()
    terminal.copy_settings(1, theirs)
    os.set_blocking(ours, False)
    wiring.pty = ours
    wiring.takes_keys = terminal.is_terminal(0)
    wiring.copies[ours] = 1
    wiring.child[1] = theirs
    if wiring.takes_keys:
        wiring.child[0] = theirs
    if terminal.is_terminal(2):
        wiring.child[2] = theirs
    else:
        _wire_pipes(wiring, (2,))


def _wire_pipes(wiring: _Wiring, streams: Sequence[int]) -> None:
    """Give each stream a pipe; one for both when both lead to the same place, to keep the order."""
    made: dict[tuple[int, int], int] = {}
    for stream in streams:
        try:
            place = os.fstat(stream)
        except OSError:
            continue
        key = (place.st_dev, place.st_ino)
        if key not in made:
            reading, made[key] = os.pipe()
            os.set_blocking(reading, False)
            wiring.copies[reading] = stream
        wiring.child[stream] = made[key]


def _close_all(wiring: _Wiring) -> None:
    for descriptor in wiring.copies:
        os.close(descriptor)


def _become(
    argv: Sequence[str],
    environ: Mapping[str, str],
    wiring: _Wiring,
    failure_out: int,
    mask: set[signal.Signals],
) -> NoReturn:
    """Turn the forked child into the command; say why not through `failure_out`."""
    error = errno.ENOEXEC
    try:
        if wiring.pty is not None:
            terminal.own_controlling_terminal(wiring.child[1])
        for stream, descriptor in wiring.child.items():
            os.dup2(descriptor, stream)
        _undo_our_setup()
        for number in _FORWARDED:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        error = _execute(argv, environ)
    finally:
        os.write(failure_out, error.to_bytes(4, "little"))
        os._exit(NOT_EXECUTABLE)


def _undo_our_setup() -> None:
    """Give the command the umask, limits and signals it would have without us."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    found = before_hardening()
    if found is None:
        return
    os.umask(found.umask)
    with suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (found.core_soft_limit, hard))


def _execute(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Replace this process by the command; return the error number when that fails."""
    if not argv[0]:
        return errno.ENOENT
    try:
        os.execvpe(argv[0], list(argv), dict(environ))  # noqa: S606  the person's own command
    except OSError as error:
        failure = error.errno or errno.ENOEXEC
    if failure == errno.ENOEXEC:  # a script without `#!` is the shell's, as in a shell
        with suppress(OSError):
            os.execve("/bin/sh", ["sh", *argv], dict(environ))  # noqa: S606
    return failure


def _read_failure(descriptor: int) -> int:
    """Return the child's error number, or 0 once the command runs."""
    with os.fdopen(descriptor, "rb") as reading:
        return int.from_bytes(reading.read(4), "little")


def _say_failure(argv: Sequence[str], error: int) -> int:
    is_missing = error in {errno.ENOENT, errno.ENOTDIR}
    reason = "command not found" if is_missing else os.strerror(error)
    text = f"signoff: {argv[0]}: {reason}\n"
    with suppress(OSError):
        os.write(2, text.encode("utf-8", "surrogateescape"))
    return NOT_FOUND if is_missing else NOT_EXECUTABLE


@contextmanager
def _blocked_signals() -> Iterator[set[signal.Signals]]:
    """Hold signals back while the command is being started; yield the mask it should have."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*_FORWARDED, signal.SIGCHLD})
    mask = {signal.Signals(number) for number in before}
    try:
        yield mask
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask - {signal.SIGCHLD})


class _Relay:
    """Passes output, keys and signals between the command and what we were started with."""

    def __init__(
        self,
        child: int,
        wiring: _Wiring,
        sink: Callable[[bytes], None],
        raw_mode: terminal.RawMode,
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
            _FORWARDED, self._forward
        )
        handlers[signal.SIGCHLD] = lambda *_: None
        if self._wiring.pty is not None:
            handlers[signal.SIGWINCH] = self._resize
        return handlers

    def _forward(self, number: int, _frame: FrameType | None) -> None:
        """Pass a signal on, unless the terminal gave it to the command as well."""
        with suppress(ProcessLookupError, PermissionError):
            if self._wiring.pty is not None:
                os.killpg(self._group(), number)
            elif number not in _FROM_KEYS or not terminal.terminal_reaches_our_group():
                os.kill(self._child, number)

    def _group(self) -> int:
        """Return the process group in front of the pty, as Ctrl-C would find it."""
        try:
            return os.tcgetpgrp(self._wiring.pty if self._wiring.pty is not None else -1)
        except OSError:
            return self._child

    def _resize(self, _number: int, _frame: FrameType | None) -> None:
        if self._wiring.pty is not None:
            terminal.copy_window_size(1, self._wiring.pty)

    def until_ended(self) -> int:
        """Relay until the command has ended and all it wrote is passed on."""
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
        """Pass one piece on; return whether there was one."""
        try:
            piece = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return False
        except OSError:  # EIO: nobody holds the other side of the pty any more
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
        suspend = terminal.suspend_key(pty) if len(keys) == 1 else None
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
        """Stop the command and ourselves, as Ctrl-Z would; go on when we are continued."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._group(), signal.SIGSTOP)
        self._raw_mode.lent_back(lambda: os.kill(0, signal.SIGTSTP))
        self._resize(signal.SIGWINCH, None)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._group(), signal.SIGCONT)

    def _drain(self) -> None:
        """Pass on what the ended command left, then leave its descendants a way to write."""
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


def _write_all(descriptor: int, piece: bytes) -> bool:
    """Write everything, waiting as long as the reader does; return False when it is gone."""
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
    """Let a child go on copying for programs that the command left running.

    Without it their next write would fail, which it would not without us. The child keeps nothing
    else open, above all no lock of the session.
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
) -> Iterator[None]:
    """Handle signals while inside; one that was ignored when we started stays ignored."""
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
