"""Checks before an upload: of our own records, and of the store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from signoff_collector.consent.sign_off_files import SignOff, Snapshot, superseded_by
from signoff_collector.consent.signatures.authority import vouch_own
from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.consent.terms.notices import refuse_old_notice
from signoff_collector.consent.terms.store_place import refuse_store_in_workspace
from signoff_collector.consent.verifying import judge
from signoff_collector.consent.withdrawal import (
    MAX_TOMBSTONE_BYTES,
    Tombstone,
    parse_tombstone,
    withdraws,
)
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.imported import refuse_imported
from signoff_collector.episode.masked import refuse_unmasked
from signoff_collector.upload.outbox.outbox import ANOTHER_FILE, WITHDRAWN
from signoff_collector.upload.stores.layout import sign_off_folder, tombstone_key
from signoff_schemas.errors import NotSignedError, ReceiverRefusedError, RefusedError
from signoff_schemas.statement import MAX_STATEMENT_BYTES, parse_statement

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock
    from signoff_collector.upload.outbox.outbox import Item, Outbox
    from signoff_collector.upload.stores.interface import Store


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
        RefusedError: it is signed for another audience, a later sign-off replaced it or may
            have, the store lies in a recorded folder, it was imported, or never masked.
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
    because = void_because(home, outbox, statement.predicate.record_id)
    if because is not None and because.startswith(WITHDRAWN):
        raise ReceiverRefusedError(
            f"you took this episode back: {because}; the receiver does not accept it again",
            hint=ANOTHER_FILE,
        )
    if because is not None:
        raise RefusedError(f"this sign-off is void: {because}", hint="Sign it again.")
    if outbox.record(statement.predicate.record_id) is None:
        raise RefusedError(
            "this sign-off is not among those of this machine: nobody can tell whether a later one"
            " replaced it",
            hint="Sign it again: it was restored from a copy, or state/outbox.sqlite is new.",
        )
    register = KeyRegister(home)
    verdict = judge(
        snapshot,
        sign_off,
        voucher=lambda signed, key: vouch_own(register, signed.audience, key),
        now=datetime.fromtimestamp(clock.wall_ns() // 1_000_000_000, UTC),
        audience=audience,
    )
    if verdict.is_good:
        refuse_old_notice(statement.predicate.notice)
    else:
        raise NotSignedError(
            f"nothing was sent: {verdict.fault()}",
            hint="Review and sign the episode as it is now.",
        )
    header = strict_check(snapshot.content).header
    refuse_imported(header)
    refuse_unmasked(header)


def void_because(home: Home, outbox: Outbox | None, record_id: str) -> str | None:
    """Return why a sign-off is void; None if it is valid as far as is known here.

    Args:
        home: where sealed episodes lie with their sign-offs.
        outbox: None when there is none.
        record_id: of the sign-off.
    """
    noted = None if outbox is None else outbox.void_because(record_id)
    if noted is not None:
        return noted
    later = superseded_by(home, record_id)
    return None if later is None else f"superseded by {later}"


def refuse_withdrawn(item: Item, store: Store) -> None:
    """Refuse to send what was withdrawn from this store.

    Raises:
        ReceiverRefusedError: a tombstone that its maker had a right to make lies there.
    """
    tombstone = find_tombstone(store, item.sha256)
    if tombstone is not None and _is_honoured(tombstone, item, store):
        raise ReceiverRefusedError(
            f"episode {item.sha256[:16]} was withdrawn from this store"
            f" on {tombstone.withdrawn_on}; it is not accepted again",
            hint=ANOTHER_FILE,
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
    """Return whether a self-proving tombstone also has authority over this episode.

    While a sign-off is committed, only its maker can withdraw it. After erasure there is nothing to
    compare with but our own records; a proof by others is then accepted, because the digest of an
    episode is unknown to anyone who never saw it.
    """
    committed = committed_sign_offs(store, item.sha256)
    if committed and not any(withdraws(tombstone, sign_off) for sign_off in committed):
        return False
    if tombstone.record_id == item.record_id:
        own = SignOff(statement=item.statement, signature=item.signature)
        return withdraws(tombstone, own)
    return True
