"""Carrying out a queued withdrawal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.audience import Audience
from signoff_collector.upload.erasing import withdraw_from
from signoff_collector.upload.stores import open_store
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.upload.outbox import Outbox, QueuedWithdrawal
    from signoff_collector.upload.sending import Probe


def carry_out(
    withdrawal: QueuedWithdrawal, outbox: Outbox, *, probe: Probe = lambda _: None
) -> tuple[str, ...]:
    """Bring a withdrawal to its store and return the keys that were erased.

    Raises:
        SignoffError: as `withdraw_from`; the withdrawal keeps waiting.
    """
    try:
        erased = withdraw_from(
            open_store(Audience(withdrawal.audience)), withdrawal.tombstone, probe=probe
        )
    except SignoffError as error:
        outbox.finish_withdrawal(withdrawal.record_id, str(error))
        raise
    outbox.finish_withdrawal(withdrawal.record_id)
    return erased
