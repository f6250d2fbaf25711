"""The runner: threads of a node that take jobs and do them, one each at a time."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Protocol

from signoff_hub.jobs.queue import fail, finish, give_back, keep, new_worker, take
from signoff_schemas.errors import DiskFullError, NetworkError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_hub.jobs.queue import Job
    from signoff_hub.node.node import Node

JOURNAL: Final = logging.getLogger("signoff_hub.jobs")
"""Told of a job that failed: its kind and the type of the error, never what it was about."""
LEASE_S: Final = 300
"""For how long a job is held without a word from who does it."""
_KEPT_EVERY_S: Final = 60.0
_LOOKED_EVERY_S: Final = 0.5
"""How long a thread with nothing to do waits before it looks for jobs of other nodes."""
_AWAY_S: Final = 5
_MOST_AWAY_S: Final = 300
_TRIES: Final = 5
"""How often something that is broken is tried before it is left to a person."""
_AWAY: Final = "away"
_BROKEN: Final = "broken"


class LaterError(SignoffError):
    """The job cannot be done yet, or has to be tried once more.

    Attributes:
        fault: a stable code, which the next try is given with the job.
        after_s: in how many seconds.
    """

    def __init__(self, fault: str, *, after_s: int) -> None:
        super().__init__(f"not yet: {fault}")
        self.fault = fault
        self.after_s = after_s


class Doing(Protocol):
    """What a kind of jobs does; safe to kill and to repeat at any point."""

    def __call__(self, node: Node, job: Job) -> None:
        """Do one job.

        Raises:
            LaterError: it has to be tried again.
            NetworkError: database or store are away: it is tried again by itself.
        """
        ...


@dataclass(slots=True, kw_only=True)
class Runner:
    """Takes the jobs of some kinds; `start` it, and `close` it when done."""

    node: Node
    kinds: Mapping[str, Doing]
    threads: int = 1
    _stopped: Event = field(default_factory=Event)
    _running: list[Thread] = field(default_factory=list[Thread])

    def start(self) -> None:
        """Begin to take jobs."""
        for number in range(self.threads):
            thread = Thread(target=self._run, name=f"jobs-{number}", daemon=True)
            self._running.append(thread)
            thread.start()

    def close(self, *, wait_s: float = 30.0) -> None:
        """Take no more jobs, and wait for those at work; what does not end comes back later."""
        self._stopped.set()
        self.node.bell.set()
        for thread in self._running:
            thread.join(wait_s)

    def run_due(self) -> int:
        """Do all that is due, here and now; return how many jobs were taken."""
        worker, done = new_worker(), 0
        while self._do_one(worker):
            done += 1
        return done

    def _run(self) -> None:
        worker = new_worker()
        while not self._stopped.is_set():
            self.node.bell.clear()
            try:
                had_work = self._do_one(worker)
            except SignoffError:  # the database is away: nothing is taken until it is back
                had_work = False
            if not had_work:
                self.node.bell.wait(_LOOKED_EVERY_S)

    def _do_one(self, worker: str) -> bool:
        node = self.node
        with node.database.write() as connection:
            job = take(
                connection, tuple(self.kinds), now=node.now(), lease_s=LEASE_S, worker=worker
            )
        if job is None:
            return False
        node.probe(f"{job.kind} taken")
        ended = Event()
        kept = Thread(target=self._keep, args=(job, ended), daemon=True)
        kept.start()
        try:
            self._do(job)
        finally:
            ended.set()
            kept.join()
        return True

    def _do(self, job: Job) -> None:
        node = self.node
        try:
            self.kinds[job.kind](node, job)
        except LaterError as error:
            self._give_back(job, error.fault, error.after_s)
        except (NetworkError, DiskFullError):
            self._give_back(job, _AWAY, min(_AWAY_S << min(job.tries, 8), _MOST_AWAY_S))
        except Exception as error:  # noqa: BLE001  (a fault of ours must not end the thread)
            told = {"job": job.kind, "tries": job.tries, "error_type": type(error).__name__}
            JOURNAL.error("a job failed", extra=told)  # its message may name input
            if job.tries < _TRIES:
                self._come_back(job)
            else:
                with node.database.write() as connection:
                    fail(connection, job, _BROKEN)
        else:
            node.probe(f"{job.kind} done")
            with node.database.write() as connection:
                finish(connection, job)

    def _give_back(self, job: Job, fault: str, after_s: int) -> None:
        with self.node.database.write() as connection:
            give_back(connection, job, fault, not_before=self.node.now() + after_s)

    def _come_back(self, job: Job) -> None:
        """Let its lease end soon, so that this try counts."""
        with self.node.database.write() as connection:
            keep(connection, job, now=self.node.now(), lease_s=_AWAY_S << job.tries)

    def _keep(self, job: Job, ended: Event) -> None:
        while not ended.wait(_KEPT_EVERY_S):
            try:
                with self.node.database.write() as connection:
                    if not keep(connection, job, now=self.node.now(), lease_s=LEASE_S):
                        return
            except SignoffError:
                continue  # tried again in a minute; the lease is five
