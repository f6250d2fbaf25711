"""Readers: processes that read what strangers sent, each with limits on memory and time.

They are spawned, not forked: a fork would keep the sockets of the node open. A reader that is
gone or too slow is replaced; what it says comes back as JSON, since a pickle of a process that a
stranger's bytes may have taken over could run anything here.
"""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Pipe, wait
from pathlib import Path
from queue import Empty, LifoQueue
from threading import BoundedSemaphore, Thread
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from signoff_hub.admitting.examining import Examined, examine
from signoff_schemas.errors import ChildFailedError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    Examine = Callable[[Path, int], Examined]

_READY: Final = b"ready"
_START_S: Final = 60.0
_MAX_SAID_BYTES: Final = 1 << 20
_MOST_READ: Final = 200
"""Episodes after which a reader is replaced, so that memory it keeps does not add up."""


class ReaderDiedError(SignoffError):
    """The reader ended, or had to be ended, while it read."""


class Readers:
    """At most so many readers at once; started when they are needed. Close them."""

    def __init__(
        self,
        most: int,
        *,
        memory_bytes: int,
        cpu_s: int,
        wall_s: float,
        task: Examine = examine,
    ) -> None:
        """Start nothing yet.

        Args:
            most: how many may read at once.
            memory_bytes: address space of one reader.
            cpu_s: what one episode may take.
            wall_s: how long one episode may take on a busy machine.
            task: what they do; only tests give another.
        """
        self._limits: Final = (memory_bytes, cpu_s)
        self._wall_s: Final = wall_s
        self._task: Final = task
        self._turns: Final = BoundedSemaphore(most)
        self._idle: Final = LifoQueue[_Reader]()

    def examine(self, path: Path, *, max_bytes: int) -> Examined:
        """Have an episode read; waits for a reader.

        Raises:
            ReaderDiedError: it died of it, or took too long.
            ChildFailedError: no reader can be started.
        """
        with self._turns:
            reader = self._borrow()
            try:
                examined = reader.examine(path, max_bytes, self._wall_s)
            except BaseException:
                reader.end()
                raise
            if reader.count < _MOST_READ:
                self._idle.put(reader)
            else:
                reader.end()
            return examined

    def close(self) -> None:
        """End those that are idle; those at work end with this process."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().end()

    def _borrow(self) -> _Reader:
        with suppress(Empty):
            while True:
                reader = self._idle.get_nowait()
                if reader.is_alive():
                    return reader
                reader.end()
        return _Reader(self._task, self._limits)


class _Reader:
    """One process."""

    def __init__(self, task: Examine, limits: tuple[int, int]) -> None:
        context = get_context("spawn")
        self._pipe, theirs = Pipe()
        self._process: SpawnProcess = context.Process(
            target=_work, args=(theirs, task, *limits), daemon=True
        )
        self.count = 0
        try:
            with _no_loader_settings():
                self._process.start()
        finally:
            theirs.close()
        try:
            said = self._hear(_START_S)
        except ReaderDiedError:
            self.end()
            raise ChildFailedError(
                "a reader of episodes ended before it began",
                hint="There may be too little memory: hub.toml, `reader_memory_mib`.",
            ) from None
        if said != _READY:
            self.end()
            raise ChildFailedError("a reader of episodes did not begin")

    def examine(self, path: Path, max_bytes: int, wall_s: float) -> Examined:
        self.count += 1
        try:
            self._pipe.send_bytes(json.dumps([str(path), max_bytes]).encode())
        except OSError:
            raise ReaderDiedError("the reader is gone") from None
        try:
            return Examined.model_validate_json(self._hear(wall_s))
        except ValidationError:
            raise ReaderDiedError("the reader says what no reader says") from None

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()

    def _hear(self, wall_s: float) -> bytes:
        if not wait([self._pipe, self._process.sentinel], wall_s):
            raise ReaderDiedError("the reader took too long")
        try:
            if self._pipe.poll():
                return self._pipe.recv_bytes(_MAX_SAID_BYTES)
        except (EOFError, OSError):
            pass
        raise ReaderDiedError("the reader died")


@contextmanager
def _no_loader_settings() -> Generator[None]:
    """Hand on nothing that makes the loader run code, and no threads that take address space."""
    names = [name for name in os.environ if name.startswith(("LD_", "DYLD_"))]
    kept = {name: os.environ.pop(name) for name in names}
    threads = os.environ.get("OPENBLAS_NUM_THREADS")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        os.environ.update(kept)
        if threads is None:
            del os.environ["OPENBLAS_NUM_THREADS"]
        else:
            os.environ["OPENBLAS_NUM_THREADS"] = threads


def _work(pipe: Connection, task: Examine, memory_bytes: int, cpu_s: int) -> None:
    """Read episodes as they come, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _limit_for_good(memory_bytes)
    with suppress(EOFError, OSError):
        pipe.send_bytes(_READY)
        while True:
            path, max_bytes = json.loads(pipe.recv_bytes())
            _limit_next(cpu_s)
            pipe.send_bytes(task(Path(path), max_bytes).model_dump_json().encode())


def _limit_for_good(memory_bytes: int) -> None:
    """Take no more memory than this, write no file, leave no core behind."""
    import resource

    for limit, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (lower, lower))


def _limit_next(cpu_s: int) -> None:
    """Let the next episode take so many seconds of the processor; it dies of more."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + cpu_s, hard))


def _end_with_parent() -> None:
    """End this reader, in the middle of an episode too, when its node is gone."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
