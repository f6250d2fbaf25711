"""The plan without what is gone: every shard that lost nothing stays as it is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from signoff_datasets.planning.cutting import fits, trimmed
from signoff_schemas.dataset import PlannedShard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_schemas.dataset import DatasetPlan, PlannedEpisode


def reduced(plan: DatasetPlan, gone: Mapping[str, str], as_of: str) -> DatasetPlan:
    """Return the plan without some episodes, as of a day; its shards may be none.

    A shard that has too few people left, or too much of one, is joined with the nearest shard of
    its split that can take it, under the name of that one: two shards are rebuilt then, and no
    third. Where none can, it is trimmed, or dropped with what it holds. The same plan and the
    same episodes give the same plan.

    Args:
        plan: of the data set.
        gone: digest to reason, counted as left out.
        as_of: the day of the new plan.
    """
    known = {one.sha256: one for one in plan.episodes}
    left_out = Counter(plan.left_out)
    left_out.update(gone.values())
    groups = {
        shard.name: [known[one] for one in shard.episodes if one not in gone]
        for shard in plan.shards
    }
    lost = [one.name for one in plan.shards if len(groups[one.name]) < len(one.episodes)]
    for name in lost:
        group = groups.pop(name)
        if fits(group, plan.request.k):
            groups[name] = group
        elif group:
            _place(plan, name, group, groups, left_out)
    held = sorted(one.sha256 for group in groups.values() for one in group)
    return plan.model_copy(
        update={
            "request": plan.request.model_copy(update={"as_of": as_of}),
            "episodes": tuple(known[one] for one in held),
            "shards": tuple(
                PlannedShard(
                    name=shard.name,
                    split=shard.split,
                    episodes=tuple(sorted(one.sha256 for one in groups[shard.name])),
                )
                for shard in plan.shards
                if shard.name in groups
            ),
            "left_out": dict(sorted(left_out.items())),
        }
    )


def _place(
    plan: DatasetPlan,
    name: str,
    group: list[PlannedEpisode],
    groups: dict[str, list[PlannedEpisode]],
    left_out: Counter[str],
) -> None:
    """Put what is left of a shard where it fits, or leave it out."""
    for other in _nearest(plan, name):
        if other in groups and fits([*groups[other], *group], plan.request.k):
            groups[other] += group
            return
    kept, left = trimmed(group, plan.request.k, plan.salt)
    left_out.update(left.values())
    if kept:
        groups[name] = kept


def _nearest(plan: DatasetPlan, name: str) -> Iterator[str]:
    """Yield the other shards of the split, the nearest first, of two the one before."""
    names = [
        one.name for one in plan.shards if one.name.partition("-")[0] == name.partition("-")[0]
    ]
    here = names.index(name)
    for away in range(1, len(names)):
        for at in (here - away, here + away):
            if 0 <= at < len(names):
                yield names[at]
