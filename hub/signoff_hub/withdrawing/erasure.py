"""Erasure: what ended goes from store, database and log. Safe to kill anywhere, and to repeat.

Objects first, the statement before all others, then the rows in one transaction with the leaf that
says so: until that, the rows tell a repetition what to look for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, delete, select, update

from signoff_collector.upload.stores.layout import (
    blob_key,
    receipt_folder,
    sign_off_folder,
    tombstone_key,
)
from signoff_hub.database.compacting import compact
from signoff_hub.database.tables import BLOB, EPISODE, JOB, KEPT, LABEL, SIGN_OFF, TOMBSTONE
from signoff_hub.receiving.blobs import lock_blob
from signoff_hub.withdrawing.endings import ENDED, held_until
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection

    from signoff_hub.node.node import Node

_BLANK: Final = {
    "contributor": "",
    "repository": "",
    "fingerprint": "",
    "licence": "",
    "purposes": [],
    "prohibited": [],
    "notice": "",
    "given_at": 0,
}
"""What goes of one sign-off of an episode that another one still holds; the rest refuses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """A sign-off whose traces go."""

    statement: str
    leaves: tuple[int, ...]


def erase(node: Node, sha256: str) -> int:
    """Erase what ended of an episode; return until when a legal hold forbids it, else 0.

    Where the episode ended as a whole, all of it goes but the tombstone and the leaves that say
    when it came to that. Where one sign-off of several ended, its statement and receipt go.

    Args:
        node: which hub.
        sha256: of the episode.

    Raises:
        NetworkError: database or store are away; repeat it later.
    """
    with node.database.write() as connection:
        if until := held_until(connection, sha256, node.now()):
            return until
        tombstone = connection.execute(
            select(TOMBSTONE.c.content).where(TOMBSTONE.c.episode == sha256)
        ).first()
        of_it = and_(SIGN_OFF.c.episode == sha256, SIGN_OFF.c.state.in_(ENDED))
        ended = _rows(connection, of_it)
    if tombstone is None:
        _erase_sign_offs(node, sha256, ended)
    else:
        _erase_episode(node, sha256, bytes(tombstone.content))
    compact(node.database)
    node.probe("erasure compacted")
    return 0


def erase_objects(node: Node, sha256: str, *, statements: Iterable[str] | None = None) -> bool:
    """Erase objects of an episode; tell whether the store keeps old versions of one.

    Args:
        node: which hub.
        sha256: of the episode.
        statements: digests of the statements that go; None: all, and the episode itself.
    """
    wanted = None if statements is None else frozenset(statements)
    kept = False
    for folder in (sign_off_folder(sha256), receipt_folder(sha256)):
        # the statement goes before its signature: it is what makes an episode shared
        names = node.objects.names(folder, with_hidden=True)
        for name in sorted(names, key=lambda one: (len(one), one)):
            if wanted is None or name.split(".")[0] in wanted:
                kept |= node.objects.remove(f"{folder}/{name}").kept_versions
                node.probe("object erased")
    if wanted is None:
        kept |= node.objects.remove(blob_key(sha256)).kept_versions
        node.probe("blob erased")
    return kept


def erase_again(node: Node, sha256: str) -> bool:
    """Look again for objects of what was erased; tell whether the store still keeps versions.

    A receipt may just have been written, and what a lock or a policy kept may go by now.
    """
    with node.database.read() as connection:
        is_whole = connection.execute(
            select(TOMBSTONE.c.episode).where(TOMBSTONE.c.episode == sha256)
        ).first()
        of_it = SIGN_OFF.c.episode == sha256
        alone = connection.execute(select(SIGN_OFF.c.statement).where(of_it, KEPT)).scalars().all()
    kept = erase_objects(node, sha256, statements=None if is_whole else alone)
    with node.database.write() as connection:
        if is_whole:
            which = and_(TOMBSTONE.c.episode == sha256, TOMBSTONE.c.kept_versions != kept)
            connection.execute(update(TOMBSTONE).where(which).values(kept_versions=kept))
        elif not kept:
            which = SIGN_OFF.c.statement.in_(alone)
            connection.execute(update(SIGN_OFF).where(which).values(kept_versions=False))
    return kept


def _erase_episode(node: Node, sha256: str, content: bytes) -> None:
    if content:
        node.objects.create(tombstone_key(sha256), content)
        node.probe("tombstone created")
    kept = erase_objects(node, sha256)
    with node.database.write() as connection:
        lock_blob(connection, sha256)  # before the log, as whoever receives does
        node.database.lock_log(connection)
        signed = _rows(connection, SIGN_OFF.c.episode == sha256)
        _erase_openings(node, connection, signed)
        for one in signed:
            connection.execute(delete(JOB).where(JOB.c.subject == one.statement))
        connection.execute(delete(LABEL).where(LABEL.c.episode == sha256))
        connection.execute(delete(SIGN_OFF).where(SIGN_OFF.c.episode == sha256))
        connection.execute(delete(EPISODE).where(EPISODE.c.sha256 == sha256))
        connection.execute(delete(BLOB).where(BLOB.c.sha256 == sha256))
        now = node.now()
        first = connection.execute(
            update(TOMBSTONE)
            .where(TOMBSTONE.c.episode == sha256, TOMBSTONE.c.erased_at.is_(None))
            .values(erased_at=now, kept_versions=kept)
        )
        if first.rowcount:
            entry = log_entry(EntryKind.ERASED, sha256, node.moment())
            node.log.append(connection, (entry,))
        node.probe("rows erased")


def _erase_sign_offs(node: Node, sha256: str, ended: Sequence[_Ended]) -> None:
    digests = [one.statement for one in ended]
    kept = erase_objects(node, sha256, statements=digests)
    with node.database.write() as connection:
        _erase_openings(node, connection, ended)
        told = {**_BLANK, "kept_versions": kept}
        connection.execute(update(SIGN_OFF).where(SIGN_OFF.c.statement.in_(digests)).values(told))
        node.probe("rows erased")


def _rows(connection: Connection, which: ColumnElement[bool]) -> Sequence[_Ended]:
    columns = (SIGN_OFF.c.statement, SIGN_OFF.c.received_leaf, SIGN_OFF.c.leaf)
    found = connection.execute(select(*columns).where(which).order_by(SIGN_OFF.c.statement))
    return [
        _Ended(
            statement=row.statement,
            leaves=tuple(n for n in (row.received_leaf, row.leaf) if n is not None),
        )
        for row in found
    ]


def _erase_openings(node: Node, connection: Connection, ended: Iterable[_Ended]) -> None:
    """Erase what the log says in clear of these sign-offs; the tree and its heads stay."""
    for one in ended:
        for n in one.leaves:
            node.log.erase(connection, n)
