"""Receipts of a hub: checked against the terms that the contributor signed, then kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.log_proofs import proof_fault
from signoff_collector.consent.receipts import keep_receipt, parse_receipt
from signoff_collector.upload.hub.answers import not_a_hub
from signoff_collector.upload.hub.terms import terms_signed
from signoff_schemas.statement import parse_statement, statement_sha256

if TYPE_CHECKING:
    from signoff_collector.consent.receipts import Receipt
    from signoff_collector.consent.sign_off_files import SignOff
    from signoff_collector.own_files.home import Home
    from signoff_collector.upload.hub.client import HubClient
    from signoff_schemas.hub_api import SignOffState


def keep_hub_receipt(home: Home, hub: HubClient, sign_off: SignOff, state: SignOffState) -> Receipt:
    """Keep the receipt for an admitted episode, with its proof, once both are good.

    Raises:
        ReceiverRefusedError: it is for other bytes, by another key, of another address, or its
            proof does not lead to a signed head of the hub's log.
        NetworkError: the hub has other terms by now, and those that were signed are not here.
    """
    statement = parse_statement(sign_off.statement)
    given = state.receipt
    if given is None:
        raise not_a_hub(hub.place, "it admitted the episode without a receipt")
    receipt = parse_receipt(
        statement.sha256,
        f"{statement_sha256(sign_off.statement)}.json",
        given.content.encode("ascii"),
        given.signature.encode("ascii"),
    )
    if receipt is None:
        raise not_a_hub(hub.place, "its receipt is not valid for what was sent")
    if receipt.body.receiver != hub.audience:
        raise not_a_hub(hub.place, "its receipt names another address")
    if receipt.fingerprint != terms_signed(home, hub, statement).receipt_key_fingerprint:
        raise not_a_hub(
            hub.place, "its receipt is signed by another key than the one in the terms you signed"
        )
    proof = None if state.proof is None else state.proof.encode("utf-8", "replace")
    fault = None if proof is None else proof_fault(receipt, proof)
    if fault is not None:
        raise not_a_hub(hub.place, f"its proof that the log has the receipt is not good: {fault}")
    keep_receipt(home, receipt, proof=proof)
    return receipt
