"""The way of an episode to a hub: blob, sign-off, then waiting until it was read and admitted.

The sign-off is the commit point: from then on the hub may read the episode. Accepted is what has
a receipt, signed by the key that stands in the terms that the contributor signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.consent.recovery import find_seed
from signoff_collector.consent.sign_off_files import SignOff
from signoff_collector.upload.hub.own_key import key_that_signed
from signoff_collector.upload.hub.receipts import keep_hub_receipt
from signoff_collector.upload.outbox.outbox import ANOTHER_FILE, State
from signoff_collector.upload.sending.taking_back import local_claims, make_tombstone
from signoff_collector.upload.sending.under_way import Sent, UnderWay
from signoff_schemas.errors import NetworkError, ReceiverRefusedError, RefusedError
from signoff_schemas.hub_api import HubState

if TYPE_CHECKING:
    from signoff_collector.consent.sign_off_files import Snapshot
    from signoff_collector.upload.hub.client import HubClient
    from signoff_schemas.hub_api import SignOffState

WAIT_S: Final = 60.0
"""For an answer, in one go; who did not get one asks again later."""
_FIRST_WAIT_S: Final = 0.1
_LONGEST_WAIT_S: Final = 5.0
_NS: Final = 1_000_000_000
_BECAUSE: Final = {
    "damaged": "its bytes are not what docs/format.md describes",
    "newer_version": "it was written by a newer release than the hub has",
    "imported": "it was imported, and nobody saw it being made",
    "unmasked": "it was never masked",
    "not_reviewed": "it was not reviewed whole",
    "content": "the sign-off says of it what it is not",
    "replay": "its replay differs from what was recorded",
    "limits": "it needs more memory than the hub gives to one episode",
    "poisoned": "the hub's reader failed at it twice",
    "expired": "the sign-off has expired",
}
"""What the hub's codes mean for an episode that it read and refused."""


def send_to_hub(way: UnderWay, snapshot: Snapshot, hub: HubClient) -> Sent:
    """Continue an upload to a hub until its receipt is kept.

    Raises:
        CancelledError: it was cancelled meanwhile.
        NetworkError: the hub cannot be reached, or has not decided yet.
        ReceiverRefusedError: it says no, or what it says is not to be believed.
        RefusedError: the key that signed is not here.
    """
    item, probe = way.item, way.probe
    sign_off = SignOff(statement=item.statement, signature=item.signature)
    hub.sign_in(key_that_signed(way.home, hub.audience, sign_off))
    way.begin()
    probe("before blob")
    state = hub.find_sign_off(snapshot.sha256, item.statement) if item.was_begun else None
    if state is None:
        if not hub.has_blob(snapshot.sha256):
            hub.put_blob(snapshot.sha256, snapshot.content)
        probe("after blob")
        way.advance(State.BLOB_SENT)
        probe("blob noted")
        state = hub.put_sign_off(snapshot.sha256, sign_off)
    probe("after statement")
    way.advance(State.COMMITTED)
    probe("statement noted")
    admitted = _wait_until_admitted(way, hub, state)
    probe("admitted")
    keep_hub_receipt(way.home, hub, sign_off, admitted)
    probe("receipt kept")
    way.advance(State.CONFIRMED)
    probe("confirmed")
    return Sent(state=State.CONFIRMED)


def cancel_at_hub(way: UnderWay, hub: HubClient) -> Sent:
    """End a cancelled upload: what the hub may read is taken back for good.

    An episode without a sign-off is read by nobody, and the hub forgets it by itself.

    Raises:
        NetworkError: the hub cannot be reached; it stays to be cancelled.
        RefusedError: neither key nor recovery seed can take it back.
    """
    item, home = way.item, way.home
    sign_off = SignOff(statement=item.statement, signature=item.signature)
    hub.sign_in(key_that_signed(home, hub.audience, sign_off))
    if hub.find_sign_off(item.sha256, item.statement) is not None:
        claims = [
            claim
            for claim in local_claims(way.outbox, item.sha256, hub.audience)
            if claim.record_id == item.record_id
        ]
        tombstone = make_tombstone(
            home, claims, hub.audience, seed=find_seed(home), clock=way.clock
        )
        hub.withdraw(tombstone.encode(), sha256=item.sha256, record_id=item.record_id)
    way.outbox.finish_cancelling(item.record_id)
    return Sent(state=State.CANCELLED)


def _wait_until_admitted(way: UnderWay, hub: HubClient, state: SignOffState) -> SignOffState:
    """Ask again with growing pauses until the hub has decided and its receipt is there."""
    end_ns = way.clock.boot_ns() + int(WAIT_S * _NS)
    wait_s = _FIRST_WAIT_S
    while True:
        _refuse_refused(hub, state)
        if state.state is HubState.ADMITTED and state.receipt is not None:
            return state
        if way.clock.boot_ns() >= end_ns:
            raise NetworkError(
                f"the hub {hub.place} has the episode, and has not decided whether it takes it",
                hint="Nothing is lost: `signoff upload --resume` asks again.",
            )
        way.sleep(wait_s)
        wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
        if way.outbox.item(way.item.record_id).state in (State.CANCELLING, State.CANCELLED):
            way.advance(State.COMMITTED)  # says so
        found = hub.find_sign_off(state.sha256, way.item.statement)
        if found is None:
            raise NetworkError(
                f"the hub {hub.place} lost the sign-off",
                hint="Send again: signoff upload --resume",
            )
        state = found


def _refuse_refused(hub: HubClient, state: SignOffState) -> None:
    """Pass on what the hub decided against an episode.

    That it was withdrawn is the hub's word alone: our own records say when we did that, and such
    an episode is not sent. So nothing here is marked as withdrawn, and no receipt goes.
    """
    match state.state:
        case HubState.RECEIVED | HubState.ADMITTED:
            return
        case HubState.REFUSED:
            because = _BECAUSE.get(state.reason or "", f"it gave the reason {state.reason}")
            raise ReceiverRefusedError(
                f"the hub {hub.place} read the episode and refused it: {because}",
                hint="It keeps only that reason. `signoff verify` and `signoff check` look here.",
            )
        case HubState.SUPERSEDED:
            raise ReceiverRefusedError(
                f"the hub {hub.place} has a later sign-off that replaces this one",
                hint="There is nothing to do: the later one counts.",
            )
        case HubState.WITHDRAWN:
            raise ReceiverRefusedError(
                f"the hub {hub.place} says that this sign-off was withdrawn;"
                " this machine did not do that",
                hint=f"Ask whoever runs the hub for the proof. {ANOTHER_FILE}",
            )
        case HubState.EXPIRED:
            raise RefusedError(
                f"the hub {hub.place} says that this sign-off has expired",
                hint="Sign it again.",
            )
