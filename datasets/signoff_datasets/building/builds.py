"""Build a data set: screen each planned episode again, build the shards, sign what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signoff_datasets.building.proofs import files_of, proven
from signoff_datasets.building.screened import screened
from signoff_datasets.building.shards import BuiltShard, Fault, Order, build
from signoff_datasets.building.versions import refuse_other_versions
from signoff_datasets.building.workplace import MANIFEST
from signoff_datasets.engines.interface import Done
from signoff_datasets.planning.choosing import planned
from signoff_datasets.planning.cutting import fits
from signoff_schemas.dataset import (
    Manifest,
    ManifestEpisode,
    canonical,
    digest_of,
)
from signoff_schemas.errors import RefusedError, SignoffError
from signoff_schemas.statement import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from signoff_datasets.building.proofs import Proven
    from signoff_datasets.building.signing import Builder
    from signoff_datasets.building.workplace import ShardNote, Workplace
    from signoff_datasets.engines.interface import Engine
    from signoff_datasets.screening.authority import Authority
    from signoff_datasets.sources.interface import Source
    from signoff_schemas.dataset import DatasetPlan

_SHOWN = 20
"""So many episodes are named one by one in an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One build."""

    plan: DatasetPlan
    address: str
    """Of the source, for the workers."""
    source: Source
    authority: Authority
    engine: Engine
    now: datetime
    builder: Builder
    version: int = 1
    previous: str | None = None

    def into(self, place: Workplace, tell: Callable[[int, int], None]) -> Manifest:
        """Build it, or what is missing of it, and return the manifest that was signed.

        Raises:
            RefusedError: an episode may no longer be in it, or the versions are others.
            NotFoundError: an episode of the plan is not in the source.
            DiskFullError: there is no room; what is done stays for the next call.
        """
        try:
            return self._into(place, tell)
        except SignoffError as error:
            place.give_up(error)
            raise

    def _into(self, place: Workplace, tell: Callable[[int, int], None]) -> Manifest:
        refuse_other_versions(self.plan.versions)
        refuse_small_shards(self.plan, is_own=self.authority.is_own)
        every = len(self.plan.episodes) + len(self.plan.shards)
        proofs, places = self._proofs(place, lambda done: tell(done, every))
        notes = self._shards(place, places, lambda done: tell(len(proofs) + done, every))
        manifest = manifest_of(
            self.plan, proofs, notes, version=self.version, previous=self.previous
        )
        content = canonical(manifest)
        place.clear(files_of(manifest))
        place.finish({f"{MANIFEST}.sig": self.builder.sign(content), MANIFEST: content})
        return manifest

    def _proofs(
        self, place: Workplace, tell: Callable[[int], None]
    ) -> tuple[dict[str, Proven], dict[str, str]]:
        """Screen each planned episode as on the day of the build, and keep its proofs."""
        wanted = {one.sha256: one for one in self.plan.episodes}
        later = max(self.now, parse_time(self.plan.request.as_of))
        request = self.plan.request.model_copy(update={"as_of": format_time(later)})
        statements = {digest: one.statement_sha256 for digest, one in wanted.items()}
        proofs: dict[str, Proven] = {}
        places: dict[str, str] = {}
        faults: dict[str, str] = {}
        for digest, one, found in screened(self.source, statements, request, self.authority):
            if isinstance(found, str):
                faults[digest] = found
                continue
            if planned(found, self.plan.salt) != wanted[digest]:
                faults[digest] = "other-terms-than-planned"
                continue
            proofs[digest], files = proven(found)
            places[digest] = one
            for path, content in files.items():
                place.put(path, content)
            tell(len(proofs))
        faults |= dict.fromkeys(wanted.keys() - proofs.keys() - faults.keys(), "not there")
        if faults:
            raise RefusedError(
                f"{len(faults)} of {len(wanted)} planned episodes may not be built now",
                hint="Draw the plan again: `signoff dataset plan`.",
                details=[f"{one}: {why}" for one, why in sorted(faults.items())[:_SHOWN]],
            )
        return proofs, places

    def _shards(
        self, place: Workplace, places: Mapping[str, str], tell: Callable[[int], None]
    ) -> list[ShardNote]:
        notes = {shard.name: place.note(shard.name) for shard in self.plan.shards}
        by_digest = {one.sha256: one for one in self.plan.episodes}
        orders = [
            Order(
                shard=shard,
                planned={digest: by_digest[digest] for digest in shard.episodes},
                places={digest: places[digest] for digest in shard.episodes},
                address=self.address,
                k=self.plan.request.k,
                versions=self.plan.versions,
            )
            for shard in self.plan.shards
            if notes[shard.name] is None
        ]
        tell(len(notes) - len(orders))
        missing = len(orders)
        failed: list[Order] = []
        for outcome in self.engine.run(build, orders):
            order = orders[outcome.index]
            if isinstance(outcome, Done):
                notes[order.shard.name] = place.keep(order.shard.name, _whole(outcome.made))
                missing -= 1
                tell(len(notes) - missing)
            else:
                failed.append(order)
        for order in failed:
            built = self._without_the_deadly(order)
            notes[order.shard.name] = place.keep(order.shard.name, built)
        return [note for _, note in sorted(notes.items()) if note is not None]

    def _without_the_deadly(self, order: Order) -> BuiltShard:
        """Build a shard whose worker died: each episode alone first, then all that survived."""
        alone = [
            replace(order, shard=order.shard.model_copy(update={"episodes": (digest,)}), k=1)
            for digest in order.shard.episodes
        ]
        deadly = frozenset(
            order.shard.episodes[outcome.index]
            for outcome in self.engine.run(build, alone)
            if not isinstance(outcome, Done)
        )
        for outcome in self.engine.run(build, [replace(order, without=deadly)]):
            if isinstance(outcome, Done):
                return _whole(outcome.made)
            raise SignoffError(
                f"shard {order.shard.name} cannot be built: {outcome.why}",
                hint="Each of its episodes can; there may be too little memory for all of them.",
            )
        raise SignoffError(f"shard {order.shard.name} was not built")


def manifest_of(
    plan: DatasetPlan,
    proofs: Mapping[str, Proven],
    notes: list[ShardNote],
    *,
    version: int,
    previous: str | None,
) -> Manifest:
    """Return what is signed of a data set.

    Raises:
        RefusedError: no episode is left.
    """
    aside = sorted((one for note in notes for one in note.set_aside), key=lambda one: one.sha256)
    away = {one.sha256 for one in aside}
    shard_of = {digest: one.name for one in plan.shards for digest in one.episodes}
    kept = [one for one in plan.episodes if one.sha256 not in away]
    if not kept:
        raise RefusedError(
            f"nothing is left: all {len(aside)} episodes of the plan were set aside",
            hint="Draw the plan again without them.",
            details=[f"{one.sha256}: {one.reason}" for one in aside[:_SHOWN]],
        )
    purposes = set(kept[0].purposes).intersection(*(one.purposes for one in kept))
    prohibited = {use for one in kept for use in one.prohibited_uses}
    return Manifest(
        name=plan.name,
        version=version,
        previous=previous,
        plan_sha256=digest_of(plan),
        purposes=tuple(sorted(purposes)),
        prohibited_uses=tuple(sorted(prohibited)),
        request=plan.request,
        files=tuple(sorted((f for n in notes for f in n.files), key=lambda one: one.path)),
        episodes=tuple(
            ManifestEpisode(
                sha256=one.sha256,
                statement=proofs[one.sha256].statement,
                receipt=proofs[one.sha256].receipt,
                shard=shard_of[one.sha256],
                licence=one.licence,
                repository_licence=one.repository_licence,
                expires=one.expires,
            )
            for one in kept
        ),
        left_out=plan.left_out,
        set_aside=tuple(aside),
        versions=plan.versions,
    )


def refuse_small_shards(plan: DatasetPlan, *, is_own: bool) -> None:
    """Refuse a plan with shards of fewer people than it may have; a plan may have been edited.

    Raises:
        RefusedError: a shard has too few, or k is too small for the episodes of others.
    """
    from signoff_schemas.dataset import DEFAULT_K

    if plan.request.k < DEFAULT_K and not is_own:
        raise RefusedError(
            f"k is {plan.request.k}; for the episodes of others it is at least {DEFAULT_K}",
            hint=f"Plan with --k {DEFAULT_K} or more; fewer are for your own episodes alone.",
        )
    by_digest = {one.sha256: one for one in plan.episodes}
    small = [
        shard.name
        for shard in plan.shards
        if not fits([by_digest[one] for one in shard.episodes], plan.request.k)
    ]
    if small:
        raise RefusedError(
            f"shards of the plan with too few contributors, or too much of one: {len(small)}",
            hint="Draw the plan again: `signoff dataset plan`.",
            details=small[:_SHOWN],
        )


def _whole(made: BuiltShard | Fault) -> BuiltShard:
    """Return a shard; what a worker could not do is said here.

    Raises:
        SignoffError: it could not.
    """
    if isinstance(made, Fault):
        raise SignoffError(made.message, hint=made.hint)
    return made


def left_out_counts(manifest: Manifest) -> Counter[str]:
    """Return what was left out or set aside, by reason."""
    counts = Counter(manifest.left_out)
    counts.update(one.reason for one in manifest.set_aside)
    return counts
