"""The way of an episode into a store: blob, signature, statement, in this order.

The statement is the commit point: without it nothing was shared. Every step is idempotent, and
every state is written to the outbox before the next step begins.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from signoff_collector.consent.receipts import (
    MAX_RECEIPT_BYTES,
    MAX_RECEIPTS,
    is_receipt_name,
    keep_receipt,
    parse_receipt,
)
from signoff_collector.consent.sign_off_files import MAX_EPISODE_BYTES
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
from signoff_collector.upload.outbox.outbox import Item, Outbox, State
from signoff_collector.upload.outbox.past_probes import PastProbes
from signoff_collector.upload.sending.checks import (
    committed_sign_offs,
    refuse_superseded,
    refuse_withdrawn,
)
from signoff_collector.upload.sending.erasing import erase
from signoff_collector.upload.sending.under_way import Sent, UnderWay
from signoff_collector.upload.stores.layout import (
    blob_key,
    receipt_folder,
    signature_key,
    statement_key,
)
from signoff_schemas.errors import (
    NetworkError,
    NotSignedError,
    PartlyDoneError,
    ReceiverRefusedError,
    SignoffError,
)
from signoff_schemas.statement import parse_statement, statement_sha256

if TYPE_CHECKING:
    from signoff_collector.consent.sign_off_files import Snapshot
    from signoff_collector.own_files.home import Home
    from signoff_collector.upload.stores.interface import Store


def send_to_store(way: UnderWay, snapshot: Snapshot, store: Store) -> Sent:
    """Continue an upload to a store until it is confirmed.

    Raises:
        CancelledError: it was cancelled meanwhile.
        SignoffError: as `send_item`.
    """
    item, outbox, probe = way.item, way.outbox, way.probe
    if not outbox.was_used(store.audience):
        store.prepare()
    probed = PastProbes(outbox.connection).ensure(store, way.clock)
    refuse_withdrawn(item, store)
    refuse_superseded(item, store)
    sha256, name = snapshot.sha256, way.statement_name
    steps = (
        ("blob", blob_key(sha256), snapshot.content, State.BLOB_SENT),
        ("signature", signature_key(sha256, name), item.signature, State.SIGNATURE_SENT),
        ("statement", statement_key(sha256, name), item.statement, State.COMMITTED),
    )
    way.begin()
    probe("before blob")
    for what, key, content, state in steps:
        _put(store, key, content, token=item.record_id[:16])
        probe(f"after {what}")
        way.advance(state)
        probe(f"{what} noted")
    _undo_if_withdrawn(item, store)
    _erase_superseded(item, store, outbox)
    for _, key, content, _ in steps:
        _confirm(store, key, content)
    way.advance(State.CONFIRMED)
    probe("confirmed")
    with suppress(SignoffError):  # it is sent; the next upload asks for them again
        _fetch_receipts(way.home, store, sha256)
    return Sent(state=State.CONFIRMED, keeps_versions=probed.keeps_versions)


def _fetch_receipts(home: Home, store: Store, sha256: str) -> None:
    """Keep what the receiver has signed for this episode so far."""
    folder = receipt_folder(sha256)
    for name in list(filter(is_receipt_name, store.names(folder)))[:MAX_RECEIPTS]:
        content = store.read(f"{folder}/{name}", max_bytes=MAX_RECEIPT_BYTES)
        signature = store.read(f"{folder}/{name}.sig", max_bytes=MAX_SIGNATURE_BYTES)
        receipt = parse_receipt(sha256, name, content or b"", signature or b"")
        if receipt is not None:
            keep_receipt(home, receipt)


def cancel_at_store(item: Item, store: Store, outbox: Outbox) -> Sent:
    """Take out of the store what of this upload is there, statement first.

    The episode itself stays where another sign-off of it stands.

    Raises:
        PartlyDoneError: the store keeps old versions.
    """
    name = statement_sha256(item.statement)
    keys = [statement_key(item.sha256, name), signature_key(item.sha256, name)]
    removed = {key: store.remove(key) for key in keys}
    if not committed_sign_offs(store, item.sha256):
        key = blob_key(item.sha256)
        removed[key] = store.remove(key)
    outbox.finish_cancelling(item.record_id)
    kept = [
        f"{key}?versionId={one.kept_version}" for key, one in removed.items() if one.kept_version
    ]
    if kept:
        outbox.withdrawals.note_kept(item.record_id, kept)
        raise PartlyDoneError(
            f"cancelled, but the store keeps {len(kept)} old versions of what was already sent: "
            + ", ".join(kept),
            hint="Ask the owner of the bucket to erase these versions; Signoff cannot.",
        )
    return Sent(state=State.CANCELLED)


def _undo_if_withdrawn(item: Item, store: Store) -> None:
    """Take back what was just sent when a withdrawal overtook it."""
    try:
        refuse_withdrawn(item, store)
    except ReceiverRefusedError:
        erase(store, item.sha256)
        raise


def _erase_superseded(item: Item, store: Store, outbox: Outbox) -> None:
    """Take the earlier sign-off of the same episode out of the store."""
    earlier = parse_statement(item.statement).predicate.supersedes
    for sign_off in committed_sign_offs(store, item.sha256) if earlier else ():
        try:
            found = parse_statement(sign_off.statement).predicate.record_id
        except NotSignedError:
            continue
        if earlier is not None and found == earlier:
            name = statement_sha256(sign_off.statement)
            for key in (statement_key(item.sha256, name), signature_key(item.sha256, name)):
                kept = store.remove(key).kept_version
                names = () if kept is None else (f"{key}?versionId={kept}",)
                outbox.withdrawals.note_kept(earlier, names)


def _put(store: Store, key: str, content: bytes, *, token: str) -> None:
    if not store.create(key, content, token=token):
        _confirm(store, key, content)


def _confirm(store: Store, key: str, content: bytes) -> None:
    """Check that the store gives back what was sent.

    Raises:
        ReceiverRefusedError: it holds other bytes under this name.
        NetworkError: it lost the object.
    """
    found = store.read(key, max_bytes=MAX_EPISODE_BYTES)
    if found is None:
        raise NetworkError(f"the store lost {key}", hint="Send again: signoff upload --resume")
    if hashlib.sha256(found).digest() != hashlib.sha256(content).digest():
        raise ReceiverRefusedError(
            f"the store holds other bytes under {key}",
            hint="Ask the operator of the store; nothing there was overwritten.",
        )
