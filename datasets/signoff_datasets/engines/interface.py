"""The plug point of engines: run one pure task over many inputs, and survive what dies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[Made]):
    """A task that ended well."""

    index: int
    """Place of its input."""
    made: Made


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A task that was given up: it raised, or killed its worker each time it was tried."""

    index: int
    why: str
    """One sentence; holds nothing of the input."""
    tries: int


class Engine(Protocol):
    """Runs tasks. The task and its inputs can be pickled; workers are spawned, never forked."""

    def run(
        self, task: Callable[[Given], Made], inputs: Sequence[Given]
    ) -> Iterator[Done[Made] | SetAside]:
        """Yield what became of each input, each once, in any order.

        A task whose worker died is tried again, at last alone, so that the one that kills is known
        and the others are not lost with it. What a task raises sets that task aside, and no other.

        Raises:
            NetworkError: a cluster cannot be reached.
            RefusedError: a worker has other versions than this process.
        """
        ...
