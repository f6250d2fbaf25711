"""Upload one episode: checks first, then the way of its receiver, a store's or a hub's.

Every step is idempotent, and every state is written to the outbox before the next step begins, so
that an interrupted upload is resumed by the next sender.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.sign_off_files import SignOff, take_snapshot
from signoff_collector.upload.hub.client import HubClient
from signoff_collector.upload.outbox.backoff import LONGEST_S, delay_ns
from signoff_collector.upload.outbox.outbox import Item, Outbox, State
from signoff_collector.upload.sending.checks import check_before_sending
from signoff_collector.upload.sending.to_hub import cancel_at_hub, send_to_hub
from signoff_collector.upload.sending.to_store import cancel_at_store, send_to_store
from signoff_collector.upload.sending.under_way import CancelledError, Sent, UnderWay
from signoff_schemas.errors import NetworkError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock
    from signoff_collector.upload.sending.receivers import Receiver
    from signoff_collector.upload.stores.interface import Probe

_NS: Final = 1_000_000_000


def _no_probe(point: str) -> None:
    """Do nothing at any point."""


def send_item(
    item: Item,
    *,
    store: Receiver,
    outbox: Outbox,
    home: Home,
    clock: Clock,
    probe: Probe = _no_probe,
    sleep: Callable[[float], None] = time.sleep,
) -> Sent:
    """Continue an upload from its current state to the end; a cancelled one is erased.

    Raises:
        RefusedError: the statement is for another audience, or counts no more.
        NotSignedError: the sign-off does not cover the file as it is now.
        DamagedError: the file breaks its format.
        ReceiverRefusedError: it was withdrawn there, or the receiver says no.
        NetworkError: the receiver cannot be reached, or has not decided; the upload keeps waiting.
        PartlyDoneError: it was cancelled, and the store keeps old versions of its parts.
    """
    record_id = item.record_id
    way = UnderWay(item=item, outbox=outbox, home=home, clock=clock, probe=probe, sleep=sleep)
    try:
        if outbox.item(record_id).state == State.CANCELLING:
            return _cancel(way, store)
        try:
            return _send(way, store)
        except CancelledError:
            return _cancel(way, store)
    except SignoffError as error:
        is_going = outbox.item(record_id).state not in (State.CANCELLING, State.CANCELLED)
        is_final = is_going and error.exit_code > 1
        due_ns = clock.wall_ns() + _pause_ns(error, item.attempts)
        outbox.fail(record_id, str(error), State.REFUSED if is_final else None, due_ns=due_ns)
        raise


def _pause_ns(error: SignoffError, attempts: int) -> int:
    """Return for how long it is not tried by itself: what the receiver asks, within limits."""
    asked_s = error.retry_after_s if isinstance(error, NetworkError) else 0.0
    return max(delay_ns(attempts), int(min(asked_s, LONGEST_S) * _NS))


def _send(way: UnderWay, store: Receiver) -> Sent:
    item = way.item
    snapshot = take_snapshot(Path(item.episode_path))
    check_before_sending(
        snapshot,
        SignOff(statement=item.statement, signature=item.signature),
        audience=store.audience,
        outbox=way.outbox,
        home=way.home,
        clock=way.clock,
    )
    if isinstance(store, HubClient):
        return send_to_hub(way, snapshot, store)
    return send_to_store(way, snapshot, store)


def _cancel(way: UnderWay, store: Receiver) -> Sent:
    if isinstance(store, HubClient):
        return cancel_at_hub(way, store)
    return cancel_at_store(way.item, store, way.outbox)
