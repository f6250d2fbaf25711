"""The folder in which a build is made, beside the one it becomes; a rerun goes on in it.

Files are whole or not there. A note beside the shards says what each came to; it is written after
its files, so whoever comes back builds again only what has no note. At the end the notes go, and
the folder gets its name: so what has the name is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from signoff_collector.own_files.private_files import (
    create_private,
    make_private_folder,
    read_regular,
    replace_private,
    storage_error,
    sync_folder,
    try_lock,
)
from signoff_schemas.dataset import BuiltFile, SetAsideEpisode
from signoff_schemas.errors import (
    DamagedError,
    DiskFullError,
    NotFoundError,
    RefusedError,
    SignoffError,
)
from signoff_schemas.statement import Strict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signoff_collector.own_files.private_files import FileLock
    from signoff_datasets.building.shards import BuiltShard

_NOTES: Final = "notes"
_LOCK: Final = ".lock"
_MAX_NOTE_BYTES: Final = 1 << 28
MANIFEST: Final = "manifest.json"


class ShardNote(Strict):
    """What a shard came to."""

    files: tuple[BuiltFile, ...]
    set_aside: tuple[SetAsideEpisode, ...]


def unfinished(out: Path, plan_sha256: str) -> str:
    """Return the name of the folder in which a plan is built, beside the one it becomes."""
    return f".{out.name}.building-{plan_sha256[:16]}"


class Workplace:
    """One build under way; `close` lets another process go on."""

    def __init__(self, out: Path, plan_sha256: str) -> None:
        """Begin, or go on with, the build of a plan.

        Raises:
            RefusedError: something lies there already, or another process builds it.
            SignoffError: the folder cannot be made.
        """
        if os.path.lexists(out):
            raise RefusedError(
                f"there is something at {out} already",
                hint="Give a name that is not there yet; a data set is never written over.",
            )
        try:
            parent = out.parent.resolve(strict=True)
        except OSError as error:
            raise storage_error(error, out.parent) from error
        self.out = parent / out.name
        self.folder = parent / unfinished(out, plan_sha256)
        self._is_new = not os.path.lexists(self.folder)
        try:
            make_private_folder(self.folder)
            lock = try_lock(self.folder / _LOCK)
        except OSError as error:
            raise storage_error(error, self.folder) from error
        if lock is None:
            raise RefusedError(
                f"another process builds this data set in {self.folder}",
                hint="Wait until it has ended.",
            )
        self._lock: FileLock = lock

    def close(self) -> None:
        """Let another process go on; what is done stays."""
        self._lock.release()

    def give_up(self, error: SignoffError) -> None:
        """Take the folder away after an error, unless a rerun can go on in it.

        It can where a shard is finished, or all is, or the disk was full. What this process alone
        made and was refused goes.
        """
        if isinstance(error, DiskFullError) or (self.folder / MANIFEST).exists():
            return
        is_refused = isinstance(error, (RefusedError, DamagedError))
        if (self.folder / _NOTES).exists() and not (self._is_new and is_refused):
            return
        with suppress(OSError):
            shutil.rmtree(self.folder)

    def put(self, path: str, content: bytes) -> None:
        """Write a file of the data set, whole or not at all; the same again changes nothing."""
        place = self.folder / path
        make_private_folder(place.parent)
        try:
            create_private(place, content)
        except FileExistsError:
            if _read(place, len(content)) != content:
                replace_private(place, content)

    def note(self, shard: str) -> ShardNote | None:
        """Return what a shard came to, if its files are there as they were written."""
        return held_note(self.folder, shard)

    def keep(self, shard: str, built: BuiltShard) -> ShardNote:
        """Write the files of a shard, then its note."""
        files: list[BuiltFile] = []
        for table, made in built.tables.items():
            path = f"{table}/{shard}.parquet"
            self.put(path, made.content)
            files.append(
                BuiltFile(
                    path=path,
                    sha256=hashlib.sha256(made.content).hexdigest(),
                    size_bytes=len(made.content),
                    rows=made.rows,
                    shard=shard,
                    table=table,
                )
            )
        aside = sorted(built.set_aside.items())
        note = ShardNote(
            files=tuple(sorted(files, key=lambda one: one.path)),
            set_aside=tuple(SetAsideEpisode(sha256=one, reason=why) for one, why in aside),
        )
        self.put(f"{_NOTES}/{shard}.json", _written(note))
        return note

    def clear(self, files: Iterable[tuple[str, str]]) -> None:
        """Take away what is no file of the data set: proofs of what was set aside, for example."""
        named = {path for path, _ in files}
        for root, folders, names in os.walk(self.folder):
            here = Path(root)
            for name in names:
                path = (here / name).relative_to(self.folder).as_posix()
                if path not in named and path != _LOCK and not path.startswith(f"{_NOTES}/"):
                    (here / name).unlink()
            folders.sort()

    def finish(self, last: Mapping[str, bytes]) -> None:
        """Write the last files in their order, clear up, and give the folder its name."""
        for path, content in last.items():
            self.put(path, content)
        try:
            with suppress(FileNotFoundError):
                shutil.rmtree(self.folder / _NOTES)
            self._drop_empty()
            (self.folder / _LOCK).unlink(missing_ok=True)
            if os.path.lexists(self.out):
                raise RefusedError(
                    f"meanwhile something came to {self.out}",
                    hint=f"The data set is whole in {self.folder}; move it where you like.",
                )
            self.folder.rename(self.out)
        except OSError as error:
            raise storage_error(error, self.out) from error
        sync_folder(self.out.parent)

    def _drop_empty(self) -> None:
        for root, _, _ in os.walk(self.folder, topdown=False):
            if not os.listdir(root):  # noqa: PTH208
                Path(root).rmdir()


def held_note(folder: Path, shard: str) -> ShardNote | None:
    """Return what a shard came to in a folder, if its files are there as they were written."""
    content = _read(folder / _NOTES / f"{shard}.json", _MAX_NOTE_BYTES)
    if content is None:
        return None
    try:
        note = ShardNote.model_validate_json(content)
    except ValidationError:
        return None
    for file in note.files:
        held = _read(folder / file.path, file.size_bytes)
        if held is None or hashlib.sha256(held).hexdigest() != file.sha256:
            return None
    return note


def leave_only(folder: Path, notes: Mapping[str, ShardNote]) -> None:
    """Take all files out of a folder but those of some shards, which then have these notes.

    Raises:
        OSError: the disk refused.
        SignoffError: likewise.
    """
    named = {file.path for note in notes.values() for file in note.files}
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root) / name
            if path.relative_to(folder).as_posix() not in named:
                path.unlink()
    make_private_folder(folder / _NOTES)
    for shard, note in notes.items():
        create_private(folder / _NOTES / f"{shard}.json", _written(note))


def _written(note: ShardNote) -> bytes:
    return json.dumps(note.model_dump(mode="json"), sort_keys=True).encode("ascii")


def _read(path: Path, max_bytes: int) -> bytes | None:
    try:
        return read_regular(path, max_bytes=max_bytes)
    except (NotFoundError, DamagedError, SignoffError):
        return None
