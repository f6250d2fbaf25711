"""Carrying out a queued withdrawal."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from signoff_collector.consent.terms.audience import Audience
from signoff_collector.upload.sending.erasing import withdraw_from
from signoff_collector.upload.stores.stores import open_store
from signoff_schemas.errors import PartlyDoneError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.upload.outbox.outbox import Outbox, QueuedWithdrawal
    from signoff_collector.upload.stores.interface import Probe, Store


def carry_out(
    withdrawal: QueuedWithdrawal,
    outbox: Outbox,
    *,
    probe: Probe = lambda _: None,
    opened: Callable[[Audience], Store] = open_store,
) -> tuple[str, ...]:
    """Bring a withdrawal to its store and return the keys that were erased.

    Raises:
        PartlyDoneError: the bucket keeps old versions, of this time or of an earlier one.
        SignoffError: as `withdraw_from`; the withdrawal keeps waiting.
    """
    record_id = withdrawal.record_id
    try:
        with closing(opened(Audience(withdrawal.audience))) as store:
            erased = withdraw_from(store, withdrawal.tombstone, probe=probe)
            outbox.withdrawals.note_kept(record_id, erased.kept)
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
    return erased.keys
