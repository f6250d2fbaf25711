"""One upload under way: what is sent, by whom, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_schemas.statement import statement_sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.consent.sign_off_files import Snapshot
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock
    from signoff_collector.upload.outbox.outbox import Item, Outbox, State
    from signoff_collector.upload.stores.interface import Probe

POINTS: Final = (
    "before blob",
    "after blob",
    "blob noted",
    "after signature",
    "signature noted",
    "after statement",
    "statement noted",
    "confirmed",
)
"""Every point between two steps on the way to a store, in order."""
HUB_POINTS: Final = (
    "before blob",
    "after blob",
    "blob noted",
    "after statement",
    "statement noted",
    "admitted",
    "receipt kept",
    "confirmed",
)
"""The same on the way to a hub, which takes statement and signature at once."""


class CancelledError(Exception):
    """Somebody cancelled the upload while it was under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How an upload ended."""

    state: State
    """Confirmed or cancelled."""
    keeps_versions: bool = False
    """The store keeps old versions: a withdrawal cannot erase all of it there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """One upload, and where its progress is written down."""

    item: Item
    outbox: Outbox
    home: Home
    clock: Clock
    sleep: Callable[[float], None]
    probe: Probe

    @property
    def statement_name(self) -> str:
        """SHA-256 of the statement's bytes."""
        return statement_sha256(self.item.statement)

    def begin(self) -> None:
        """Note that something of it may be at the receiver from now on.

        Raises:
            CancelledError: nothing may leave any more.
        """
        if not self.outbox.begin(self.item.record_id):
            raise CancelledError

    def advance(self, state: State) -> None:
        """Write the progress down.

        Raises:
            CancelledError: it was cancelled meanwhile.
        """
        if not self.outbox.advance(self.item.record_id, state):
            raise CancelledError


if TYPE_CHECKING:
    Deliver = Callable[[UnderWay, Snapshot], Sent]
    """Brings an episode that passed all checks to its receiver."""
