"""Refreshes: a version that holds what has ended is made anew without it, then erased.

The version that replaces it is numbered before anything is written under that number. A node may
die anywhere: the next one goes on with the same number, and what it finds of it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, insert, select, update

from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
from signoff_collector.own_files.private_files import make_private_folder
from signoff_datasets.building.versions import versions_here
from signoff_datasets.building.workplace import MANIFEST
from signoff_datasets.refreshing.erasing import leave_notice, notice_of
from signoff_datasets.refreshing.refreshes import Refresh, Refreshed
from signoff_datasets.verifying.files import NOTICE
from signoff_hub.building.builds import StoppedError, Watch
from signoff_hub.building.places import (
    HubBuilder,
    dataset_key,
    erase_version,
    fetch,
    plan_key,
    publish,
    read_plan,
    workroom,
)
from signoff_hub.building.plans import all_hold, write_plan_rows
from signoff_hub.building.source import HubSource, hub_authority
from signoff_hub.building.versions import (
    BUILDING,
    ERASED,
    REPLACED,
    Version,
    find_version,
    subject_of,
    this_version,
    write_ready,
)
from signoff_hub.database.tables import DATASET_VERSION, PLAN, PLAN_EPISODE
from signoff_hub.jobs.runner import LaterError
from signoff_hub.receiving.in_datasets import READY
from signoff_schemas.dataset import MAX_BYTES, canonical, digest_of, parse_manifest, parse_plan
from signoff_schemas.dataset_notice import encode_notice
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub_log import EntryKind, log_entry
from signoff_schemas.statement import format_time

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_datasets.engines.interface import Engine
    from signoff_hub.jobs.queue import Job
    from signoff_hub.node.node import Node
    from signoff_schemas.dataset import DatasetPlan, Manifest

_AGAIN_S: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What a refresh came to, in a folder."""

    refreshed: Refreshed
    plan: DatasetPlan | None
    """Of the new version, if there is one."""


def refresh(node: Node, job: Job, engine: Engine) -> None:
    """Do the job `refresh`: safe to kill and to repeat anywhere.

    Args:
        node: which hub.
        job: whose subject is `NAME/VERSION` of the old version.
        engine: runs what makes shards.

    Raises:
        LaterError: another process is at it, or more has ended meanwhile.
        NetworkError: database or store are away.
        DiskFullError: there is no room; the old version is as it was.
        DamagedError: the store lost something of the old version.
    """
    name, number = subject_of(job)
    version = _numbered(node, name, number)
    if version is None:
        return
    if version.state == READY:
        with workroom(node, name, number) as folder:
            made = _made(node, version, folder, engine)
            if made.refreshed.notice is None:
                raise LaterError("nothing_gone", after_s=60)
            if made.refreshed.manifest is not None and made.plan is not None:
                sha = made.refreshed.manifest.plan_sha256
                node.objects.create(plan_key(sha), canonical(made.plan))
                publish(node, folder / "new", made.refreshed.manifest)
            _keep_notice(node, version, folder / "old")
            _commit(node, version, made)
    _erase(node, version)


def _numbered(node: Node, name: str, number: int) -> Version | None:
    """Return the version, with the number of what replaces it; None where nothing is to be done."""
    with node.database.write() as connection:
        node.database.lock_log(connection)
        found = find_version(connection, name, number)
        if found is None or found.state not in {READY, REPLACED, ERASED}:
            return None
        if found.state == READY and found.successor is None:
            newest = connection.execute(
                select(func.max(DATASET_VERSION.c.version)).where(DATASET_VERSION.c.name == name)
            ).scalar_one()
            values = {
                "name": name,
                "version": newest + 1,
                "plan": "",  # until it is made
                "purpose": found.purpose,
                "state": BUILDING,
                "made_at": node.now(),
            }
            connection.execute(insert(DATASET_VERSION).values(values))
            connection.execute(
                update(DATASET_VERSION)
                .where(this_version(name, number))
                .values(successor=newest + 1)
            )
            node.probe("successor numbered")
        return find_version(connection, name, number)


