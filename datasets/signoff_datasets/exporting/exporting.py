"""Export a data set: one file for each of its episodes, and what they are of, last.

A new export is made beside its place and gets its name when it is whole. One that is refreshed is
changed where it lies: what is gone is erased first, `export.json` is written last. Killed anywhere,
the same call ends as a new export would.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.own_files.private_files import (
    make_private_folder,
    replace_private,
    try_lock,
)
from signoff_datasets.building.screened import screened
from signoff_datasets.building.workplace import Workplace
from signoff_datasets.exporting.places import SPLITS, is_as_named, read_export, sweep
from signoff_datasets.exports.interface import EXPORT_FILE, Source
from signoff_datasets.refreshing.erasing import clear_unfinished
from signoff_datasets.refreshing.gone import gone_since
from signoff_datasets.refreshing.remains import held_file
from signoff_schemas.dataset import MAX_BYTES, canonical, digest_of
from signoff_schemas.dataset_export import DatasetExport, ExportedFile
from signoff_schemas.errors import DamagedError, DiskFullError, RefusedError, SignoffError
from signoff_schemas.statement import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from signoff_datasets.exports.interface import Format
    from signoff_datasets.screening.authority import Authority
    from signoff_datasets.screening.terms import Agreed
    from signoff_datasets.sources.interface import Source as Episodes
    from signoff_schemas.dataset import Manifest

_LOCK = ".lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """One export of a data set."""

    folder: Path
    """The data set."""
    manifest: Manifest
    """Of it; somebody looked at its signature."""
    source: Episodes
    """Where its episodes are."""
    authority: Authority
    form: Format
    """One whose export is a file."""
    day: datetime
    """On which sign-offs have to hold."""
    tell: Callable[[int, int], None]
    """Called with how much of how much is done."""

    def into(self, out: Path) -> DatasetExport:
        """Make a new export.

        Raises:
            RefusedError: something lies there.
            DamagedError: the data set is not whole.
            DiskFullError: there is no room; nothing is left of the export.
        """
        if os.path.lexists(out):
            raise RefusedError(
                f"there is something at {out} already; nothing was written",
                hint="Name another place; --refresh brings an export of an earlier version up to"
                " date.",
            )
        place = Workplace(out, digest_of(self.manifest))
        try:
            clear_unfinished(place.out, place.folder.name, None)
            made = self._fill(place.folder, {})
            place.finish({EXPORT_FILE: canonical(made)})
        except DiskFullError as error:
            shutil.rmtree(place.folder, ignore_errors=True)
            raise _no_room(error) from error
        except SignoffError:
            if not (place.folder / EXPORT_FILE).exists():  # else it is whole, and told of
                shutil.rmtree(place.folder, ignore_errors=True)
            raise
        finally:
            place.close()
        return made

    def refresh(self, out: Path) -> DatasetExport:
        """Bring an export of this data set, or of an earlier version of it, up to date.

        Raises:
            RefusedError: it is an export of something else, or another process is at it.
            DamagedError: the data set is not whole.
            DiskFullError: there is no room; what is gone was erased all the same.
        """
        old = read_export(out)
        self._refuse_other(out, old)
        lock = try_lock(out / _LOCK)
        if lock is None:
            raise RefusedError(f"another process refreshes {out}", hint="Wait until it has ended.")
        held = {one.path: one for one in old.files}
        try:
            clear_unfinished(out, None, None)
            made = self._fill(out, held if old.export_version == self.form.version else {})
            replace_private(out / EXPORT_FILE, canonical(made))
        except DiskFullError as error:
            raise _no_room(error) from error
        finally:
            with suppress(OSError):
                (out / _LOCK).unlink()
            lock.release()
        return made

    def _refuse_other(self, out: Path, old: DatasetExport) -> None:
        """Refuse to change what is no export of this data set in this format."""
        now = self.manifest
        is_before = (
            old.version < now.version
            and old.episodes >= {one.sha256 for one in now.episodes}
            and (old.version != now.version - 1 or old.manifest_sha256 == now.previous)
        )
        is_same = old.manifest_sha256 == digest_of(now)
        if (old.format, old.name) == (self.form.name, now.name) and (is_before or is_same):
            return
        raise RefusedError(
            f"{out} is an export of version {old.version} of {old.name} as {old.format}, and not of"
            f" {self.folder} ({now.name}, version {now.version}) as {self.form.name}",
            hint="Name the data set and the format that it is of, or a new place without"
            " --refresh.",
        )

    def _fill(self, out: Path, held: dict[str, ExportedFile]) -> DatasetExport:
        """Erase what does not belong into a folder, then write what is missing.

        Args:
            out: the folder.
            held: path to what the last export named there; these files keep their bytes.
        """
        later = max(self.day, parse_time(self.manifest.request.as_of))
        request = self.manifest.request.model_copy(update={"as_of": format_time(later)})
        left = gone_since(self.manifest, request, self.source, self.authority, self._read_proof)
        stay = {one.sha256: one for one in self.manifest.episodes if one.sha256 not in left}
        paths = {digest: self._path(digest, one.shard) for digest, one in stay.items()}
        sweep(out, set(paths.values()))
        files: dict[str, ExportedFile] = {}
        wanted = {digest: one.statement.sha256 for digest, one in stay.items()}
        left |= dict.fromkeys(wanted, "not-there")
        for digest, _, found in screened(self.source, wanted, request, self.authority):
            made = found if isinstance(found, str) else self._file(out, paths[digest], found, held)
            if isinstance(made, str):
                left[digest] = made
            else:
                files[digest] = made
                del left[digest]
            self.tell(len(files), len(wanted))
        sweep(out, {one.path for one in files.values()})
        return DatasetExport(
            format=self.form.name,
            export_version=self.form.version,
            name=self.manifest.name,
            version=self.manifest.version,
            manifest_sha256=digest_of(self.manifest),
            files=tuple(sorted(files.values(), key=lambda one: one.path)),
            left_out={
                reason: tuple(sorted(one for one, why in left.items() if why == reason))
                for reason in sorted(set(left.values()))
            },
        )

    def _file(
        self, out: Path, path: str, found: Agreed, held: dict[str, ExportedFile]
    ) -> ExportedFile | str:
        """Return the file of an episode, written if it is not there, or why there is none."""
        known = held.get(path)
        if (
            known is not None
            and known.statement == found.statement_sha256
            and known.episode == found.sha256
            and is_as_named(out, known)
        ):
            return known
        source = Source(
            episode=found.episode,
            sha256=found.sha256,
            size_bytes=found.snapshot.size_bytes,
            statement_sha256=found.statement_sha256,
            licence=found.predicate.licence,
        )
        try:
            (made,) = self.form.write(source)
        except SignoffError:
            return "unreadable"  # whole, but this form cannot be made of it
        make_private_folder((out / path).parent)
        replace_private(out / path, made.content)
        return ExportedFile(
            path=path,
            sha256=hashlib.sha256(made.content).hexdigest(),
            size_bytes=len(made.content),
            records=made.records,
            episode=found.sha256,
            statement=found.statement_sha256,
        )

    def _path(self, digest: str, shard: str) -> str:
        split = shard.partition("-")[0]  # a plan names its shards so
        if split not in SPLITS:
            raise DamagedError("the manifest names a shard of no split")
        return f"{split}/{digest}{self.form.ending}"

    def _read_proof(self, path: str, sha256: str) -> bytes:
        return held_file(self.folder, path, sha256, MAX_BYTES)


def _no_room(error: DiskFullError) -> DiskFullError:
    return DiskFullError(str(error), hint="Free some space, then export again.")
