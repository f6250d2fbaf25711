"""Whether a tombstone proves itself, and which sign-offs of an episode it may take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.recovery import withdrawal_handle
from signoff_collector.consent.signatures.sshsig import fingerprint
from signoff_collector.consent.withdrawal import (
    MAX_TOMBSTONE_BYTES,
    parse_tombstone,
    withdrawing_key,
)
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import SignOffIs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.consent.withdrawal import Tombstone
    from signoff_hub.withdrawing.endings import SignedRow


def read_tombstone(content: bytes) -> Tombstone:
    """Return what somebody sent as a tombstone: in its one form, and nothing in it but proofs.

    Raises:
        HubFault: it is none that proves itself.
    """
    found = parse_tombstone(content) if len(content) <= MAX_TOMBSTONE_BYTES else None
    if found is None or found.encode() != content:
        raise no_proof()
    if found.signature is not None and withdrawing_key(found) is None:
        raise no_proof()  # beside a secret that holds it would be room for any text, published
    return found


def taken_back(tombstone: Tombstone, rows: Iterable[SignedRow]) -> SignedRow | None:
    """Return the sign-off that a tombstone takes back and may, or None.

    It names record and handle of one; the secret behind that handle is proof enough, and so is a
    signature of the key that signed. Each is asked anew: a tombstone may prove itself by a key of
    anybody's and carry a secret that is none. One that was taken back is told as that to whoever
    names it: its key may be erased, and nothing is taken back any more.
    """
    secret = None if tombstone.preimage is None else bytes.fromhex(tombstone.preimage)
    key = withdrawing_key(tombstone)
    for row in rows:
        names_it = (row.record, row.handle) == (tombstone.record_id, tombstone.handle)
        has_secret = secret is not None and withdrawal_handle(secret) == row.handle
        has_key = key is not None and fingerprint(key) == row.fingerprint
        is_gone = row.state == SignOffIs.WITHDRAWN
        if names_it and (has_secret or has_key or is_gone):
            return row
    return None


def no_proof() -> HubFault:
    """Return the one answer to a withdrawal of nothing, whoever asks.

    It does not tell an unknown episode from one that the sender may not take back.
    """
    return HubFault(
        FaultCode.PROOF,
        "this withdrawal takes nothing back that is here",
        hint="Withdraw with the key that signed, or the recovery code: `signoff withdraw`.",
    )
