"""One attempt at a task, and the sentences of those given up: the same on every engine."""

from __future__ import annotations

import pickle  # noqa: TID251  (between the processes of one run, never from a file)
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from signoff_datasets.engines.interface import SetAside

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


def set_aside_raised(index: int, raised: Raised, *, tries: int) -> SetAside:
    """Return what is told of a task that raised."""
    return SetAside(index=index, why=f"The task raised {raised.error}.", tries=tries)


def set_aside_dead(index: int) -> SetAside:
    """Return what is told of a task that killed its worker each time."""
    why = f"Its worker died on each of {TRIES} tries, the last with no other task beside it."
    return SetAside(index=index, why=why, tries=TRIES)
