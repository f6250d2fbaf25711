"""Carrying out a queued withdrawal."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.consent.terms.audience import Audience
from signoff_collector.upload.hub.client import HubClient
from signoff_collector.upload.sending.erasing import withdraw_from
from signoff_collector.upload.sending.receivers import open_receiver
from signoff_schemas.errors import PartlyDoneError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.own_files.home import Home
    from signoff_collector.upload.outbox.outbox import Outbox, QueuedWithdrawal
    from signoff_collector.upload.sending.receivers import Receiver
    from signoff_collector.upload.stores.interface import Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What a receiver did about a withdrawal."""

    erased: tuple[str, ...] = ()
    """Keys of the objects that went, at a store."""
    erase_by: str | None = None
    """Until when a hub has erased all of it (UTC); nobody reads it there from now on."""
    bytes_stay: bool = False
    """Whether the hub keeps the bytes: somebody else signed the same ones before."""


def carry_out(
    withdrawal: QueuedWithdrawal,
    outbox: Outbox,
    home: Home,
    *,
    probe: Probe = lambda _: None,
    opened: Callable[[Home, Audience], Receiver] = open_receiver,
) -> TakenBack:
    """Bring a withdrawal to its receiver and return what that did.

    Raises:
        PartlyDoneError: the bucket keeps old versions, of this time or of an earlier one.
        SignoffError: as `withdraw_from`, or the hub says no; the withdrawal keeps waiting.
    """
    record_id = withdrawal.record_id
    try:
        with closing(opened(home, Audience(withdrawal.audience))) as receiver:
            done = _take_back(receiver, withdrawal, outbox, probe)
    except SignoffError as error:
        outbox.withdrawals.finish(record_id, str(error))
        raise
    outbox.withdrawals.finish(record_id)
    kept = outbox.withdrawals.kept(record_id)
    if kept:
        raise PartlyDoneError(
            f"erased and refused from now on, but the bucket keeps {len(kept)} old versions: "
            + ", ".join(kept),
            hint="Ask the owner of the bucket to erase these versions; Signoff cannot.",
        )
    return done


def _take_back(
    receiver: Receiver, withdrawal: QueuedWithdrawal, outbox: Outbox, probe: Probe
) -> TakenBack:
    record_id = withdrawal.record_id
    if isinstance(receiver, HubClient):
        promised = receiver.withdraw(
            withdrawal.tombstone, sha256=withdrawal.sha256, record_id=record_id
        )
        probe("tombstone put")
        return TakenBack(erase_by=promised.erase_by, bytes_stay=promised.bytes_stay)
    erased = withdraw_from(receiver, withdrawal.tombstone, probe=probe)
    outbox.withdrawals.note_kept(record_id, erased.kept)
    return TakenBack(erased=erased.keys)
