"""The plug point of stores: a few operations on write-once objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.consent.terms.audience import Audience

    Probe = Callable[[str], None]
    """Called with the name of each point that a sender may die at; tests kill it there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What a store was found to do."""

    keeps_versions: bool
    """Erasing leaves old versions behind, which we cannot erase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What became of an object that was to be erased."""

    was_there: bool
    kept_version: str | None = None
    """Name of the version that the store keeps all the same, or None when it is gone."""


class Store(Protocol):
    """A place that keeps objects by key; keys are relative paths of plain names.

    Every method raises `NetworkError` when the store cannot be reached and
    `ReceiverRefusedError` when it says no. Close it when done.
    """

    @property
    def audience(self) -> Audience:
        """The store's canonical address; every send compares it with the statement's."""
        ...

    @property
    def fingerprint(self) -> str | None:
        """What a past `probe` has to be remembered with; None: it needs no probe."""
        ...

    def prepare(self) -> None:
        """Make an empty store where one may be made; called before the first upload only.

        A store that was used before and is gone is down, not empty.
        """
        ...

    def probe(self) -> Probed:
        """Prove that objects are created and never overwritten; leaves nothing behind.

        Raises:
            ReceiverRefusedError: a second write under one name was accepted.
        """
        ...

    def create(self, key: str, content: bytes, *, token: str) -> bool:
        """Put an object whole or not at all; False when one is there already, untouched.

        `token` (16 hex digits) names this sender's unfinished attempts, so that the
        next attempt can clear them away.
        """
        ...

    def watch(self, on_sent: Callable[[int], None]) -> None:
        """Have `on_sent` called with the bytes of each piece that is sent, in any thread."""
        ...

    def read(self, key: str, *, max_bytes: int) -> bytes | None:
        """Return an object, or None when there is none."""
        ...

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the objects directly in a folder, sorted; unfinished ones too."""
        ...

    def folders(self, folder: str) -> tuple[str, ...]:
        """Return the names of the folders directly in a folder, sorted."""
        ...

    def remove(self, key: str) -> Removed:
        """Erase an object and tell what became of it."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...
