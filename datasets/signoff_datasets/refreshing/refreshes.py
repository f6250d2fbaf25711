"""Refresh a data set: a new version without what is gone; the old one is erased afterwards.

At every moment the old version is whole or the new one is: the new one gets its name when it is
complete, then the notice is left in the old one, then the old one goes. A refresh that was killed
is run again with the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.own_files.private_files import read_regular
from signoff_datasets.building.builds import manifest_of
from signoff_datasets.building.proofs import Proven, files_of
from signoff_datasets.building.shards import Fault
from signoff_datasets.building.versions import refuse_other_versions
from signoff_datasets.building.workplace import MANIFEST, ShardNote, Workplace, unfinished
from signoff_datasets.engines.interface import Done
from signoff_datasets.refreshing.builders import builder_of
from signoff_datasets.refreshing.erasing import (
    clear_unfinished,
    erase,
    leave_notice,
    notice_of,
    refuse_foreign,
)
from signoff_datasets.refreshing.gone import gone_since, refuse_stranger
from signoff_datasets.refreshing.places import (
    listed,
    refuse_other_plan,
    refuse_places,
    write_plan,
)
from signoff_datasets.refreshing.reduced import reduced
from signoff_datasets.refreshing.remains import Remains, held_file, remake
from signoff_datasets.verifying.files import NOTICE, file_findings
from signoff_datasets.verifying.verifying import read_manifest
from signoff_schemas.dataset import MAX_BYTES, canonical, digest_of
from signoff_schemas.dataset_notice import encode_notice, parse_notice
from signoff_schemas.errors import (
    DamagedError,
    NotFoundError,
    NotSignedError,
    RefusedError,
    SignoffError,
)
from signoff_schemas.statement import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from signoff_datasets.building.signing import Builder
    from signoff_datasets.engines.interface import Engine
    from signoff_datasets.screening.authority import Authority
    from signoff_datasets.sources.interface import Source
    from signoff_schemas.dataset import DatasetPlan, Manifest
    from signoff_schemas.dataset_notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh came to."""

    notice: Notice | None
    """None where nothing was gone: the data set stays, and no new one is made."""
    manifest: Manifest | None
    """Of the new version; None where nothing is left of it, or nothing was gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """One refresh."""

    folder: Path
    """The data set."""
    plan: DatasetPlan
    """That it was built from."""
    source: Source
    authority: Authority
    engine: Engine
    day: datetime
    """On which sign-offs have to hold."""
    builder: Builder
    """Who has signed the data set, and signs the new version."""
    plan_file: Path | None = None
    """Where the plan lies."""
    version: int | None = None
    """Of the new one; None: the next number."""

    def into(self, out: Path, new_plan: Path, tell: Callable[[int, int], None]) -> Refreshed:
        """Make the new version and its plan, then erase the old one.

        Raises:
            RefusedError: the data set is not of this plan and builder, the day is too early, a
                place is not free or would be erased, or the source knows none of its episodes.
            DamagedError: the data set is not whole, or holds more than its manifest names.
            DiskFullError: there is no room; the old version is as it was.
        """
        refuse_places(self.folder, out, new_plan, self.plan_file)
        old = self._old()
        refuse_foreign(self.folder, old)
        if old is None or (self.folder / NOTICE).is_file():
            return self._erase_the_rest(old, out)
        if (out / MANIFEST).is_file():
            return self._erase_old(old, self._new_version(out), {})
        if digest_of(self.plan) != old.plan_sha256:
            raise RefusedError(
                f"{self.folder} was built from another plan",
                hint="Name the plan of this version; a refresh writes a new one each time.",
            )
        as_of = format_time(self.day)
        if self.day < parse_time(old.request.as_of):
            raise RefusedError(
                f"{as_of} is before the day of the data set, {old.request.as_of}",
                hint="Leave --as-of out, or name that day or a later one.",
            )
        request = old.request.model_copy(update={"as_of": as_of})
        gone = gone_since(old, request, self.source, self.authority, self._read_proof)
        if len(gone) < len(old.episodes):
            refuse_stranger(old, self.source)
        if not gone:
            return Refreshed(notice=None, manifest=None)
        aside = {one.sha256: one.reason for one in old.set_aside}
        plan = reduced(self.plan, {**gone, **aside}, as_of)
        if not plan.shards:
            return self._erase_old(old, None, gone)
        refuse_other_versions(plan.versions)
        clear_unfinished(self.folder, None, None)
        clear_unfinished(out, unfinished(out, digest_of(plan)), new_plan)
        refuse_other_plan(new_plan, canonical(plan))
        place = Workplace(out, digest_of(plan))
        try:
            manifest = self._new(old, plan, place, tell)
            content = canonical(manifest)
            place.clear(files_of(manifest))
            write_plan(new_plan, canonical(plan))
            place.finish({f"{MANIFEST}.sig": self.builder.sign(content), MANIFEST: content})
        except SignoffError as error:
            place.give_up(error)
            raise
        finally:
            place.close()
        return self._erase_old(old, manifest, gone)

    def _old(self) -> Manifest | None:
        """Return the manifest of the data set, of which this is the builder.

        None where only its notice, and what was not erased yet, is left.
        """
        try:
            manifest, content = read_manifest(self.folder)
        except NotFoundError:
            if not (self.folder / NOTICE).is_file():
                raise
            return None
        self._refuse_other_builder(self.folder, MANIFEST, content)
        return manifest

    def _refuse_other_builder(self, folder: Path, name: str, content: bytes) -> None:
        """Refuse what this builder did not sign.

        Raises:
            RefusedError: another builder did.
            DamagedError: there is no signature.
            NotSignedError: it does not hold.
        """
        signed = builder_of(folder, name, content)
        if not self.builder.is_own(signed.public_key):
            raise RefusedError(
                f"{folder} was signed by another builder, {signed.fingerprint}",
                hint="Whoever built a data set refreshes it; ask them, or build one of your own.",
            )

    def _new_version(self, out: Path) -> Manifest:
        """Return the manifest of the new version, which a killed refresh had finished.

        Raises:
            RefusedError: it is of another builder.
            DamagedError: it is not whole, so the old one has to stay.
        """
        manifest, content = read_manifest(out)
        self._refuse_other_builder(out, MANIFEST, content)
        wrong = [one.where for one in file_findings(out, manifest, lambda: None)]
        if wrong:
            raise DamagedError(
                f"{out} is not whole: {listed(wrong)}; {self.folder} was not erased",
                hint=f"Take {out} away, then refresh again.",
            )
        return manifest

    def _new(
        self,
        old: Manifest,
        plan: DatasetPlan,
        place: Workplace,
        tell: Callable[[int, int], None],
    ) -> Manifest:
        """Copy what stays, make the touched shards anew, and return the new manifest."""
        before = {shard.name: shard for shard in self.plan.shards}
        held = {one.sha256: one for one in old.episodes}
        stay = [
            one
            for one in plan.shards
            if tuple(each for each in before[one.name].episodes if each in held) == one.episodes
        ]
        names = {one.name for one in stay}
        copied = old.model_copy(
            update={
                "files": tuple(one for one in old.files if one.shard in names),
                "episodes": tuple(held[one.sha256] for one in plan.episodes),
            }
        )
        every = len(plan.shards) + len(plan.episodes)
        for number, (path, sha256) in enumerate(files_of(copied)):
            place.put(path, held_file(self.folder, path, sha256, MAX_BYTES))
            tell(min(number, every), every)
        notes = [
            ShardNote(
                files=tuple(file for file in old.files if file.shard == one.name), set_aside=()
            )
            for one in stay
        ]
        orders = [
            self._order(old, plan, shard.name) for shard in plan.shards if shard.name not in names
        ]
        for outcome in self.engine.run(remake, orders):
            name = orders[outcome.index].shard.name
            if not isinstance(outcome, Done):
                raise SignoffError(f"shard {name} cannot be made: {outcome.why}")
            if isinstance(outcome.made, Fault):
                kind = DamagedError if outcome.made.is_damaged else SignoffError
                raise kind(outcome.made.message, hint=outcome.made.hint)
            notes.append(place.keep(name, outcome.made))
        proofs = {
            one.sha256: Proven(statement=one.statement, receipt=one.receipt)
            for one in copied.episodes
        }
        version = old.version + 1 if self.version is None else self.version
        return manifest_of(plan, proofs, notes, version=version, previous=digest_of(old))

    def _order(self, old: Manifest, plan: DatasetPlan, name: str) -> Remains:
        shard = next(one for one in plan.shards if one.name == name)
        lay_in = {one.sha256: one.shard for one in old.episodes}
        sources = {lay_in[digest] for digest in shard.episodes}
        return Remains(
            folder=str(self.folder),
            shard=shard,
            files=tuple(one for one in old.files if one.shard in sources),
            versions=plan.versions,
        )

    def _read_proof(self, path: str, sha256: str) -> bytes:
        return held_file(self.folder, path, sha256, MAX_BYTES)

    def _erase_old(self, old: Manifest, new: Manifest | None, gone: dict[str, str]) -> Refreshed:
        if new is not None and new.previous != digest_of(old):
            raise RefusedError(
                "what lies there already is no refresh of this data set",
                hint="Give a name that is not there yet.",
            )
        as_of = format_time(self.day) if new is None else new.request.as_of
        notice = notice_of(old, new, gone, as_of)
        content = encode_notice(notice)
        leave_notice(self.folder, content, self.builder.sign(content))
        erase(self.folder, old)
        return Refreshed(notice=notice, manifest=new)

    def _erase_the_rest(self, old: Manifest | None, out: Path) -> Refreshed:
        """Go on with an erasure that was killed; the new version was whole before it began."""
        content = read_regular(self.folder / NOTICE, max_bytes=MAX_BYTES)
        self._refuse_other_builder(self.folder, NOTICE, content)
        notice = parse_notice(content)
        if old is not None and digest_of(old) != notice.old_manifest_sha256:
            raise RefusedError(
                f"the {NOTICE} in {self.folder} is of another data set; nothing was erased",
                hint=f"Move it out of {self.folder}, then refresh again.",
            )
        new = None
        if notice.new_manifest_sha256 is not None:
            new = self._new_version(out)
            if digest_of(new) != notice.new_manifest_sha256:
                raise NotSignedError(
                    f"{self.folder} was replaced by another data set than the one in {out}"
                )
        erase(self.folder, old)
        return Refreshed(notice=notice, manifest=new)
