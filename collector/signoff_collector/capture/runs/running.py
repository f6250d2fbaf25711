"""Run the developer's command as a shell would, with a copy of its output for the recorder.

On a terminal the command gets a pty, so that colours, Ctrl-C, Ctrl-Z and resizing work as without
the recorder; elsewhere pipes stay pipes and standard input is inherited. If the recorder's `sink`
fails, neither the command, nor its output, nor its exit code is affected.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Final, NoReturn

from signoff_collector.capture.runs.relaying import FORWARDED, Relay
from signoff_collector.capture.runs.wiring import Wiring, wire
from signoff_collector.system import terminals as terminal
from signoff_collector.system.hardening import before_hardening, undo

NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a command ended."""

    exit_code: int
    """By shell convention: 126 and 127 when it could not be run, 128+n for signal n."""
    signal: int | None
    is_started: bool
    """False when the program does not exist or could not be executed."""
    has_terminal: bool
    duration_ns: int


def exec_unrecorded(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Replace this process by the command; return an exit code only if that fails."""
    _undo_our_setup()
    return _say_failure(argv, _execute(argv, environ))


def run_command(
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    sink: Callable[[bytes], None],
    meanwhile: Callable[[], None] | None = None,
    is_shell: bool = False,
    typed: Callable[[bytes], None] | None = None,
) -> Ending:
    """Run a command to its end, forwarding its output and passing each piece of it to `sink`.

    Must be called in the main thread, since signals are forwarded while it runs, and with no other
    thread running yet. `meanwhile` is called once when the command was started or failed to start.
    A shell gets Ctrl-Z like any other key, since it stops its own jobs with it. `typed` is called
    with keys before they are forwarded, and must not fail.
    """
    begun_ns = time.monotonic_ns()
    fill_closed_streams()
    wiring = wire()
    failure_in, failure_out = os.pipe()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
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
        if meanwhile is not None:
            meanwhile()
        if error:
            os.waitpid(child, 0)
            wiring.close()
            stack.close()
            code = _say_failure(argv, error)
            return _ending(code, None, begun_ns, is_started=False, has_terminal=False)
        relay = stack.enter_context(
            Relay(child, wiring, sink, raw_mode, is_shell=is_shell, typed=typed)
        )
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


def fill_closed_streams() -> None:
    """Open /dev/null on closed standard descriptors, so that no pipe of ours gets there."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free descriptor: this one


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


def _become(
    argv: Sequence[str],
    environ: Mapping[str, str],
    wiring: Wiring,
    failure_out: int,
    mask: set[signal.Signals],
) -> NoReturn:
    """Turn the forked child into the command; on failure send the reason to `failure_out`."""
    error = errno.ENOEXEC
    try:
        if wiring.pty is not None:
            terminal.own_controlling_terminal(wiring.child[1])
        for stream, descriptor in wiring.child.items():
            os.dup2(descriptor, stream)
        _undo_our_setup()
        for number in FORWARDED:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        error = _execute(argv, environ)
    finally:
        os.write(failure_out, error.to_bytes(4, "little"))
        os._exit(NOT_EXECUTABLE)


def _undo_our_setup() -> None:
    """Restore the umask, limits and signals that the command would have without us."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    found = before_hardening()
    if found is None:
        return
    undo(found)


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
def _blocked_signals() -> Generator[set[signal.Signals]]:
    """Block signals while the command is being started; yield its original mask."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*FORWARDED, signal.SIGCHLD})
    mask = {signal.Signals(number) for number in before}
    try:
        yield mask
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask - {signal.SIGCHLD})
