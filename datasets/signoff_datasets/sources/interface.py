"""The plug point of sources: places that hold an episode each, with all that lies beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.consent.receipts import Receipt
    from signoff_collector.consent.sign_off_files import SignOff, Snapshot
    from signoff_collector.consent.withdrawal import Tombstone


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a source has of one episode; no signature over the episode was looked at."""

    snapshot: Snapshot | None
    """None when it cannot be read: a link, a pipe, too large, or gone."""
    sign_offs: tuple[SignOff, ...]
    receipts: tuple[Receipt, ...] = ()
    """Each is signed by somebody."""
    tombstone: Tombstone | None = None
    """It proves itself; whether it may withdraw one of the sign-offs is asked elsewhere."""


class Source(Protocol):
    """Reads only. A place is a name that this source alone understands."""

    def places(self) -> Iterator[str]:
        """Yield every place, in order.

        Raises:
            NotFoundError: there is no such source.
            NetworkError: it cannot be reached.
        """
        ...

    def sign_offs(self, place: str) -> tuple[SignOff, ...]:
        """Return what was signed at a place, without reading the episode."""
        ...

    def offered(self, place: str) -> Offered:
        """Return all that there is at a place."""
        ...

    def content(self, place: str) -> bytes | None:
        """Return the bytes of the episode, or None when they cannot be read."""
        ...

    def tombstone(self, sha256: str) -> Tombstone | None:
        """Return the tombstone of an episode, without reading the episode."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...
