"""Attempts at tasks, whose turn is next and when one is given up: the same on every engine."""

from __future__ import annotations

import pickle  # noqa: TID251  (between the processes of one run, never from a file)
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from signoff_datasets.engines.interface import Done, SetAside

if TYPE_CHECKING:
    from collections.abc import Callable

Given = TypeVar("Given")

TRIES: Final = 3
"""How often a task whose worker dies is tried; the last time with no other beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What a task raised; its message may hold what it read, so only the class is kept."""

    error: str


def pack(value: object) -> bytes:
    """Return a value as it is sent between the processes of one run.

    Raises:
        Exception: whatever its class raises where it cannot be sent.
    """
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def unpack(sent: bytes) -> Any:  # noqa: ANN401  (the caller knows what it was sent)
    """Return what a process of this run sent.

    Raises:
        Exception: whatever its class raises where it cannot be read.
    """
    return pickle.loads(sent)  # noqa: S301


def attempt(task: Callable[[Given], object], given: Given) -> bytes | Raised:
    """Return what the task makes as it will be sent, or what it raised.

    A result that cannot be sent is a fault of its task, so it is found out here, in the worker.
    """
    try:
        return pack(task(given))
    except BaseException as error:  # noqa: BLE001  (a panic of foreign code is none of Exception)
        return Raised(error=type(error).__name__)


def set_aside_raised(index: int, raised: Raised, *, tries: int = 1) -> SetAside:
    """Return what is told of a task that raised."""
    return SetAside(index=index, why=f"The task raised {raised.error}.", tries=tries)


@dataclass(slots=True, kw_only=True)
class Turns:
    """Which task comes next; knows no inputs, only how many there are."""

    count: int
    begun: int = 0
    """Tasks from here on had no turn yet."""
    again: deque[int] = field(default_factory=deque[int])
    alone: deque[int] = field(default_factory=deque[int])
    """Tasks whose next try is their last: one at a time, when all others have ended."""
    deaths: dict[int, int] = field(default_factory=dict[int, int])

    def waiting(self) -> int:
        """Return how many tasks wait for a turn."""
        return len(self.again) + len(self.alone) + self.count - self.begun

    def take(self, *, busy: bool) -> int | None:
        """Return the next task, or None while none may begin beside those at work."""
        if self.again:
            return self.again.popleft()
        if self.begun < self.count:
            self.begun += 1
            return self.begun - 1
        return self.alone.popleft() if self.alone and not busy else None

    def answered(
        self, index: int, answer: bytes | Raised
    ) -> Done[Any] | SetAside:  # what the task makes
        """Return what became of a task whose worker lived to answer."""
        tries = self.deaths.pop(index, 0) + 1
        if not isinstance(answer, Raised):
            try:
                return Done(index=index, made=unpack(answer))
            except Exception as error:  # noqa: BLE001  (of the task's own classes)
                answer = Raised(error=type(error).__name__)
        return set_aside_raised(index, answer, tries=tries)

    def died(self, index: int) -> SetAside | None:
        """Let a task whose worker died wait again, or return that it is given up."""
        deaths = self.deaths[index] = self.deaths.get(index, 0) + 1
        if deaths < TRIES:
            (self.alone if deaths == TRIES - 1 else self.again).append(index)
            return None
        del self.deaths[index]
        why = f"Its worker died on each of {TRIES} tries, the last with no other task beside it."
        return SetAside(index=index, why=why, tries=TRIES)
