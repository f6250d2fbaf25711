"""Admission: read, then one transaction with state, facts and leaf, then the receipt.

Each part may be done twice, and by two nodes at once: the first transaction decides. Of what is
refused a code remains; its bytes go unless another sign-off needs them.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, or_, select, update

from signoff_collector.upload.stores.layout import blob_key, statement_key
from signoff_hub.admitting.examining import Examined, fault_of
from signoff_hub.admitting.readers import ReaderDiedError, Readers
from signoff_hub.admitting.receipts import publish_receipt
from signoff_hub.database.tables import BLOB, EPISODE, SIGN_OFF, TOMBSTONE
from signoff_hub.jobs.runner import LaterError
from signoff_hub.place.faults import FaultCode
from signoff_hub.receiving.blobs import erase_blob, lock_blob
from signoff_hub.receiving.sign_offs import remove_objects
from signoff_hub.receiving.states import LIVE, SignOffIs, read_state
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.hub_log import EntryKind, log_entry
from signoff_schemas.statement import MAX_STATEMENT_BYTES, parse_statement, parse_time

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from signoff_hub.jobs.queue import Job
    from signoff_hub.node.node import Node
    from signoff_hub.receiving.states import State
    from signoff_schemas.statement import Predicate

READER_DIED: Final = "reader_died"
_MOST_LOST: Final = 5
"""Nodes that may die with one sign-off in their hands before it is held to be the cause."""
_AGAIN_S: Final = 1
_NOBODY: Final = "0" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The job `admit`, with the readers of one node."""

    readers: Readers

    def __call__(self, node: Node, job: Job) -> None:
        """Admit or refuse one sign-off.

        Raises:
            LaterError: its reader died for the first time.
            NetworkError: database or store are away.
        """
        had_died = job.fault == READER_DIED
        if job.tries > _MOST_LOST:
            refuse(node, job.subject, FaultCode.POISONED)
            return
        try:
            admit(node, job.subject, self.readers)
        except ReaderDiedError:
            if not had_died:
                raise LaterError(READER_DIED, after_s=_AGAIN_S) from None
            refuse(node, job.subject, FaultCode.POISONED)


def readers_of(node: Node) -> Readers:
    """Return the readers that the settings allow."""
    settings = node.settings
    return Readers(
        settings.workers,
        memory_bytes=settings.reader_memory_mib << 20,
        cpu_s=settings.reader_cpu_s,
        wall_s=settings.reader_cpu_s * 4,
    )


def admit(node: Node, statement_sha256: str, readers: Readers) -> State | None:
    """Decide a received sign-off; one that is decided is brought to its end.

    Returns:
        What became of it; None when nothing of it is left.

    Raises:
        ReaderDiedError: the episode could not be read to its end.
        NetworkError: database or store are away.
        DiskFullError: there is no room.
    """
    with node.database.read() as connection:
        state = read_state(connection, statement_sha256)
    if state is None:
        return None
    if state.state == SignOffIs.RECEIVED:
        predicate = _predicate(node, state)
        if parse_time(predicate.expires) <= node.moment():
            return refuse(node, statement_sha256, FaultCode.EXPIRED)
        examined = _examined(node, state, readers)
        fault = (
            FaultCode.NO_BLOB if examined is None else fault_of(examined, state.sha256, predicate)
        )
        node.probe("episode examined")
        if fault is not None or examined is None:
            return refuse(node, statement_sha256, fault or FaultCode.NO_BLOB)
        _write_admitted(node, state, examined)
        node.probe("admission committed")
    elif state.state == SignOffIs.REFUSED:
        return _clear(node, state)
    return publish_receipt(node, statement_sha256)


def refuse(node: Node, statement_sha256: str, code: FaultCode) -> State | None:
    """Refuse a received sign-off; only the code remains.

    Raises:
        NetworkError: database or store are away.
    """
    with node.database.write() as connection:
        node.database.lock_log(connection)
        state = read_state(connection, statement_sha256)
        if state is not None and state.state == SignOffIs.RECEIVED:
            connection.execute(
                update(SIGN_OFF)
                .where(SIGN_OFF.c.statement == statement_sha256)
                .values(
                    state=SignOffIs.REFUSED,
                    refused_because=code,
                    leaf=None,
                    contributor=_NOBODY,
                    repository=_NOBODY,
                    licence="",
                    purposes=[],
                    prohibited=[],
                    notice="",
                )
            )
            _settle_episode(connection, state.sha256)
            if not _has_claim(connection, state.sha256):  # a node may die before it clears them
                whose = BLOB.c.account.is_(None) & (BLOB.c.sha256 == state.sha256)
                connection.execute(update(BLOB).where(whose).values(account=state.account))
            entry = log_entry(EntryKind.REFUSED, statement_sha256, node.moment(), code)
            node.log.append(connection, (entry,))
            state = read_state(connection, statement_sha256)
    node.probe("refusal committed")
    if state is None or state.state != SignOffIs.REFUSED:
        return state
    return _clear(node, state)


