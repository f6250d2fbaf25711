"""What a build had made before something of its plan ended, kept for the build without that.

A shard is what its planned episodes, k and versions make of it; where those did not change, its
files are those that a build of the smaller plan makes (tests/hub/building).
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from signoff_collector.own_files.private_files import read_regular, storage_error
from signoff_datasets.building.workplace import (
    MANIFEST,
    ShardNote,
    held_note,
    leave_only,
    unfinished,
)
from signoff_schemas.dataset import MAX_BYTES, digest_of, parse_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_schemas.dataset import DatasetPlan


def carry_over(out: Path, plan: DatasetPlan, left: DatasetPlan) -> frozenset[str]:
    """Keep the shards built of a plan that its rest has too; all other files go at once.

    Nobody else may be at work there. Killed at any point it leaves what a build of the rest begins
    anew or goes on with, never a shard of what ended under the name of one without it.

    Args:
        out: of the build, which ended or was broken off.
        plan: it was built from.
        left: the plan less what ended.

    Returns:
        The paths of the files that are kept.

    Raises:
        SignoffError: the disk refused.
    """
    is_finished = (out / MANIFEST).is_file()
    before = out if is_finished else out.with_name(unfinished(out, digest_of(plan)))
    names = _unchanged(plan, left)
    finished = _notes_of_finished(out, plan) if is_finished else {}
    notes = {one: finished.get(one) or held_note(before, one) for one in names}
    kept = {name: note for name, note in notes.items() if note is not None}
    after = out.with_name(unfinished(out, digest_of(left)))
    try:
        if not before.is_dir():
            return frozenset()
        leave_only(before, kept)
        shutil.rmtree(after, ignore_errors=True)
        before.rename(after)
    except OSError as error:
        raise storage_error(error, before) from error
    return frozenset(file.path for note in kept.values() for file in note.files)


def _unchanged(plan: DatasetPlan, left: DatasetPlan) -> frozenset[str]:
    """Return the names of the shards of which nothing that they are made of is another."""
    if (plan.request.k, plan.versions) != (left.request.k, left.versions):
        return frozenset()
    was, now = ({one.sha256: one for one in each.episodes} for each in (plan, left))
    before = {one.name: one for one in plan.shards}
    return frozenset(
        one.name
        for one in left.shards
        if before.get(one.name) == one and all(was[each] == now[each] for each in one.episodes)
    )


def _notes_of_finished(out: Path, plan: DatasetPlan) -> dict[str, ShardNote]:
    """Return what each shard came to; a finished data set has no notes, but its manifest."""
    manifest = parse_manifest(read_regular(out / MANIFEST, max_bytes=MAX_BYTES))
    if manifest.plan_sha256 != digest_of(plan):
        return {}
    return {
        shard.name: ShardNote(
            files=tuple(one for one in manifest.files if one.shard == shard.name),
            set_aside=tuple(one for one in manifest.set_aside if one.sha256 in shard.episodes),
        )
        for shard in plan.shards
    }
