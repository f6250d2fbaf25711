"""Versions of data sets: their rows, and what of one may be read now.

What ended is not read from that moment on: not the shard that holds it, though its version is made
anew only later. A version that was replaced is gone as a whole and names the one to use.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, not_, select, update

from signoff_datasets.building.proofs import receipt_path, statement_path
from signoff_hub.building.places import dataset_key
from signoff_hub.building.source import holds_now
from signoff_hub.database.tables import (
    DATASET_VERSION,
    PLAN_EPISODE,
    SHARD,
    SHARD_EPISODE,
    SIGN_OFF,
)
from signoff_hub.database.writing import create_row
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.in_datasets import READY
from signoff_schemas.dataset import digest_of
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub_api import EpisodeProof, EpisodeProofs
from signoff_schemas.hub_log import EntryKind, log_entry
from signoff_schemas.statement import MAX_STATEMENT_BYTES

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

    from signoff_hub.jobs.queue import Job
    from signoff_hub.node.node import Node
    from signoff_schemas.dataset import DatasetPlan, Manifest

BUILDING: Final = "building"
FAILED: Final = "failed"
REPLACED: Final = "replaced"
ERASED: Final = "erased"
_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One row."""

    name: str
    version: int
    plan: str
    manifest_sha256: str | None
    purpose: str
    state: str
    made_at: int
    successor: int | None


def this_version(name: str, version: int) -> ColumnElement[bool]:
    """Return the condition of a version's row."""
    return (DATASET_VERSION.c.name == name) & (DATASET_VERSION.c.version == version)


def subject_of(job: Job) -> tuple[str, int]:
    """Return name and version of a job's data set."""
    name, _, number = job.subject.rpartition("/")
    return name, int(number)


def find_version(connection: Connection, name: str, version: int) -> Version | None:
    """Return a version, in whatever state."""
    columns = [DATASET_VERSION.c[one] for one in Version.__dataclass_fields__]
    row = connection.execute(select(*columns).where(this_version(name, version))).mappings().first()
    return None if row is None else Version(**row)


def is_building(node: Node, name: str, version: int) -> bool:
    """Tell whether a version is still to be made."""
    with node.database.read() as connection:
        found = find_version(connection, name, version)
    return found is not None and found.state == BUILDING


def give_up(node: Node, name: str, version: int, code: str) -> None:
    """Note that a version cannot be made."""
    with node.database.write() as connection:
        connection.execute(
            update(DATASET_VERSION)
            .where(this_version(name, version), DATASET_VERSION.c.state == BUILDING)
            .values(state=FAILED, fault=code)
        )


def all_held(node: Node, name: str, version: int) -> bool:
    """Tell whether everything that a version holds may be used now."""
    with node.database.read() as connection:
        return connection.execute(_ended(node, name, version).limit(1)).first() is None


def end_version(node: Node, name: str, version: int) -> None:
    """End a version with none in its place: the feed tells it, and its builder builds anew."""
    with node.database.write() as connection:
        node.database.lock_log(connection)
        found = find_version(connection, name, version)
        if found is None or found.state != READY or found.manifest_sha256 is None:
            return
        entry = log_entry(EntryKind.REFRESHED, found.manifest_sha256, node.moment())
        (leaf,) = node.log.append(connection, (entry,))
        connection.execute(
            update(DATASET_VERSION)
            .where(this_version(name, version))
            .values(state=ERASED, replaced_at=node.now(), replaced_leaf=leaf)
        )
        connection.execute(delete(PLAN_EPISODE).where(PLAN_EPISODE.c.plan == found.plan))


def write_ready(connection: Connection, plan: DatasetPlan, manifest: Manifest) -> None:
    """Write the rows of a version that is published."""
    name, version = manifest.name, manifest.version
    for file in manifest.files:
        values = {
            "name": name,
            "version": version,
            "sha256": file.sha256,
            "file": file.path,
            "size_bytes": file.size_bytes,
        }
        create_row(connection, SHARD, values)  # a table without rows is the same in each shard
    numbers = {shard: number for number, shard in enumerate(shards_of(manifest))}
    rows = [
        {
            "name": name,
            "version": version,
            "shard": numbers[one.shard],
            "episode": one.sha256,
            "statement": one.statement.sha256,
        }
        for one in manifest.episodes
    ]
    connection.execute(insert(SHARD_EPISODE), rows)
    connection.execute(
        update(DATASET_VERSION)
        .where(this_version(name, version))
        .values(state=READY, manifest_sha256=digest_of(manifest), plan=digest_of(plan), fault=None)
    )


