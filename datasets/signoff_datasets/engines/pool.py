"""Processes on this machine that may die: who held which task is known, so one task is lost."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Pipe, wait
from threading import Thread
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from signoff_datasets.engines.attempts import (
    Raised,
    Turns,
    attempt,
    pack,
    set_aside_raised,
    unpack,
)
from signoff_datasets.engines.interface import Done, SetAside
from signoff_schemas.errors import ChildFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

Given = TypeVar("Given")
Made = TypeVar("Made")

_STARTS: Final = 3
"""Workers in a row that may end before they are ready for a first task."""
_READY: Final = b"ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolEngine:
    """Runs tasks in processes of this machine."""

    workers: int

    def run(
        self, task: Callable[[Given], Made], inputs: Sequence[Given]
    ) -> Iterator[Done[Made] | SetAside]:
        """Yield what became of each input, as they end.

        A worker has one task at a time and the next is sent when it has ended, so memory does not
        grow with the number of inputs. When the caller stops, is interrupted or dies, the workers
        end.

        Raises:
            ChildFailedError: workers cannot be started.
        """
        run = _Run[Given, Made](
            task=pack(task),
            inputs=inputs,
            turns=Turns(count=len(inputs)),
            most=max(1, min(self.workers, len(inputs))),
        )
        try:
            yield from run.outcomes()
        finally:
            run.end()


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    ready: bool = False
    index: int | None = None
    """Of the task it works on."""

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()


@dataclass(slots=True, kw_only=True)
class _Run(Generic[Given, Made]):
    task: bytes
    inputs: Sequence[Given]
    most: int
    turns: Turns
    workers: list[_Worker] = field(default_factory=list[_Worker])
    bad_starts: int = 0

    def outcomes(self) -> Iterator[Done[Made] | SetAside]:
        yield from self._give_out()
        while self.workers:
            spoke = wait([end for one in self.workers for end in (one.pipe, one.process.sentinel)])
            heard = [
                worker
                for worker in self.workers
                if worker.pipe in spoke or worker.process.sentinel in spoke
            ]
            for worker in heard:
                outcome = self._hear(worker)
                if outcome is not None:
                    yield outcome
            yield from self._give_out()

    def end(self) -> None:
        while self.workers:
            self.workers.pop().end()

    def _hear(self, worker: _Worker) -> Done[Made] | SetAside | None:
        try:
            if not worker.pipe.poll():
                return self._lose(worker)
            said = worker.pipe.recv_bytes()
        except (EOFError, OSError):
            return self._lose(worker)
        index, worker.index = worker.index, None
        if index is None:
            worker.ready, self.bad_starts = said == _READY, 0
            return None
        answer: bytes | Raised = unpack(said)
        return self.turns.answered(index, answer)

    def _lose(self, worker: _Worker) -> SetAside | None:
        """Put what a dead worker held among those to be tried again."""
        self.workers.remove(worker)
        worker.end()
        index = worker.index
        if index is None:
            self.bad_starts += not worker.ready
            if self.bad_starts >= _STARTS:
                raise ChildFailedError(
                    f"{self.bad_starts} workers in a row ended before they began",
                    hint="See what they printed above; there may be too little memory.",
                )
            return None
        return self.turns.died(index)

    def _give_out(self) -> Iterator[SetAside]:
        """Give each idle worker a task; start those that are missing, end those without work."""
        for worker in [one for one in self.workers if one.ready and one.index is None]:
            yield from self._give(worker)
        waiting = self.turns.waiting()
        while len(self.workers) < min(self.most, waiting):
            self.workers.append(_start(self.task))
        for worker in [one for one in self.workers if one.index is None and not waiting]:
            self.workers.remove(worker)
            worker.end()

    def _give(self, worker: _Worker) -> Iterator[SetAside]:
        busy = any(one.index is not None for one in self.workers)
        while (index := self.turns.take(busy=busy)) is not None:
            try:
                given = pack(self.inputs[index])
            except Exception as error:  # noqa: BLE001  (of the input's own classes)
                yield set_aside_raised(index, Raised(error=type(error).__name__))
                continue
            worker.index = index
            with suppress(OSError):  # it died: its end is heard next
                worker.pipe.send_bytes(given)
            return


def _start(task: bytes) -> _Worker:
    """Start a worker that an interrupt from the keyboard leaves to this process to end."""
    context = get_context("spawn")
    ours, theirs = Pipe()
    process = context.Process(target=_work, args=(theirs, task), daemon=True)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _no_loader_settings():
            process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
    return _Worker(process=process, pipe=ours)  # pyright: ignore[reportArgumentType]  # not on Windows


@contextmanager
def _no_loader_settings() -> Generator[None]:
    """Hand on nothing that makes the loader run code: an environment may come from a workspace."""
    names = [name for name in os.environ if name.startswith(("LD_", "DYLD_"))]
    kept = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(kept)


def _work(pipe: Connection, task: bytes) -> None:
    """Do tasks as they come, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    Thread(target=_end_with_parent, daemon=True).start()

    def run(given: bytes) -> object:
        function: Callable[[object], object] = unpack(task)
        return function(unpack(given))

    with suppress(EOFError, OSError):
        pipe.send_bytes(_READY)
        while True:
            pipe.send_bytes(pack(attempt(run, pipe.recv_bytes())))


def _end_with_parent() -> None:
    """End this worker, in the middle of a task too, when the process that started it is gone."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
