"""The plug point of stores: a few operations on write-once objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from signoff_collector.consent.audience import Audience


class Store(Protocol):
    """A place that keeps objects by key; keys are relative paths of plain names.

    Every method raises `NetworkError` when the store cannot be reached and
    `ReceiverRefusedError` when it says no.
    """

    @property
    def audience(self) -> Audience:
        """The store's canonical address; every send compares it with the statement's."""
        ...

    def prepare(self) -> None:
        """Make an empty store where one may be made; called before the first upload only.

        A store that was used before and is gone is down, not empty.
        """
        ...

    def create(self, key: str, content: bytes, *, token: str) -> bool:
        """Put an object whole or not at all; False when one is there already, untouched.

        `token` (16 hex digits) names this sender's unfinished attempts, so that the
        next attempt can clear them away.
        """
        ...

    def read(self, key: str, *, max_bytes: int) -> bytes | None:
        """Return an object, or None when there is none."""
        ...

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the objects directly in a folder, sorted; unfinished ones too."""
        ...

    def remove(self, key: str) -> bool:
        """Erase an object and tell whether there was one."""
        ...
