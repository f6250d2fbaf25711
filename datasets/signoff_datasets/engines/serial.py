"""In this process, one after the other: for a few episodes, and for a debugger."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from signoff_datasets.engines.attempts import Raised, set_aside_raised
from signoff_datasets.engines.interface import Done, SetAside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Given = TypeVar("Given")
Made = TypeVar("Made")


class SerialEngine:
    """Runs tasks here; one that kills its process ends this one."""

    def run(
        self, task: Callable[[Given], Made], inputs: Sequence[Given]
    ) -> Iterator[Done[Made] | SetAside]:
        """Yield what became of each input, in order."""
        for index, given in enumerate(inputs):
            try:
                made = task(given)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  (a worker would not end of it either)
                raised = Raised(error=type(error).__name__)
                yield set_aside_raised(index, raised)
            else:
                yield Done(index=index, made=made)
