"""Withdraw an episode from a store: write the tombstone, erase, verify."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.consent.withdrawal import Tombstone, parse_tombstone, withdraws
from signoff_collector.upload.sending.checks import committed_sign_offs, find_tombstone
from signoff_collector.upload.stores.layout import (
    BLOBS,
    receipt_folder,
    sign_off_folder,
    tombstone_key,
)
from signoff_schemas.errors import DamagedError, PartlyDoneError, RefusedError

if TYPE_CHECKING:
    from signoff_collector.upload.stores.interface import Probe, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What a withdrawal did at a store."""

    keys: tuple[str, ...]
    kept: tuple[str, ...]
    """Old versions that the bucket keeps, as `KEY?versionId=VERSION`: not ours to erase."""


def withdraw_from(store: Store, content: bytes, *, probe: Probe = lambda _: None) -> Erased:
    """Carry out a withdrawal at a store; return what was erased and what remains.

    Idempotent, and can resume after an interruption at any point.

    Raises:
        DamagedError: the tombstone does not prove itself.
        RefusedError: the store holds sign-offs, and it takes none of them back.
        PartlyDoneError: something is still there afterwards.
        NetworkError: the store cannot be reached.
    """
    tombstone = parse_tombstone(content)
    if tombstone is None:
        raise DamagedError("the proof of the withdrawal is not valid", hint="Withdraw again.")
    _check_right(store, tombstone)
    _put_tombstone(store, tombstone, content)
    probe("tombstone put")
    erased = erase(store, tombstone.sha256, probe=probe)
    left = _what_is_left(store, tombstone.sha256)
    if left:
        raise PartlyDoneError(
            f"{len(left)} objects of the episode are still in the store",
            hint="Withdraw again, or ask the operator of the store.",
        )
    return erased


def erase(store: Store, sha256: str, *, probe: Probe = lambda _: None) -> Erased:
    """Erase every object of an episode but its tombstone, statements first."""
    erased: list[str] = []
    kept: list[str] = []
    for key in _what_is_left(store, sha256):
        removed = store.remove(key)
        if removed.was_there:
            erased.append(key)
            probe(f"erased {key.partition('/')[0]}")
        if removed.kept_version is not None:
            kept.append(f"{key}?versionId={removed.kept_version}")
    return Erased(keys=tuple(erased), kept=tuple(kept))


def _check_right(store: Store, tombstone: Tombstone) -> None:
    committed = committed_sign_offs(store, tombstone.sha256)
    if committed and not any(withdraws(tombstone, sign_off) for sign_off in committed):
        raise RefusedError(
            "the withdrawal was not made by the signer of the stored episode",
            hint="Use the key that signed it, or the recovery code shown at that time.",
        )


def _put_tombstone(store: Store, tombstone: Tombstone, content: bytes) -> None:
    """Put the tombstone; one that does not prove itself, or a stranger's, is replaced."""
    key, token = tombstone_key(tombstone.sha256), tombstone.record_id[:16]
    if store.create(key, content, token=token):
        return
    found = find_tombstone(store, tombstone.sha256)
    ours = (tombstone.record_id, tombstone.handle)
    if found is not None and (found.record_id, found.handle) == ours:
        return
    store.remove(key)
    store.create(key, content, token=token)


def _what_is_left(store: Store, sha256: str) -> tuple[str, ...]:
    """Return the keys of everything that belongs to an episode, unfinished attempts too."""
    sign_offs = [
        f"{sign_off_folder(sha256)}/{name}" for name in store.names(sign_off_folder(sha256))
    ]
    receipts = [f"{receipt_folder(sha256)}/{name}" for name in store.names(receipt_folder(sha256))]
    blobs = [
        f"{BLOBS}/{sha256[:2]}/{name}"
        for name in store.names(f"{BLOBS}/{sha256[:2]}")
        if name == sha256 or (name.startswith(f".{sha256}.") and name.endswith(".part"))
    ]
    statements_first = sorted(sign_offs, key=lambda key: not key.endswith(".json"))
    return (*statements_first, *receipts, *blobs)
