"""Sending one episode: checks first, then blob, signature, statement, in this order.

The statement is the commit point: without it nothing was shared. Every step may be
done twice, and every state is in the outbox before the next step begins, so a sender
that dies at any point is continued by the next one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.audience import Audience
from signoff_collector.consent.authority import vouch_own
from signoff_collector.consent.keys import KeyRegister
from signoff_collector.consent.sign_off_files import (
    MAX_EPISODE_BYTES,
    SignOff,
    Snapshot,
    take_snapshot,
)
from signoff_collector.consent.store_place import refuse_store_in_workspace
from signoff_collector.consent.verifying import judge
from signoff_collector.consent.withdrawal import (
    MAX_TOMBSTONE_BYTES,
    Tombstone,
    parse_tombstone,
    withdraws,
)
from signoff_collector.episode.masked import refuse_unmasked
from signoff_collector.episode.strict import strict_check
from signoff_collector.upload.layout import (
    blob_key,
    sign_off_folder,
    signature_key,
    statement_key,
    tombstone_key,
)
from signoff_collector.upload.outbox import WITHDRAWN, Item, Outbox, State
from signoff_schemas.errors import (
    NetworkError,
    NotSignedError,
    ReceiverRefusedError,
    RefusedError,
    SignoffError,
)
from signoff_schemas.statement import MAX_STATEMENT_BYTES, parse_statement, statement_sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.clock import Clock
    from signoff_collector.home import Home
    from signoff_collector.upload.interface import Store

    Probe = Callable[[str], None]
    """Called with the name of each point that a sender may die at; tests kill it there."""

POINTS: Final = (
    "before blob",
    "after blob",
    "blob noted",
    "after signature",
    "signature noted",
    "after statement",
    "statement noted",
    "confirmed",
)
"""Every point between two steps, in order."""


def _no_probe(point: str) -> None:
    """Do nothing at any point."""


def send_item(
    item: Item,
    *,
    store: Store,
    outbox: Outbox,
    home: Home,
    clock: Clock,
    probe: Probe = _no_probe,
) -> None:
    """Take one upload as far as it goes, from wherever it is.

    Raises:
        RefusedError: the statement is for another audience, or counts no more.
        NotSignedError: the sign-off does not cover the file as it is now.
        DamagedError: the file breaks its format.
        ReceiverRefusedError: it was withdrawn there, or the store says no.
        NetworkError: the store cannot be reached; the upload keeps waiting.
    """
    try:
        _send(item, store=store, outbox=outbox, home=home, clock=clock, probe=probe)
    except SignoffError as error:
        outbox.fail(item.record_id, str(error), State.REFUSED if error.exit_code > 1 else None)
        raise


def _send(
    item: Item, *, store: Store, outbox: Outbox, home: Home, clock: Clock, probe: Probe
) -> None:
    snapshot = take_snapshot(Path(item.episode_path))
    sign_off = SignOff(statement=item.statement, signature=item.signature)
    check_before_sending(
        snapshot, sign_off, audience=store.audience, outbox=outbox, home=home, clock=clock
    )
    if not outbox.was_used(store.audience):
        store.prepare()
    refuse_withdrawn(item, store)
    refuse_superseded(item, store)
    sha256, name = snapshot.sha256, statement_sha256(item.statement)
    steps = (
        ("blob", blob_key(sha256), snapshot.content, State.BLOB_SENT),
        ("signature", signature_key(sha256, name), item.signature, State.SIGNATURE_SENT),
        ("statement", statement_key(sha256, name), item.statement, State.COMMITTED),
    )
    probe("before blob")
    for what, key, content, state in steps:
        _put(store, key, content, token=item.record_id[:16])
        probe(f"after {what}")
        outbox.advance(item.record_id, state)
        probe(f"{what} noted")
    _undo_if_withdrawn(item, store)
    _erase_superseded(item, store)
    for _, key, content, _ in steps:
        _confirm(store, key, content)
    outbox.advance(item.record_id, State.CONFIRMED)
    probe("confirmed")


def check_before_sending(
    snapshot: Snapshot,
    sign_off: SignOff,
    *,
    audience: str,
    outbox: Outbox,
    home: Home,
    clock: Clock,
) -> None:
    """Refuse everything but a sealed episode with our own valid sign-off for this audience.

    Raises:
        RefusedError: it is signed for another audience, a later sign-off replaced it, the
            store lies in a recorded folder, or it was never masked.
        ReceiverRefusedError: it was withdrawn.
        NotSignedError: the sign-off is not good for these bytes.
        DamagedError: the bytes hold what no reader shows.
    """
    statement = parse_statement(sign_off.statement)
    if statement.predicate.audience != audience:
        raise RefusedError(
            f"it is signed for {statement.predicate.audience}, not for {audience}",
            hint=f"Sign it for that audience: signoff sign EPISODE --to {audience}",
        )
    refuse_store_in_workspace(home, Audience(audience), clock)
    because = outbox.void_because(statement.predicate.record_id)
    if because is not None and because.startswith(WITHDRAWN):
        raise ReceiverRefusedError(
            f"you took this episode back: {because}; the receiver does not take it again",
            hint="Review the task again to make a new episode, if you changed your mind.",
        )
    if because is not None:
        raise RefusedError(f"this sign-off counts no more: {because}", hint="Sign it again.")
    register = KeyRegister(home)
    verdict = judge(
        snapshot,
        sign_off,
        voucher=lambda named, key: vouch_own(register, named, key),
        now=datetime.fromtimestamp(clock.wall_ns() // 1_000_000_000, UTC),
        audience=audience,
    )
    if not verdict.is_good:
        raise NotSignedError(
            f"nothing was sent: {verdict.fault()}",
            hint="Review and sign the episode as it is now.",
        )
    refuse_unmasked(strict_check(snapshot.content).header)


def refuse_withdrawn(item: Item, store: Store) -> None:
    """Refuse to send what was withdrawn from this store.

    Raises:
        ReceiverRefusedError: a tombstone that its maker had a right to make lies there.
    """
    tombstone = find_tombstone(store, item.sha256)
    if tombstone is not None and _is_honoured(tombstone, item, store):
        raise ReceiverRefusedError(
            f"episode {item.sha256[:16]} was withdrawn from this store"
            f" on {tombstone.withdrawn_on}; it is not taken again",
            hint="Review the task again to make a new episode, if you changed your mind.",
        )


def refuse_superseded(item: Item, store: Store) -> None:
    """Refuse to send a sign-off that another one in the store replaces.

    Raises:
        ReceiverRefusedError: there is such a one.
    """
    for sign_off in committed_sign_offs(store, item.sha256):
        try:
            later = parse_statement(sign_off.statement)
        except NotSignedError:
            continue
        if later.predicate.supersedes == item.record_id:
            raise ReceiverRefusedError(
                "the store holds a later sign-off that replaces this one",
                hint="There is nothing to do: the later one counts.",
            )


def find_tombstone(store: Store, sha256: str) -> Tombstone | None:
    """Return the tombstone of an episode, if there is one that proves itself."""
    content = store.read(tombstone_key(sha256), max_bytes=MAX_TOMBSTONE_BYTES)
    tombstone = parse_tombstone(content) if content is not None else None
    return tombstone if tombstone is not None and tombstone.sha256 == sha256 else None


def committed_sign_offs(store: Store, sha256: str) -> tuple[SignOff, ...]:
    """Return every complete sign-off of one episode in a store; none is proven."""
    found: list[SignOff] = []
    folder = sign_off_folder(sha256)
    for name in store.names(folder):
        if name.startswith(".") or not name.endswith(".json"):
            continue
        statement = store.read(f"{folder}/{name}", max_bytes=MAX_STATEMENT_BYTES)
        signature = store.read(f"{folder}/{name}.sig", max_bytes=MAX_STATEMENT_BYTES)
        if statement is not None and signature is not None:
            found.append(SignOff(statement=statement, signature=signature))
    return tuple(found)


def _is_honoured(tombstone: Tombstone, item: Item, store: Store) -> bool:
    """Tell whether a tombstone that proves itself also has a right over this episode.

    While a sign-off is committed, only who made that sign-off can take it back. After
    erasure nothing is left to compare with but our own records; a stranger's proof is
    then believed, because the digest of an episode is unknown to who never saw it.
    """
    committed = committed_sign_offs(store, item.sha256)
    if committed and not any(withdraws(tombstone, sign_off) for sign_off in committed):
        return False
    if tombstone.record_id == item.record_id:
        own = SignOff(statement=item.statement, signature=item.signature)
        return withdraws(tombstone, own)
    return True


def _undo_if_withdrawn(item: Item, store: Store) -> None:
    """Take back what was just sent when a withdrawal overtook it."""
    try:
        refuse_withdrawn(item, store)
    except ReceiverRefusedError:
        from signoff_collector.upload.erasing import erase

        erase(store, item.sha256)
        raise


def _erase_superseded(item: Item, store: Store) -> None:
    """Take the earlier sign-off of the same episode out of the store."""
    earlier = parse_statement(item.statement).predicate.supersedes
    for sign_off in committed_sign_offs(store, item.sha256) if earlier else ():
        try:
            found = parse_statement(sign_off.statement).predicate.record_id
        except NotSignedError:
            continue
        if found == earlier:
            name = statement_sha256(sign_off.statement)
            store.remove(statement_key(item.sha256, name))
            store.remove(signature_key(item.sha256, name))


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
            hint="Ask whoever keeps the store; nothing there was overwritten.",
        )