def _clear(node: Node, state: State) -> State:
    """Erase what a refused sign-off brought, as far as no other needs it."""
    remove_objects(node, state.sha256, state.statement_sha256)
    node.probe("refused statement erased")
    with node.database.write() as connection:
        if lock_blob(connection, state.sha256) and not _has_claim(connection, state.sha256):
            erase_blob(node, connection, state.sha256)
    node.probe("refused bytes erased")
    return state


def _predicate(node: Node, state: State) -> Predicate:
    """Return what was signed.

    Raises:
        DamagedError: the store lost it, or gives another one.
    """
    key = statement_key(state.sha256, state.statement_sha256)
    content = node.objects.read(key, max_bytes=MAX_STATEMENT_BYTES)
    try:
        return parse_statement(content or b"").predicate
    except NotSignedError:
        raise DamagedError("the store does not hold a statement that was received") from None


def _examined(node: Node, state: State, readers: Readers) -> Examined | None:
    """Have the bytes read from a file of our own; None where there are none."""
    with tempfile.TemporaryDirectory(dir=node.folder.incoming, prefix="read-") as folder:
        path = Path(folder) / "episode"
        if not node.objects.copy_to(blob_key(state.sha256), path):
            return None
        node.probe("episode copied")
        return readers.examine(path, max_bytes=node.settings.max_episode_bytes)


def _write_admitted(node: Node, state: State, examined: Examined) -> None:
    """Write state, facts and leaf, unless it was decided, withdrawn or replaced meanwhile."""
    now = node.now()
    with node.database.write() as connection:
        lock_blob(connection, state.sha256)
        node.database.lock_log(connection)
        found = read_state(connection, state.statement_sha256)
        dead = select(TOMBSTONE.c.record).where(TOMBSTONE.c.episode == state.sha256)
        if (
            found is None
            or found.state != SignOffIs.RECEIVED
            or connection.execute(dead).first() is not None
        ):
            return
        leaf = found.leaf  # an adopted one was admitted before, and has a receipt that says where
        if leaf is None:
            entry = log_entry(EntryKind.ADMITTED, state.statement_sha256, node.moment())
            (leaf,) = node.log.append(connection, (entry,))
        connection.execute(
            update(SIGN_OFF)
            .where(SIGN_OFF.c.statement == state.statement_sha256)
            .values(state=SignOffIs.ADMITTED, leaf=leaf)
        )
        connection.execute(
            update(EPISODE)
            .where(EPISODE.c.sha256 == state.sha256)
            .values(
                state=SignOffIs.ADMITTED,
                admitted_at=now,
                format_version=examined.format_version,
                facts=examined.facts(),
            )
        )
        connection.execute(update(BLOB).where(BLOB.c.sha256 == state.sha256).values(account=None))
        node.probe("admission written")


def _is_needed(connection: Connection, sha256: str) -> bool:
    """Tell whether a sign-off is there that needs the bytes."""
    live = select(SIGN_OFF.c.statement).where(
        SIGN_OFF.c.episode == sha256, SIGN_OFF.c.state.in_(LIVE)
    )
    return connection.execute(live).first() is not None


def _has_claim(connection: Connection, sha256: str) -> bool:
    """Tell whether a sign-off is there that needs the bytes, or has a receipt for them."""
    has_receipt = and_(SIGN_OFF.c.state == SignOffIs.SUPERSEDED, SIGN_OFF.c.leaf.is_not(None))
    claims = select(SIGN_OFF.c.statement).where(
        SIGN_OFF.c.episode == sha256, or_(SIGN_OFF.c.state.in_(LIVE), has_receipt)
    )
    return connection.execute(claims).first() is not None


def _settle_episode(connection: Connection, sha256: str) -> None:
    """Note of an episode whose last sign-off was refused that it was."""
    if not _is_needed(connection, sha256):
        connection.execute(
            update(EPISODE)
            .where(EPISODE.c.sha256 == sha256, EPISODE.c.state.in_(LIVE))
            .values(state=SignOffIs.REFUSED, facts=None)
        )
