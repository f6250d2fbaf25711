"""After the rows came back: what ended since they were saved ends again, before a node may serve.

Whatever is not in the store any more was erased by somebody who may: it is not brought back, and
its rows end. What came into the store since is taken over, and what no row knows is erased.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from signoff_collector.consent.withdrawal import MAX_TOMBSTONE_BYTES
from signoff_collector.upload.stores.layout import blob_key, tombstone_key
from signoff_hub.admitting.receipts import publish_receipt, receipt_key
from signoff_hub.adopting.adopting import adopt
from signoff_hub.adopting.tombstones import adopt_tombstone
from signoff_hub.backups.kept import needed_objects
from signoff_hub.building.places import MANIFEST, dataset_key, erase_version, plan_key
from signoff_hub.building.versions import ERASED, this_version
from signoff_hub.database.tables import BLOB, DATASET_VERSION, PLAN, SIGN_OFF, TOMBSTONE
from signoff_hub.place.faults import HubFault
from signoff_hub.receiving.in_datasets import READY
from signoff_hub.receiving.states import SignOffIs
from signoff_hub.verifying.held import PARTS, PREFIXES, Digests
from signoff_hub.withdrawing.endings import HOLDING, end_episode, rows_of
from signoff_hub.withdrawing.proofs import read_tombstone, taken_back
from signoff_hub.withdrawing.sweeping import expire, sweep
from signoff_schemas.dataset import MAX_BYTES, parse_manifest
from signoff_schemas.errors import DamagedError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_hub.adopting.adopting import Adopted
    from signoff_hub.node.node import Node
    from signoff_hub.withdrawing.sweeping import Swept
    from signoff_schemas.hub_feed import EndedEpisode

_AT_ONCE: Final = 500
_LARGEST_VERSION: Final = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """What was done."""

    ended: int
    """Episodes and sign-offs that ended after the backup."""
    adopted: Adopted
    swept: Swept
    erased: int
    """Objects that no row knows: of uploads, plans and data sets that began after the backup."""


def catch_up(node: Node, told: Sequence[EndedEpisode]) -> CaughtUp:
    """Do again what was done after the backup, as far as anything still tells of it.

    Args:
        node: of a hub that nobody else works with.
        told: what the hub's own feed says has ended.

    Raises:
        NetworkError: database or store are away; doing it all again is safe.
    """
    ended = sum(_end_told(node, one) for one in told)
    ended += sum(_end_by_tombstone(node, sha256) for sha256 in _with_tombstone(node))
    node.probe("tombstones applied")
    ended += _end_what_is_gone(node)
    node.probe("missing ended")
    adopted = adopt(node)
    erased = _erase_unknown(node) + _end_versions(node)
    node.probe("unknown erased")
    swept = sweep(node)
    return CaughtUp(ended=ended, adopted=adopted, swept=swept, erased=erased)


def _with_tombstone(node: Node) -> Iterator[str]:
    """Yield the episodes whose tombstone lies in the store and is no row."""
    for prefix in node.objects.folders("tombstones"):
        found = [name.removesuffix(".json") for name in node.objects.names(f"tombstones/{prefix}")]
        with node.database.read() as connection:
            known = select(TOMBSTONE.c.episode).where(TOMBSTONE.c.episode.in_(found))
            has_row = frozenset(connection.execute(known).scalars())
        yield from (one for one in found if one not in has_row)


def _end_by_tombstone(node: Node, sha256: str) -> bool:
    try:
        content = node.objects.read(tombstone_key(sha256), max_bytes=MAX_TOMBSTONE_BYTES)
        return content is not None and _end(node, sha256, content)
    except (HubFault, RefusedError):
        return False  # it proves nothing; the verification names it


def _end_told(node: Node, one: EndedEpisode) -> bool:
    if one.tombstone is not None:
        return _end(node, one.sha256, one.tombstone.encode("ascii"))
    with node.database.write() as connection:
        node.database.lock_log(connection)
        rows = rows_of(connection, one.sha256)
        return bool(rows) and end_episode(node, connection, rows[0], "expired", b"")


def _end(node: Node, sha256: str, content: bytes) -> bool:
    """End an episode by a tombstone that this hub kept or told of; False: it had ended before.

    Raises:
        HubFault: it does not prove itself.
    """
    tombstone = read_tombstone(content)
    if tombstone.sha256 != sha256:
        return False
    with node.database.write() as connection:
        node.database.lock_log(connection)
        rows = rows_of(connection, sha256)
        if rows:
            # the sign-off that it takes back may have come after the backup
            row = taken_back(tombstone, rows) or replace(
                rows[0], record=tombstone.record_id, handle=tombstone.handle
            )
            return end_episode(node, connection, row, "withdrawn", content)
    return adopt_tombstone(node, sha256, ())


def _end_what_is_gone(node: Node) -> int:
    """End each sign-off whose bytes or statement are not in the store; write missing receipts."""
    count, after = 0, ""
    while True:
        wanted = (
            select(SIGN_OFF.c.statement, SIGN_OFF.c.episode, SIGN_OFF.c.state, SIGN_OFF.c.leaf)
            .where(SIGN_OFF.c.state.in_(HOLDING), SIGN_OFF.c.statement > after)
            .order_by(SIGN_OFF.c.statement)
            .limit(_AT_ONCE)
        )
        with node.database.read() as connection:
            rows = connection.execute(wanted).all()
        for row in rows:
            keys = needed_objects(row.episode, row.statement)
            if any(node.objects.size(key) is None for key in keys):
                count += _end_alone(node, row.episode, row.statement)
            elif (
                row.state == SignOffIs.ADMITTED
                and node.objects.size(receipt_key(row.episode, row.statement)) is None
            ):
                publish_receipt(node, row.statement)
        if len(rows) < _AT_ONCE:
            return count
        after = rows[-1].statement


def _end_alone(node: Node, sha256: str, statement: str) -> bool:
    with node.database.write() as connection:
        node.database.lock_log(connection)
        rows = rows_of(connection, sha256)
        is_held = any(one.statement == statement and one.state in HOLDING for one in rows)
        if is_held:
            expire(node, connection, statement, rows)
        return is_held


def _erase_unknown(node: Node) -> int:
    """Erase bytes that nobody signed, parts, and plans, of which the rows are lost."""
    keys = list(_below(node, PARTS))
    digests = Digests(node.objects)
    for prefix in PREFIXES:
        there = digests.with_prefix(prefix)
        with node.database.read() as connection:
            known = frozenset(
                connection.execute(select(BLOB.c.sha256).where(BLOB.c.sha256.in_(there))).scalars()
            )
        keys += [
            blob_key(one)
            for one in sorted(there - known)
            if node.objects.size(blob_key(one)) is not None
        ]
    with node.database.read() as connection:
        plans = {plan_key(one) for one in connection.execute(select(PLAN.c.sha256)).scalars()}
    keys += [key for key in _below(node, "plans") if key not in plans]
    for key in keys:
        node.objects.remove(key)
    return len(keys)


def _end_versions(node: Node) -> int:
    """Hold data sets against the store: what only one of them has does not go on."""
    with node.database.read() as connection:
        made = connection.execute(
            select(DATASET_VERSION.c.name, DATASET_VERSION.c.version, DATASET_VERSION.c.state)
        ).all()
    for row in made:
        manifest = dataset_key(row.name, row.version, MANIFEST)
        if row.state == READY and node.objects.size(manifest) is None:
            with node.database.write() as connection:
                this = this_version(row.name, row.version)
                connection.execute(update(DATASET_VERSION).where(this).values(state=ERASED))
    known = {(row.name, row.version) for row in made}
    count = 0
    for name in tuple(node.objects.folders("datasets")):
        for number in tuple(node.objects.folders(f"datasets/{name}")):
            if not number.isdecimal() or int(number) >= _LARGEST_VERSION:
                continue
            if (name, int(number)) not in known:
                _note_version(node, name, int(number))
                erase_version(node, name, int(number))
                count += 1
    return count


def _note_version(node: Node, name: str, version: int) -> None:
    """Keep the number of a version that was built after the backup: it is never given again."""
    content = node.objects.read(dataset_key(name, version, MANIFEST), max_bytes=MAX_BYTES)
    try:
        manifest = None if content is None else parse_manifest(content)
    except DamagedError:
        manifest = None
    if manifest is None or (manifest.name, manifest.version) != (name, version):
        return  # it never was whole, so nobody read it
    values = {
        "name": name,
        "version": version,
        "plan": manifest.plan_sha256,
        "purpose": str(manifest.request.purpose),
        "state": ERASED,
        "made_at": node.now(),
    }
    with node.database.write() as connection:
        connection.execute(insert(DATASET_VERSION).values(values))


def _below(node: Node, folder: str) -> Iterator[str]:
    for name in node.objects.names(folder):
        yield f"{folder}/{name}"
    for name in node.objects.folders(folder):
        yield from _below(node, f"{folder}/{name}")
