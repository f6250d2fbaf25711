"""Determine what may be withdrawn, and create the tombstones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from signoff_collector.consent.recovery import withdrawal_handle, withdrawal_secret
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.keys import KeyRegister, SigningKey
from signoff_collector.consent.signatures.ssh_keygen import sign_message
from signoff_collector.consent.signatures.sshsig import SIGN_OFF, WITHDRAWAL
from signoff_collector.consent.withdrawal import Tombstone, withdrawal_message
from signoff_collector.upload.sending.checks import committed_sign_offs
from signoff_schemas.errors import NotFoundError, NotSignedError, RefusedError
from signoff_schemas.statement import parse_statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.consent.recovery import Seed
    from signoff_collector.consent.sign_off_files import SignOff
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock
    from signoff_collector.upload.outbox.outbox import Outbox
    from signoff_collector.upload.stores.interface import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sign-off that somebody wants to withdraw."""

    sha256: str
    record_id: str
    handle: str
    public_key: bytes | None
    """Of the key that signed it, where the statement is at hand."""


def local_claims(outbox: Outbox, sha256: str, audience: Audience) -> tuple[Claim, ...]:
    """Return the claims that our own records know, without asking the store."""
    sign_offs = [
        _claim(item.sha256, item.statement, item.signature)
        for item in outbox.items_of(sha256)
        if item.audience == audience
    ]
    return tuple(claim for claim in sign_offs if claim is not None)


def recorded_claims(
    outbox: Outbox, sha256: str, audience: Audience, seed: Seed | None
) -> tuple[Claim, ...]:
    """Return the claims for sign-offs that were made here and perhaps never queued."""
    if seed is None:
        return ()
    return tuple(
        Claim(
            sha256=sha256,
            record_id=record_id,
            handle=withdrawal_handle(withdrawal_secret(seed, audience, record_id)),
            public_key=None,
        )
        for record_id, named, _ in outbox.records_of(sha256)
        if named == audience
    )


def claims_of(sha256: str, sign_off: SignOff) -> tuple[Claim, ...]:
    """Return the claim for a sign-off at hand, or nothing when it is not of this episode."""
    claim = _claim(sha256, sign_off.statement, sign_off.signature)
    return () if claim is None else (claim,)


def stored_claims(store: Store, sha256: str) -> tuple[Claim, ...]:
    """Return the claims for what the store holds."""
    found = [
        _claim(sha256, sign_off.statement, sign_off.signature)
        for sign_off in committed_sign_offs(store, sha256)
    ]
    return tuple(claim for claim in found if claim is not None)


def make_tombstone(
    home: Home,
    claims: Iterable[Claim],
    audience: Audience,
    *,
    seed: Seed | None,
    clock: Clock,
) -> Tombstone:
    """Return a tombstone for the last claim that this developer can prove.

    Raises:
        NotFoundError: there is no claim at all.
        RefusedError: neither key nor seed proves any of them.
    """
    known = tuple(claims)
    if not known:
        raise NotFoundError(
            "neither this machine nor the store knows a sign-off of this episode",
            hint="Name the store it went to: signoff withdraw EPISODE --from URL",
        )
    key = KeyRegister(home).find_key(audience)
    today = datetime.fromtimestamp(clock.wall_ns() // 1_000_000_000, UTC).strftime("%Y-%m-%d")
    for claim in reversed(known):
        preimage = _preimage(claim, audience, seed)
        signature = _signature(claim, key)
        if preimage is not None or signature is not None:
            return Tombstone(
                sha256=claim.sha256,
                record_id=claim.record_id,
                handle=claim.handle,
                withdrawn_on=today,
                preimage=preimage,
                signature=signature,
            )
    raise RefusedError(
        "the sign-off is not by you: neither your keys nor your recovery seed prove it",
        hint="With the recovery code that was shown to you: signoff withdraw … --recovery-code",
    )


def _claim(sha256: str, statement: bytes, signature: bytes) -> Claim | None:
    try:
        parsed = parse_statement(statement)
        signer = verify_signature(statement, signature, SIGN_OFF).public_key
    except NotSignedError:
        return None
    if parsed.sha256 != sha256:
        return None
    return Claim(
        sha256=sha256,
        record_id=parsed.predicate.record_id,
        handle=parsed.predicate.withdrawal.handle,
        public_key=signer,
    )


def _preimage(claim: Claim, audience: Audience, seed: Seed | None) -> str | None:
    if seed is None:
        return None
    secret = withdrawal_secret(seed, audience, claim.record_id)
    return secret.hex() if withdrawal_handle(secret) == claim.handle else None


def _signature(claim: Claim, key: SigningKey | None) -> str | None:
    if key is None or claim.public_key != key.public_key:
        return None
    message = withdrawal_message(claim.sha256, claim.record_id, claim.handle)
    text = sign_message(message, key=key.path, public_key=key.public_key, namespace=WITHDRAWAL)
    return text.decode("ascii")
