"""Draw a plan: choose, split, cut."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from signoff_datasets.planning.cutting import cut
from signoff_datasets.screening.splits import THOUSAND, Splits, split, split_by_time
from signoff_datasets.similarity.near_copies import near_copies
from signoff_schemas.dataset import NAME_PATTERN, DatasetPlan
from signoff_schemas.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_datasets.planning.choosing import Chosen
    from signoff_schemas.dataset import PlannedEpisode, PlannedShard, Request, Split

SHARD_BYTES: Final = 64 << 20
_MEANING: Final = "docs/datasets.md says what each word means."
_HINTS: Final[Mapping[str, str]] = {
    "fewer-than-k": "For your own episodes alone give `--k 1`; else more people have to share.",
    "purpose": "Their authors signed for other purposes; `signoff sign --purpose` signs for one.",
    "prohibited-use": "Promise what their authors ask: leave `--never` out, or name more uses.",
    "unknown-key": "Say who may sign: `--allowed-signers FILE --audience URL`.",
    "not-signed": "Sign them first: `signoff review`.",
    "imported": "What another tool recorded can never be signed; record with `signoff setup`.",
    "quality": "Ask for fewer gates, or none: `--require`; `signoff show --quality` says why.",
    "licence": "`--licences any` takes every licence, also where none is named.",
}


def _hint(left_out: Mapping[str, int]) -> str:
    """Return what helps against the most frequent reason; against imports nothing does."""
    mendable = [one for one in left_out if one != "imported"] or list(left_out)
    reason = max(mendable, key=lambda one: (left_out[one], one), default="")
    if reason.startswith(("licence", "repository-licence")):
        reason = "licence"
    if reason.startswith("quality-"):
        reason = "quality"
    return _HINTS.get(reason, _MEANING)


def draw(
    name: str,
    chosen: Chosen,
    request: Request,
    *,
    salt: str,
    versions: Mapping[str, str],
) -> DatasetPlan:
    """Return the plan of a data set: the same choice, request and salt give the same.

    Raises:
        UsageError: the name is none.
        RefusedError: no episode is left.
    """
    if re.fullmatch(NAME_PATTERN, name) is None:
        raise UsageError(
            f"{name[:80]!r} cannot be the name of a data set",
            hint="Use lower-case letters, digits, dots, hyphens and underscores; at most 80.",
        )
    left_out = chosen.left_out.copy()
    splits = parted(chosen, request, salt)
    left_out.update(splits.left_out.values())
    by_split: dict[Split, list[PlannedEpisode]] = defaultdict(list)
    for one in chosen.episodes.values():
        if one.sha256 in splits.of:
            by_split[splits.of[one.sha256]].append(one)
    shards: list[PlannedShard] = []
    for name_of_split, members in sorted(by_split.items()):
        done = cut(members, name_of_split, request, salt)
        shards += done.shards
        left_out.update(done.left_out.values())
    held = {digest for shard in shards for digest in shard.episodes}
    if not held:
        counts = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items()))
        raise RefusedError(
            f"no episode may be in this data set: {counts or 'there is none'}",
            hint=_hint(left_out),
        )
    return DatasetPlan(
        name=name,
        request=request,
        salt=salt,
        episodes=tuple(chosen.episodes[digest] for digest in sorted(held)),
        shards=tuple(sorted(shards, key=lambda one: one.name)),
        left_out=dict(sorted(left_out.items())),
        versions=dict(versions),
    )


def parted(chosen: Chosen, request: Request, salt: str) -> Splits:
    """Return the split of each episode that was chosen."""
    asked: list[Split] = [name for name, share in request.splits.items() if share]
    if len(asked) == 1:
        whole: dict[str, Split] = dict.fromkeys(chosen.episodes, asked[0])
        return Splits(of=whole, reached={asked[0]: THOUSAND}, groups=0, heaviest=0)
    near = [(one.first, one.second) for one in near_copies(chosen.sketches)]
    if request.by_time:
        return split_by_time(chosen.samples, near, request.splits)
    return split(chosen.samples, near, request.splits, salt=salt)


def without(plan: DatasetPlan, gone: Iterable[str]) -> DatasetPlan:
    """Return the plan without some episodes: the shards that are not touched stay as they are."""
    away = set(gone)
    shards = tuple(
        shard.model_copy(update={"episodes": kept})
        for shard in plan.shards
        if (kept := tuple(one for one in shard.episodes if one not in away))
    )
    episodes = tuple(one for one in plan.episodes if one.sha256 not in away)
    return plan.model_copy(update={"episodes": episodes, "shards": shards})
