"""Children, signals and detached programs, as far as systems differ in them."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio
    import subprocess
    from collections.abc import Callable

if sys.platform == "win32":
    from signoff_collector.system.windows import exchange_by_threads, program_folders

    SYSTEM_FOLDERS: Final[tuple[str, ...]] = program_folders()
    SYSTEM_VARIABLES: Final = frozenset(
        {"APPDATA", "COMSPEC", "LOCALAPPDATA", "PATHEXT", "SYSTEMROOT", "TEMP", "TMP",
         "USERNAME", "USERPROFILE"}
    )  # fmt: skip
    PROGRAM_SUFFIX: Final = ".exe"
    ENDING: Final[tuple[signal.Signals, ...]] = (signal.SIGTERM, signal.SIGBREAK)
    INTERRUPTING: Final = signal.SIGBREAK
else:
    SYSTEM_FOLDERS: Final[tuple[str, ...]] = (
        "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", "/bin", "/run/current-system/sw/bin",
    )  # fmt: skip
    SYSTEM_VARIABLES: Final = frozenset[str]()
    PROGRAM_SUFFIX: Final = ""
    ENDING: Final[tuple[signal.Signals, ...]] = (signal.SIGTERM, signal.SIGHUP)
    INTERRUPTING: Final = signal.SIGUSR1
"""`SYSTEM_FOLDERS`: where programs lie that no workspace can write. `SYSTEM_VARIABLES`: without
them no program starts. `ENDING`: what ends a process that a person did not end. `INTERRUPTING`:
a signal that nothing else here uses."""


class LimitError(Exception):
    """A child exceeded one of its limits."""


def exchange(
    process: subprocess.Popen[bytes], stdin: bytes, end: float, max_bytes: int
) -> tuple[bytes, bytes]:
    """Write a child's input and read both its outputs until they close.

    Args:
        process: all three of its streams are pipes, or it has no input.
        stdin: what it reads.
        end: by `time.monotonic`.
        max_bytes: of one output.

    Raises:
        LimitError: it took too long, or wrote too much.
    """
    if sys.platform == "win32":
        found = exchange_by_threads(process, stdin, max(0.0, end - time.monotonic()), max_bytes)
        if isinstance(found, str):
            raise LimitError(found)
        return found
    assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018
    collected: dict[IO[bytes], bytearray] = {
        process.stdout: bytearray(),
        process.stderr: bytearray(),
    }
    waiting = memoryview(stdin)
    with selectors.DefaultSelector() as selector:
        for stream in collected:
            selector.register(stream, selectors.EVENT_READ)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        while selector.get_map():
            left_s = end - time.monotonic()
            if left_s <= 0:
                raise LimitError("took too long")
            for key, _ in selector.select(left_s):
                if key.fileobj is process.stdin:
                    waiting = _feed(process.stdin, waiting, selector)
                    continue
                stream = process.stdout if key.fileobj is process.stdout else process.stderr
                piece = os.read(stream.fileno(), 1 << 16)
                if not piece:
                    selector.unregister(stream)
                collected[stream] += piece
                if len(collected[stream]) > max_bytes:
                    raise LimitError(f"wrote more than {max_bytes} bytes")
    return bytes(collected[process.stdout]), bytes(collected[process.stderr])


def _feed(
    pipe: IO[bytes] | None, waiting: memoryview, selector: selectors.BaseSelector
) -> memoryview:
    assert pipe is not None  # noqa: S101
    try:
        waiting = waiting[os.write(pipe.fileno(), waiting[: 1 << 16]) :]
    except BlockingIOError:
        return waiting
    except BrokenPipeError:
        waiting = waiting[:0]
    if not waiting:
        selector.unregister(pipe)
        pipe.close()
    return waiting


def end_child(process: subprocess.Popen[bytes], *, has_group: bool) -> None:
    """Kill a child, and its process group if it has its own."""
    try:
        if process.returncode is not None:
            return
        if has_group and sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass


def detached(argv: Sequence[str | Path], *, is_quiet: bool) -> list[str | Path]:
    """Return the command that starts another one and ends at once, so that nobody waits for it.

    Args:
        argv: the program by its absolute path, and its arguments.
        is_quiet: run it at low priority.
    """
    nice = "nice -n 10 " if is_quiet else ""
    return ["/bin/sh", "-c", f'{nice}"$@" </dev/null >/dev/null 2>&1 &', "sh", *argv]


def call_when_ended(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Have a loop call something when the person or the system ends this process."""
    for number in (signal.SIGINT, *ENDING):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(call))
        else:
            loop.add_signal_handler(number, call)
