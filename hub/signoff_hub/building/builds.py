"""Builds: a plan becomes a version of a data set, as a job that any node may end."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, insert, select, update

from signoff_datasets.building.builds import Build
from signoff_datasets.building.carrying import carry_over
from signoff_datasets.building.versions import versions_here
from signoff_datasets.building.workplace import Workplace
from signoff_datasets.verifying.files import file_findings
from signoff_datasets.verifying.verifying import read_manifest
from signoff_hub.building.places import (
    HubBuilder,
    clear_workroom,
    erase_version,
    publish,
    read_plan,
    workroom,
)
from signoff_hub.building.plans import all_hold, no_plan, stale
from signoff_hub.building.reducing import (
    built_instead,
    earlier_plans,
    first_of,
    forget_earlier,
    go_on_without,
)
from signoff_hub.building.source import HubSource, holds_now, hub_authority
from signoff_hub.building.versions import (
    BUILDING,
    FAILED,
    give_up,
    is_building,
    subject_of,
    this_version,
    write_ready,
)
from signoff_hub.database.tables import DATASET_VERSION, JOB, PLAN, PLAN_EPISODE, SIGN_OFF
from signoff_hub.jobs.queue import FAILED as JOB_FAILED
from signoff_hub.jobs.queue import put
from signoff_hub.jobs.runner import LaterError
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.dataset import digest_of
from signoff_schemas.errors import RefusedError, SignoffError
from signoff_schemas.hub_api import BuildState
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Row

    from signoff_datasets.engines.interface import Engine
    from signoff_hub.jobs.queue import Job
    from signoff_hub.node.node import Node
    from signoff_schemas.dataset import DatasetPlan, Manifest

BUILD: Final = "build"
"""The job of a version that is made; its subject is `NAME/VERSION`."""
_ENDED: Final = ("replaced", "erased")
_MOST_SHOWN: Final = 1_000
_LOOKED_EVERY_S: Final = 2.0
_BUSY_S: Final = 30
_AGAIN_S: Final = 1


class StoppedError(SignoffError):
    """Somebody stopped the build, or another node ended it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What became of asking for a build."""

    state: BuildState
    is_new: bool


def begin(node: Node, token_hash: str, plan_sha256: str) -> Begun:
    """Have a plan built; asking again tells how far it is, and tries once more what failed.

    Raises:
        HubFault: there is no such plan of theirs, or it cannot be built any more.
        NetworkError: database or store are away.
    """
    _refuse_stranger(node, token_hash, plan_sha256)
    with node.database.read() as connection:
        wanted = built_instead(connection, plan_sha256)
        row = _row_of_plan(connection, wanted)
        is_new = _is_new(connection, row)
    if is_new and read_plan(node, wanted).versions != versions_here():
        raise HubFault(
            FaultCode.OTHER_VERSIONS,
            "the plan was drawn by another release of this hub",
            hint="Draw the plan again: POST /v1/plans.",
        )
    with node.database.write() as connection:
        node.database.lock_log(connection)
        wanted = built_instead(connection, plan_sha256)
        row = _row_of_plan(connection, wanted)
        is_new = _is_new(connection, row)
        if is_new:
            if _has_gone(node, connection, wanted):
                raise stale()
            _begin(node, connection, wanted, row)
            row = _row_of_plan(connection, wanted)
        if row is None:
            raise no_plan()
        state = _state(connection, row, plan_sha256)
    node.bell.set()
    return Begun(state=state, is_new=is_new)


def read_build(node: Node, token_hash: str, plan_sha256: str) -> BuildState:
    """Tell how far the build of one's own plan is.

    Raises:
        HubFault: there is none.
    """
    _refuse_stranger(node, token_hash, plan_sha256)
    with node.database.read() as connection:
        row = _row_of_plan(connection, built_instead(connection, plan_sha256))
        if row is None:
            raise HubFault(
                FaultCode.NOT_FOUND, "that plan is not built", hint="Build it: POST /v1/builds."
            )
        return _state(connection, row, plan_sha256)


def list_builds(node: Node, token_hash: str) -> tuple[BuildState, ...]:
    """Return the newest builds of the plans of whoever asks."""
    with node.database.read() as connection:
        rows = connection.execute(
            select(DATASET_VERSION)
            .join(PLAN, PLAN.c.sha256 == DATASET_VERSION.c.plan)
            .where(PLAN.c.token_hash == token_hash)
            .order_by(DATASET_VERSION.c.made_at.desc(), DATASET_VERSION.c.name)
            .limit(_MOST_SHOWN)
        ).all()
        earlier = earlier_plans(connection, token_hash)
        return tuple(_state(connection, row, first_of(row.plan, earlier)) for row in rows)


def stop(node: Node, token_hash: str, plan_sha256: str) -> BuildState:
    """Stop a build under way; one that has ended stays as it is."""
    _refuse_stranger(node, token_hash, plan_sha256)
    with node.database.write() as connection:
        node.database.lock_log(connection)
        wanted = built_instead(connection, plan_sha256)
        connection.execute(
            update(DATASET_VERSION)
            .where(DATASET_VERSION.c.plan == wanted, DATASET_VERSION.c.state == BUILDING)
            .values(state=FAILED, fault=FaultCode.STOPPED)
        )
        row = _row_of_plan(connection, wanted)
        if row is not None:
            put(connection, BUILD, f"{row.name}/{row.version}")  # clears what there is of it
    return read_build(node, token_hash, plan_sha256)


def build(node: Node, job: Job, engine: Engine) -> None:
    """Do the job `build`: safe to kill and to repeat anywhere.

    Args:
        node: which hub.
        job: whose subject is `NAME/VERSION`.
        engine: runs what makes shards.

    Raises:
        LaterError: another process is at it, or something ended: it is built without that.
        NetworkError: database or store are away.
        DiskFullError: there is no room.
    """
    name, version = subject_of(job)
    if not is_building(node, name, version):
        _clear(node, name, version)
        return
    with node.database.read() as connection:
        plan_sha256 = connection.execute(
            select(DATASET_VERSION.c.plan).where(this_version(name, version))
        ).scalar_one()
    forget_earlier(node, plan_sha256)
    plan = read_plan(node, plan_sha256)
    if plan.versions != versions_here():
        give_up(node, name, version, FaultCode.OTHER_VERSIONS)
        _clear(node, name, version)
        return
    with workroom(node, name, version) as folder:
        code = _made(node, plan, folder / "out", version, engine)
        left = go_on_without(node, plan, version) if code is FaultCode.STALE else None
        if left is not None:
            kept = carry_over(folder / "out", plan, left)
            erase_version(node, name, version, but=kept)
            raise LaterError("ended", after_s=_AGAIN_S)
    if code is not None:
        give_up(node, name, version, code)
        _clear(node, name, version)


def _made(
    node: Node, plan: DatasetPlan, out: Path, version: int, engine: Engine
) -> FaultCode | None:
    """Build, publish and write a version; return why it is none."""
    try:
        manifest = _built(node, plan, out, version, engine)
        node.probe("data set built")
        publish(node, out, manifest)
        return _commit(node, plan, manifest)
    except StoppedError:
        return FaultCode.STOPPED
    except RefusedError:
        return FaultCode.STALE


@dataclass(slots=True)
class Watch:
    """Looks now and then whether a version is still wanted; called as work goes on."""

    node: Node
    name: str
    version: int
    looked_at: float = 0.0

    def __call__(self, _done: int, _all: int) -> None:
        """Look, if it is time.

        Raises:
            StoppedError: it is not.
        """
        now = time.monotonic()
        if now - self.looked_at < _LOOKED_EVERY_S:
            return
        self.looked_at = now
        if not is_building(self.node, self.name, self.version):
            raise StoppedError("the build was stopped")


def _built(node: Node, plan: DatasetPlan, out: Path, version: int, engine: Engine) -> Manifest:
    """Return the data set in a folder, built there, or by a try before this one."""
    found = _whole(out, plan, version)
    if found is not None:
        return found
    shutil.rmtree(out, ignore_errors=True)
    try:
        place = Workplace(out, digest_of(plan))
    except RefusedError:
        raise LaterError("busy", after_s=_BUSY_S) from None
    try:
        return Build(
            plan=plan,
            address=node.store,
            source=HubSource(node, [one.sha256 for one in plan.episodes]),
            authority=hub_authority(node),
            engine=engine,
            now=node.moment(),
            builder=HubBuilder(node),
            version=version,
        ).into(place, Watch(node, plan.name, version))
    finally:
        place.close()


def _whole(out: Path, plan: DatasetPlan, version: int) -> Manifest | None:
    try:
        manifest, _ = read_manifest(out)
    except SignoffError:
        return None
    is_it = manifest.plan_sha256 == digest_of(plan) and manifest.version == version
    return None if not is_it or any(file_findings(out, manifest, lambda: None)) else manifest


def _commit(node: Node, plan: DatasetPlan, manifest: Manifest) -> FaultCode | None:
    """Write rows and leaf, unless something of it went or it was stopped; return why not."""
    statements = [one.statement.sha256 for one in manifest.episodes]
    with node.database.write() as connection:
        node.database.lock_log(connection)
        state = connection.execute(
            select(DATASET_VERSION.c.state).where(this_version(manifest.name, manifest.version))
        ).scalar()
        if state != BUILDING:
            return FaultCode.STOPPED if state == FAILED else None
        if not all_hold(node, connection, statements):
            return FaultCode.STALE
        write_ready(connection, plan, manifest)
        entry = log_entry(EntryKind.BUILD, digest_of(manifest), node.moment())
        node.log.append(connection, (entry,))
        node.probe("build written")
    return None


def _clear(node: Node, name: str, version: int) -> None:
    """Take away what there is of a version that is not made; of another one nothing."""
    with node.database.read() as connection:
        state = connection.execute(
            select(DATASET_VERSION.c.state).where(this_version(name, version))
        ).scalar()
    if state == FAILED:
        clear_workroom(node, name, version)
        erase_version(node, name, version)


def _begin(
    node: Node, connection: Connection, plan_sha256: str, row: Row[tuple[object, ...]] | None
) -> None:
    """Make the row of a version, or set one that failed on its way again, and the job."""
    plan = connection.execute(select(PLAN).where(PLAN.c.sha256 == plan_sha256)).one()
    others = select(DATASET_VERSION.c.version).where(
        DATASET_VERSION.c.name == plan.name, DATASET_VERSION.c.purpose != plan.purpose
    )
    if connection.execute(others.limit(1)).first() is not None:
        raise HubFault(
            FaultCode.PURPOSE,
            "a data set of that name is for another purpose",
            hint="Draw the plan under another name: grants are for a name and its one purpose.",
        )
    if row is None:
        newest = connection.execute(
            select(func.max(DATASET_VERSION.c.version)).where(DATASET_VERSION.c.name == plan.name)
        ).scalar()
        version = int(newest or 0) + 1
        values = {
            "name": plan.name,
            "version": version,
            "plan": plan_sha256,
            "purpose": plan.purpose,
            "state": BUILDING,
            "made_at": node.now(),
        }
        connection.execute(insert(DATASET_VERSION).values(values))
    else:
        version = row.version
        connection.execute(
            update(DATASET_VERSION)
            .where(this_version(row.name, version))
            .values(state=BUILDING, fault=None)
        )
    put(connection, BUILD, f"{plan.name}/{version}")


def _has_gone(node: Node, connection: Connection, plan_sha256: str) -> bool:
    """Tell whether an episode of a plan has no sign-off any more that holds."""
    held = select(SIGN_OFF.c.statement).where(
        SIGN_OFF.c.episode == PLAN_EPISODE.c.episode, holds_now(node)
    )
    gone = select(PLAN_EPISODE.c.episode).where(PLAN_EPISODE.c.plan == plan_sha256, ~held.exists())
    return connection.execute(gone.limit(1)).first() is not None


def _is_new(connection: Connection, row: Row[tuple[object, ...]] | None) -> bool:
    """Tell whether a plan is still to be built, or once more.

    Raises:
        HubFault: what was built of it was replaced.
    """
    if row is not None and row.state in _ENDED:
        raise stale()
    return row is None or _state(connection, row, row.plan).state == FAILED


def _row_of_plan(connection: Connection, plan_sha256: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(DATASET_VERSION).where(DATASET_VERSION.c.plan == plan_sha256)
    ).first()


def _refuse_stranger(node: Node, token_hash: str, plan_sha256: str) -> None:
    with node.database.read() as connection:
        found = connection.execute(
            select(PLAN.c.name).where(PLAN.c.sha256 == plan_sha256, PLAN.c.token_hash == token_hash)
        ).scalar()
    if not found:
        raise no_plan()


def _state(connection: Connection, row: Row[tuple[object, ...]], asked: str) -> BuildState:
    state, reason = row.state, row.fault
    if state == BUILDING:
        job = connection.execute(
            select(JOB.c.state, JOB.c.fault).where(
                JOB.c.kind == BUILD, JOB.c.subject == f"{row.name}/{row.version}"
            )
        ).first()
        if job is not None and job.state == JOB_FAILED:
            state, reason = FAILED, job.fault
    return BuildState(
        plan=asked,
        name=row.name,
        version=row.version,
        state=state,
        reason=reason,
        manifest_sha256=row.manifest_sha256,
        built=None if row.plan == asked else row.plan,
    )