def shards_of(manifest: Manifest) -> list[str]:
    """Return the shards that have files, in order: the number of each is its place."""
    return sorted({file.shard for file in manifest.files})


def readable(connection: Connection, name: str, version: int) -> Version:
    """Return a version that is read.

    Raises:
        HubFault: there is none, it is not ready, or it was replaced.
    """
    found = find_version(connection, name, version)
    if found is None or found.state in {BUILDING, FAILED}:
        raise HubFault(FaultCode.NOT_FOUND, "there is no such version of that data set")
    if found.state == READY:
        return found
    newer = _newer(connection, found)
    if newer is None:
        raise HubFault(
            FaultCode.REPLACED,
            "that version ended, and there is none to use instead",
            hint="Erase what you have of it; its notice says what it held.",
        )
    raise HubFault(
        FaultCode.REPLACED,
        f"that version was replaced by version {newer}",
        hint="Erase what you have of it and fetch the newer one; its notice says what changed.",
        newer=newer,
    )


def file_of(node: Node, name: str, version: int, sha256: str) -> tuple[str, int]:
    """Return where a file that the manifest names lies, and its bytes.

    Raises:
        HubFault: there is none; or its shard holds what has ended.
    """
    with node.database.read() as connection:
        readable(connection, name, version)
        files = connection.execute(
            select(SHARD.c.sha256, SHARD.c.file, SHARD.c.size_bytes).where(
                SHARD.c.name == name, SHARD.c.version == version
            )
        ).all()
        row = next((one for one in files if one.sha256 == sha256), None)
        if row is None:
            raise HubFault(FaultCode.NOT_FOUND, "that version has no such file")
        shards = sorted({PurePosixPath(one.file).stem for one in files})
        number = shards.index(PurePosixPath(row.file).stem)
        ended = _ended(node, name, version).where(SHARD_EPISODE.c.shard == number)
        if connection.execute(ended.limit(1)).first() is not None:
            raise HubFault(
                FaultCode.WITHDRAWN,
                "that file holds what was withdrawn or has expired; a version without it is made",
                hint="Ask for this version again later: it will name the newer one.",
            )
    return dataset_key(name, version, row.file), row.size_bytes


def proofs_of(node: Node, name: str, version: int, after: str) -> EpisodeProofs:
    """Return a page of proofs; of what has ended there is none any more."""
    with node.database.read() as connection:
        readable(connection, name, version)
        rows = connection.execute(
            select(SHARD_EPISODE.c.episode, SHARD_EPISODE.c.statement, SIGN_OFF.c.state)
            .outerjoin(
                SIGN_OFF,
                (SIGN_OFF.c.statement == SHARD_EPISODE.c.statement) & holds_now(node),
            )
            .where(
                SHARD_EPISODE.c.name == name,
                SHARD_EPISODE.c.version == version,
                SHARD_EPISODE.c.episode > after,
            )
            .order_by(SHARD_EPISODE.c.episode)
            .limit(_PAGE)
        ).all()
    proofs = tuple(
        _proof(node, dataset_key(name, version), row.episode, row.statement)
        for row in rows
        if row.state is not None
    )
    return EpisodeProofs(proofs=proofs, next=rows[-1].episode if len(rows) == _PAGE else None)


def _proof(node: Node, folder: str, episode: str, statement: str) -> EpisodeProof:
    def read(path: str) -> str | None:
        content = node.objects.read(f"{folder}/{path}", max_bytes=MAX_STATEMENT_BYTES)
        return None if content is None else content.decode("utf-8")

    signed, receipt = statement_path(statement), receipt_path(statement)
    content, signature = read(signed), read(f"{signed}.sig")
    if content is None or signature is None:
        raise DamagedError("the store lost a file of a data set")
    return EpisodeProof(
        sha256=episode,
        statement=content,
        statement_signature=signature,
        receipt=read(receipt),
        receipt_signature=read(f"{receipt}.sig"),
    )


def _ended(node: Node, name: str, version: int) -> Select[tuple[str]]:
    holds = select(SIGN_OFF.c.statement).where(
        SIGN_OFF.c.statement == SHARD_EPISODE.c.statement, holds_now(node)
    )
    return select(SHARD_EPISODE.c.episode).where(
        SHARD_EPISODE.c.name == name, SHARD_EPISODE.c.version == version, not_(holds.exists())
    )


def _newer(connection: Connection, of: Version) -> int | None:
    """Return the version at the end of the chain, if there is one to read."""
    found: Version | None = of
    while found is not None and found.state == REPLACED and found.successor is not None:
        found = find_version(connection, of.name, found.successor)
    return None if found is None or found.state != READY else found.version
