"""Receipts: what the hub signs for an admitted sign-off; the same bytes whenever it is made.

Everything in one follows from the statement and from what the admission wrote, and ed25519 gives
one signature for one message. So whoever finds it missing writes it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from signoff_collector.consent.receipts import ReceiptBody, make_receipt
from signoff_collector.consent.signatures.sshsig import RECEIPT
from signoff_collector.upload.stores.layout import receipt_folder
from signoff_hub.database.tables import SIGN_OFF
from signoff_hub.receiving.states import SignOffIs, read_state
from signoff_schemas.statement import format_time

if TYPE_CHECKING:
    from signoff_hub.node.node import Node
    from signoff_hub.receiving.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReceipt:
    """A receipt and the hub's signature over its exact bytes."""

    content: bytes
    signature: bytes


def receipt_key(sha256: str, statement_sha256: str) -> str:
    """Return where a receipt lies; its signature has `.sig` behind it."""
    return f"{receipt_folder(sha256)}/{statement_sha256}.json"


def receipt_of(node: Node, state: State) -> SignedReceipt | None:
    """Return the receipt of a sign-off that is admitted, or was and is kept; else None."""
    if state.leaf is None or state.state in {SignOffIs.WITHDRAWN, SignOffIs.EXPIRED}:
        return None
    body = ReceiptBody(
        receipt_version=2,
        sha256=state.sha256,
        statement_sha256=state.statement_sha256,
        received_on=format_time(datetime.fromtimestamp(state.received_at, UTC)),
        receiver=node.address,
        log_index=state.leaf,
    )
    content = make_receipt(body)
    return SignedReceipt(content=content, signature=node.key.sign(content, RECEIPT))


def publish_receipt(node: Node, statement_sha256: str) -> State | None:
    """Put the receipt of an admitted sign-off into the store, unless it is there or was erased.

    The row is held meanwhile: a withdrawal comes before, and there is no receipt, or after, and
    erases it.

    Raises:
        NetworkError: database or store are away.
        DiskFullError: there is no room.
    """
    with node.database.write() as connection:
        connection.execute(
            select(SIGN_OFF.c.statement)
            .where(SIGN_OFF.c.statement == statement_sha256)
            .with_for_update()
        )
        state = read_state(connection, statement_sha256)
        receipt = None if state is None else receipt_of(node, state)
        if state is None or receipt is None:
            return state
        key = receipt_key(state.sha256, statement_sha256)
        node.objects.create(f"{key}.sig", receipt.signature)
        node.probe("receipt signature created")
        node.objects.create(key, receipt.content)
        node.probe("receipt created")
    return state
