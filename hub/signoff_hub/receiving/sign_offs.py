"""Receiving a sign-off: signature and statement as objects, then row, log and job as one.

A statement that lies in the store without a row was on its way when its node died: it counts for
nothing, and its sender sends again. Any number of senders of one sign-off end in one state.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, insert, select, update

from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
from signoff_collector.upload.stores.layout import blob_key, signature_key, statement_key
from signoff_hub.database.tables import EPISODE, SIGN_OFF
from signoff_hub.database.writing import create_row
from signoff_hub.jobs.queue import put
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.blobs import lock_blob
from signoff_hub.receiving.checks import read_signed, refuse_terms
from signoff_hub.receiving.in_datasets import end_in_datasets
from signoff_hub.receiving.standing import standing_of
from signoff_hub.receiving.states import LIVE, SignOffIs, State
from signoff_schemas.hub_log import EntryKind, log_entry
from signoff_schemas.statement import parse_time

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from signoff_hub.node.node import Node
    from signoff_hub.receiving.checks import Checked
    from signoff_hub.receiving.standing import Standing

ADMIT: Final = "admit"
"""The job that a received sign-off waits for."""
_ADD: Final = insert(SIGN_OFF)
_FOR_EVER: Final = frozenset(
    {FaultCode.WITHDRAWN, FaultCode.SUPERSEDED, FaultCode.SUPERSEDES, FaultCode.RECORD}
)
"""Reasons for which no sender of this statement will be luckier."""


def receive_sign_off(node: Node, account: str, statement: bytes, signature: bytes) -> State:
    """Take a sign-off for bytes that are here; sending it again tells what became of it.

    Args:
        node: which hub.
        account: who sent it.
        statement: exact signed bytes.
        signature: armoured SSH signature over them.

    Raises:
        HubFault: it is not taken, and nothing of it is kept.
        NetworkError: database or store are away; sending it again is safe.
        DiskFullError: there is no room.
    """
    checked = read_signed(statement, signature)
    with node.database.read() as connection:
        standing = standing_of(connection, account, checked)
    standing.refuse_key(node.now())
    if (known := _known(standing, account)) is not None:
        return known
    refuse_terms(node, checked)
    standing.refuse_conflicts()
    _refuse_other_bytes(standing, checked, node.objects.size(blob_key(checked.sha256)))
    _create_objects(node, checked)
    try:
        state = _commit(node, account, checked)
    except HubFault as fault:
        if fault.code in _FOR_EVER:
            remove_objects(node, checked.sha256, checked.statement_sha256)
        raise
    node.probe("sign-off received")
    node.bell.set()
    return state


def remove_objects(node: Node, sha256: str, statement_sha256: str) -> None:
    """Erase a statement and its signature; the statement first: without it the other is nothing."""
    node.objects.remove(statement_key(sha256, statement_sha256))
    node.objects.remove(signature_key(sha256, statement_sha256))


def _known(standing: Standing, account: str) -> State | None:
    """Return what became of this sign-off when it came before."""
    state = standing.known
    if state is None:
        return None
    if state.account != account:
        raise HubFault(
            FaultCode.RECORD,
            "this statement came before, with the signature of another key",
            hint="Sign it again: each sign-off has an id of its own.",
        )
    if state.state == SignOffIs.WITHDRAWN:
        raise HubFault(
            FaultCode.WITHDRAWN,
            "this episode was withdrawn; it is not accepted again",
            hint="Review it again: another file with other bytes can be sent.",
        )
    return state


def _refuse_other_bytes(standing: Standing, checked: Checked, size: int | None) -> None:
    """Refuse a sign-off whose bytes are not here, or are not as many as were signed.

    Args:
        standing: says whether anybody answers for the bytes.
        checked: the sign-off.
        size: of the object that the store has; None: it has none.
    """
    if size is None or standing.blob_bytes is None:
        raise HubFault(
            FaultCode.NO_BLOB,
            "the bytes of this episode are not here",
            hint="Send them first: `signoff upload EPISODE` does both.",
        )
    if size != checked.predicate.episode.size_bytes:
        raise HubFault(
            FaultCode.SUBJECT,
            f"the statement names a size that the {size} bytes of this episode do not have",
            hint="Sign it again.",
        )


def _create_objects(node: Node, checked: Checked) -> None:
    where = signature_key(checked.sha256, checked.statement_sha256)
    if not node.objects.create(where, checked.signature):
        there = node.objects.read(where, max_bytes=MAX_SIGNATURE_BYTES)
        try:
            same = there is not None and read_signed(checked.content, there)
        except HubFault:
            same = None
        if not same or same.fingerprint != checked.fingerprint:
            raise HubFault(
                FaultCode.RECORD,
                "another signature of this statement came before",
                hint="Sign it again: each sign-off has an id of its own.",
            )
    node.probe("signature created")
    node.objects.create(statement_key(checked.sha256, checked.statement_sha256), checked.content)
    node.probe("statement created")


def _commit(node: Node, account: str, checked: Checked) -> State:
    """Write row, leaf and job, unless something came between."""
    now = node.now()
    with node.database.write() as connection:
        if not node.database.is_sqlite:  # there a writer is alone
            lock_blob(connection, checked.sha256)
        size = node.objects.size(blob_key(checked.sha256))
        node.database.lock_log(connection)
        standing = standing_of(connection, account, checked)
        _refuse_other_bytes(standing, checked, size)
        if (known := _known(standing, account)) is not None:
            return known
        standing.refuse_key(now)
        standing.refuse_conflicts()
        at = datetime.fromtimestamp(now, UTC)  # the row's own time: who verifies compares them
        entry = log_entry(EntryKind.RECEIVED, checked.statement_sha256, at)
        (leaf,) = node.log.append(connection, (entry,))
        note_episode(connection, checked)
        connection.execute(_ADD, {**row_of(account, checked, now), "received_leaf": leaf})
        supersede(connection, account, checked)
        put(connection, ADMIT, checked.statement_sha256)
        node.probe("sign-off written")
    return State(
        statement_sha256=checked.statement_sha256,
        sha256=checked.sha256,
        account=account,
        state=SignOffIs.RECEIVED,
        reason=None,
        received_at=now,
        leaf=None,
        is_new=True,
    )


def note_episode(connection: Connection, checked: Checked) -> None:
    """Have a row of the episode; one that was refused before may come with a better sign-off."""
    values = {
        "sha256": checked.sha256,
        "size_bytes": checked.predicate.episode.size_bytes,
        "state": SignOffIs.RECEIVED,
    }
    if not create_row(connection, EPISODE, values):
        connection.execute(
            update(EPISODE)
            .where(EPISODE.c.sha256 == checked.sha256, EPISODE.c.state.not_in(LIVE))
            .values(state=SignOffIs.RECEIVED)
        )


def supersede(connection: Connection, account: str, checked: Checked) -> None:
    """Let the sign-off that this one replaces count no more, whatever becomes of this one."""
    replaced = checked.predicate.supersedes
    if replaced is None:
        return
    this = and_(
        SIGN_OFF.c.record == replaced,
        SIGN_OFF.c.account == account,
        SIGN_OFF.c.state.in_(LIVE),
    )
    old = connection.execute(select(SIGN_OFF.c.episode, SIGN_OFF.c.statement).where(this)).first()
    if old is not None:
        connection.execute(update(SIGN_OFF).where(this).values(state=SignOffIs.SUPERSEDED))
        end_in_datasets(connection, old.episode, old.statement)


def row_of(account: str, checked: Checked, now: int) -> dict[str, object]:
    """Return the row of a sign-off that came now; all but account and time follows from it."""
    predicate = checked.predicate
    receiver = predicate.receiver
    return {
        "statement": checked.statement_sha256,
        "episode": checked.sha256,
        "record": predicate.record_id,
        "contributor": predicate.contributor,
        "repository": predicate.repository,
        "fingerprint": checked.fingerprint,
        "account": account,
        "given_at": int(parse_time(predicate.event_time).timestamp()),
        "expires_at": int(parse_time(predicate.expires).timestamp()),
        "received_at": now,
        "licence": predicate.licence,
        "purposes": sorted(predicate.purposes),
        "prohibited": sorted(predicate.prohibited_uses),
        "notice": predicate.notice.version,
        "terms_sha256": "" if receiver is None else receiver.terms_sha256,
        "handle": predicate.withdrawal.handle,
        "supersedes": predicate.supersedes,
        "state": SignOffIs.RECEIVED,
    }
