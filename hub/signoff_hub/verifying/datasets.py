"""Versions of data sets and their plans: rows, manifest, signature and every file agree.

Whether the shards are what the plan's episodes come to is shown by building them again: whoever
holds the plan can (`signoff dataset build`). Here it is shown that they are those that the hub
signed, that they hold what the rows say, and nothing that had to be out of them by now.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import DATASET, MAX_SIGNATURE_BYTES
from signoff_datasets.building.proofs import files_of
from signoff_datasets.building.workplace import MANIFEST
from signoff_datasets.cards.croissant import croissant
from signoff_datasets.verifying.files import NOTICE
from signoff_hub.building.places import (
    CROISSANT,
    NOTICES,
    SIGNATURE,
    dataset_key,
    keys_below,
    plan_key,
)
from signoff_hub.building.versions import BUILDING, FAILED, Version, find_version, shards_of
from signoff_hub.database.tables import (
    DATASET_VERSION,
    PLAN,
    PLAN_EPISODE,
    SHARD,
    SHARD_EPISODE,
    TOMBSTONE,
)
from signoff_hub.receiving.in_datasets import READY
from signoff_hub.verifying.findings import (
    ASK,
    SWEEP,
    WAIT,
    Counts,
    Finding,
    damaged,
    left_over,
    not_signed,
)
from signoff_hub.verifying.held import digest_at, read_at
from signoff_schemas.dataset import MAX_BYTES, digest_of, parse_manifest, parse_plan
from signoff_schemas.errors import DamagedError, NotSignedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_hub.node.node import Node
    from signoff_schemas.dataset import Manifest

OUT_WITHIN_S: Final = 7 * 86_400
"""How long what ended may still lie in a shard (R4)."""
_MADE_ANEW: Final = "Draw the plan again and build it; readers fetch the new version."


def check_datasets(node: Node, counts: Counts) -> Iterator[Finding]:
    """Yield what is wrong with versions of data sets and plans.

    Args:
        node: which hub.
        counts: told what was looked at.

    Raises:
        NetworkError: database or store are away.
    """
    with node.database.read() as connection:
        versions = connection.execute(
            select(DATASET_VERSION.c.name, DATASET_VERSION.c.version).order_by(
                DATASET_VERSION.c.name, DATASET_VERSION.c.version
            )
        ).all()
    for name, number in versions:
        # A node may be at work on it: what is wrong has to be so twice.
        if list(_check_version(node, name, number, counts)):
            yield from _check_version(node, name, number, Counts())
    known = {(name, str(number)) for name, number in versions}
    for name in node.objects.folders("datasets"):
        for number in node.objects.folders(f"datasets/{name}"):
            if (name, number) in known or _is_known(node, name, number):
                continue
            # An empty folder is nothing: a store of files keeps them.
            if next(keys_below(node, f"datasets/{name}/{number}"), None) is not None:
                yield left_over(f"datasets/{name}/{number}/", "no row knows this version", ASK)
    yield from _check_plans(node, counts)


def _is_known(node: Node, name: str, number: str) -> bool:
    """Tell whether there is a row by now: a build may have begun a moment ago."""
    if not number.isdigit():
        return False
    with node.database.read() as connection:
        return find_version(connection, name, int(number)) is not None


def _check_version(node: Node, name: str, number: int, counts: Counts) -> Iterator[Finding]:
    with node.database.read() as connection:
        version = find_version(connection, name, number)
    if version is None or version.state in (BUILDING, FAILED):
        return
    counts.rows += 1
    if version.state == READY:
        yield from _check_ready(node, version, counts)
    else:
        yield from _check_gone(node, version, counts)


def _check_ready(node: Node, version: Version, counts: Counts) -> Iterator[Finding]:
    folder = dataset_key(version.name, version.version)
    content = read_at(node.objects, f"{folder}/{MANIFEST}", MAX_BYTES)
    if content is None:
        yield damaged(f"{folder}/{MANIFEST}", "is missing, or larger than a manifest", _MADE_ANEW)
        return
    if hashlib.sha256(content).hexdigest() != version.manifest_sha256:
        yield damaged(f"{folder}/{MANIFEST}", "is not the manifest that the row names", _MADE_ANEW)
        return
    try:
        manifest = parse_manifest(content)
    except DamagedError:
        yield damaged(f"{folder}/{MANIFEST}", "is no manifest", _MADE_ANEW)
        return
    yield from _check_signature(node, f"{folder}/{MANIFEST}", content)
    if (manifest.name, manifest.version) != (version.name, version.version):
        yield damaged(f"{folder}/{MANIFEST}", "is the manifest of another version", ASK)
    row = f"row dataset_version {version.name}/{version.version}"
    if manifest.request.purpose != version.purpose:
        yield damaged(row, "names another purpose than its manifest")
    if manifest.plan_sha256 != version.plan:
        yield damaged(row, "names another plan than its manifest")
    card = read_at(node.objects, f"{folder}/{CROISSANT}", MAX_BYTES)
    if card != croissant(manifest, builder=node.key.fingerprint):
        yield damaged(f"{folder}/{CROISSANT}", "is not what follows from the manifest", _MADE_ANEW)
    yield from _check_files(node, folder, manifest, counts)
    yield from _check_rows(node, manifest, counts)


def _check_signature(node: Node, key: str, content: bytes) -> Iterator[Finding]:
    signature = read_at(node.objects, f"{key}.sig", MAX_SIGNATURE_BYTES)
    if signature is None:
        yield damaged(f"{key}.sig", "is missing")
        return
    try:
        signer = verify_signature(content, signature, DATASET).public_key
    except (NotSignedError, DamagedError):
        signer = None
    if signer != node.key.public_key:
        yield not_signed(f"{key}.sig", "is not the hub's signature of it")


def _check_files(node: Node, folder: str, manifest: Manifest, counts: Counts) -> Iterator[Finding]:
    named = dict(files_of(manifest))
    for path, sha256 in sorted(named.items()):
        held = digest_at(node.objects, f"{folder}/{path}", counts)
        if held is None:
            yield damaged(f"{folder}/{path}", "is missing", _MADE_ANEW)
            continue
        counts.objects += 1
        if held != sha256:
            what = "is not the file that the manifest names"
            yield damaged(f"{folder}/{path}", what, _MADE_ANEW)
    known = {f"{folder}/{path}" for path in (*named, MANIFEST, SIGNATURE, CROISSANT, *NOTICES)}
    for key in keys_below(node, folder):
        if key not in known:
            yield damaged(key, "lies in a data set whose manifest does not name it", ASK)


def _check_rows(node: Node, manifest: Manifest, counts: Counts) -> Iterator[Finding]:
    place = f"{manifest.name}/{manifest.version}"
    numbers = {shard: number for number, shard in enumerate(shards_of(manifest))}
    of_it = (SHARD_EPISODE.c.name == manifest.name) & (SHARD_EPISODE.c.version == manifest.version)
    with node.database.read() as connection:
        shards = {
            (row.sha256, row.size_bytes)
            for row in connection.execute(
                select(SHARD.c.sha256, SHARD.c.size_bytes).where(
                    SHARD.c.name == manifest.name, SHARD.c.version == manifest.version
                )
            )
        }
        rows = connection.execute(
            select(SHARD_EPISODE.c.shard, SHARD_EPISODE.c.episode, SHARD_EPISODE.c.statement).where(
                of_it
            )
        ).all()
        late = connection.execute(
            select(SHARD_EPISODE.c.episode)
            .join(TOMBSTONE, TOMBSTONE.c.episode == SHARD_EPISODE.c.episode)
            .where(of_it, TOMBSTONE.c.withdrawn_at <= node.now() - OUT_WITHIN_S)
            .order_by(SHARD_EPISODE.c.episode)
        ).scalars()
        overdue = list(late)
    counts.rows += len(shards) + len(rows)
    if shards != {(file.sha256, file.size_bytes) for file in manifest.files}:
        yield damaged(f"rows shard {place}", "are not the files that the manifest names")
    wanted = {(numbers[e.shard], e.sha256, e.statement.sha256) for e in manifest.episodes}
    held = {(row.shard, row.episode, row.statement) for row in rows}
    for shard, episode, _ in sorted(wanted ^ held):
        where = f"row shard_episode {place} {shard} {episode}"
        is_missing = (shard, episode) not in {(one[0], one[1]) for one in held}
        what = (
            "is missing: its end would not reach this version"
            if is_missing
            else ("is other than the manifest says")
        )
        yield damaged(where, what)
    for episode in overdue:
        what = f"still holds {episode}, which ended more than seven days ago"
        yield damaged(f"datasets/{place}/", what, WAIT)


def _check_gone(node: Node, version: Version, counts: Counts) -> Iterator[Finding]:
    """Yield what is here of a version that was replaced or ended, but for its notice."""
    folder = dataset_key(version.name, version.version)
    for key in keys_below(node, folder):
        counts.objects += 1
        if key.removeprefix(f"{folder}/") not in NOTICES:
            yield damaged(key, "lies in a data set that was replaced and erased", WAIT)
    notice = read_at(node.objects, f"{folder}/{NOTICE}", MAX_BYTES)
    if notice is not None:
        yield from _check_signature(node, f"{folder}/{NOTICE}", notice)
    elif version.manifest_sha256 is not None and version.successor is not None:
        yield damaged(f"{folder}/{NOTICE}", "is missing: it told who has the old version")


def _check_plans(node: Node, counts: Counts) -> Iterator[Finding]:
    """Yield plans that are not what they are named after, and those that no row knows."""
    with node.database.read() as connection:
        gone = select(DATASET_VERSION.c.plan).where(
            DATASET_VERSION.c.state.in_(("replaced", "erased"))
        )
        # A plan goes with its version; one that became another is not built any more.
        plans = connection.execute(
            select(PLAN.c.sha256, PLAN.c.name, PLAN.c.purpose).where(
                PLAN.c.sha256.not_in(gone), PLAN.c.became.is_(None)
            )
        ).all()
        known = set(connection.execute(select(PLAN.c.sha256)).scalars())
    for row in sorted(plans):
        counts.rows += 1
        key = plan_key(row.sha256)
        content = read_at(node.objects, key, MAX_BYTES)
        if content is None or hashlib.sha256(content).hexdigest() != row.sha256:
            yield damaged(key, "is missing, or not the plan that was drawn", _MADE_ANEW)
            continue
        counts.objects += 1
        try:
            plan = parse_plan(content)
        except DamagedError:
            yield damaged(key, "is no plan", ASK)
            continue
        if digest_of(plan) != row.sha256 or (plan.name, plan.request.purpose) != (
            row.name,
            row.purpose,
        ):
            yield damaged(f"row plan {row.sha256}", "says other than the plan")
        with node.database.read() as connection:
            of_it = select(PLAN_EPISODE.c.episode).where(PLAN_EPISODE.c.plan == row.sha256)
            held = set(connection.execute(of_it).scalars())
        if held != {one.sha256 for one in plan.episodes}:
            yield damaged(f"rows plan_episode {row.sha256}", "are not the episodes of the plan")
    for prefix in node.objects.folders("plans"):
        for name in node.objects.names(f"plans/{prefix}"):
            if name.removesuffix(".json") not in known and not _has_row(node, name):
                yield left_over(f"plans/{prefix}/{name}", "a plan that no row knows", SWEEP)


def _has_row(node: Node, name: str) -> bool:
    """Tell whether a plan has a row by now: it may be drawn at this moment."""
    with node.database.read() as connection:
        wanted = select(PLAN.c.sha256).where(PLAN.c.sha256 == name.removesuffix(".json"))
        return connection.execute(wanted).first() is not None