def _made(node: Node, version: Version, folder: Path, engine: Engine) -> _Made:
    """Make the new version in a folder, from the old one as it lies in the store."""
    manifest = _manifest(node, version)
    plan = read_plan(node, version.plan)
    successor = version.successor or 0  # `_numbered` gave it one
    old, new, new_plan = folder / "old", folder / "new", folder / "plan.json"
    for one in (old, new):
        shutil.rmtree(one, ignore_errors=True)
    for one in folder.glob(".new.building-*"):
        shutil.rmtree(one, ignore_errors=True)
    new_plan.unlink(missing_ok=True)
    if plan.versions != versions_here():
        return _ended(node, manifest, old)
    fetch(node, manifest, old)
    node.probe("old version fetched")
    try:
        refreshed = Refresh(
            folder=old,
            plan=plan,
            source=HubSource(node, [one.sha256 for one in plan.episodes]),
            authority=hub_authority(node),
            engine=engine,
            day=node.moment(),
            builder=HubBuilder(node),
            version=successor,
        ).into(new, new_plan, Watch(node, version.name, successor))
    except StoppedError:
        raise LaterError("other_node", after_s=_AGAIN_S) from None
    node.probe("new version made")
    made = None
    if refreshed.manifest is not None:
        made = parse_plan(new_plan.read_bytes())
    return _Made(refreshed=refreshed, plan=made)


def _ended(node: Node, manifest: Manifest, old: Path) -> _Made:
    """End a version of another release: its bytes cannot be made anew here, and have to go."""
    notice = notice_of(manifest, None, {}, format_time(node.moment()))
    content = encode_notice(notice)
    make_private_folder(old)
    leave_notice(old, content, HubBuilder(node).sign(content))
    return _Made(refreshed=Refreshed(notice=notice, manifest=None), plan=None)


def _manifest(node: Node, version: Version) -> Manifest:
    key = dataset_key(version.name, version.version, MANIFEST)
    content = node.objects.read(key, max_bytes=MAX_BYTES)
    if content is None:
        raise DamagedError("the store lost the manifest of a data set")
    return parse_manifest(content)


def _keep_notice(node: Node, version: Version, old: Path) -> None:
    """Keep what the refresh says to who has the old version."""
    for name in (f"{NOTICE}.sig", NOTICE):
        key = dataset_key(version.name, version.version, name)
        content = (old / name).read_bytes()
        if not node.objects.create(key, content):
            held = node.objects.read(key, max_bytes=MAX_BYTES + MAX_SIGNATURE_BYTES)
            if held != content:  # of a try before more had ended
                node.objects.remove(key)
                node.objects.create(key, content)
        node.probe("notice created")


def _commit(node: Node, version: Version, made: _Made) -> None:
    """Replace the old version by the new one, unless more has ended meanwhile.

    Raises:
        LaterError: it has.
    """
    manifest, name = made.refreshed.manifest, version.name
    old_sha256 = version.manifest_sha256 or ""  # what is ready has one
    with node.database.write() as connection:
        node.database.lock_log(connection)
        found = find_version(connection, name, version.version)
        if found is None or found.state != READY:
            return  # another node was faster
        entry = log_entry(EntryKind.REFRESHED, old_sha256, node.moment())
        if manifest is not None and made.plan is not None:
            statements = [one.statement.sha256 for one in manifest.episodes]
            if not all_hold(node, connection, statements):
                node.objects.remove(plan_key(manifest.plan_sha256))
                raise LaterError("more_ended", after_s=_AGAIN_S)
            built = log_entry(EntryKind.BUILD, digest_of(manifest), node.moment())
            leaf, new_leaf = node.log.append(connection, (entry, built))
            token = connection.execute(
                select(PLAN.c.token_hash).where(PLAN.c.sha256 == version.plan)
            ).scalar_one()
            write_plan_rows(node, connection, made.plan, token, new_leaf)
            write_ready(connection, made.plan, manifest)
        else:
            (leaf,) = node.log.append(connection, (entry,))
            connection.execute(
                update(DATASET_VERSION)
                .where(this_version(name, version.successor or 0))
                .values(state=ERASED, replaced_at=node.now())
            )
        connection.execute(
            update(DATASET_VERSION)
            .where(this_version(name, version.version))
            .values(
                state=ERASED if manifest is None else REPLACED,
                replaced_at=node.now(),
                replaced_leaf=leaf,
            )
        )
        node.probe("replacement written")


def _erase(node: Node, version: Version) -> None:
    """Erase the files of a version that was replaced, and its plan."""
    with node.database.read() as connection:
        found = find_version(connection, version.name, version.version)
    if found is None or found.state == READY:
        return
    erase_version(node, version.name, version.version)
    node.objects.remove(plan_key(version.plan))
    with node.database.write() as connection:
        connection.execute(delete(PLAN_EPISODE).where(PLAN_EPISODE.c.plan == version.plan))
    node.probe("old version erased")
