"""Making a backup while nodes serve: the rows of one moment, then the objects that they name.

Objects are written before the row that needs them and never changed, so those that are read after
the rows are all there, but for what was erased meanwhile. That is left out of the backup too: it
is looked for again at the end, and its tombstone comes in instead. The folder gets its name when
it is whole, so what is cut off is never taken for a backup.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select

from signoff_collector.consent.signatures.sshsig import BACKUP
from signoff_collector.consent.terms.audience import canonical_audience, folder_of
from signoff_collector.own_files.private_files import (
    make_private_folder,
    read_regular,
    storage_error,
    sync_folder,
    try_lock,
)
from signoff_collector.upload.stores.layout import (
    BLOBS,
    blob_key,
    receipt_folder,
    sign_off_folder,
    tombstone_key,
)
from signoff_hub.backups.kept import (
    needed_objects,
    saved_objects,
    saved_rows,
    saved_tables,
)
from signoff_hub.backups.manifest import (
    KEY,
    MANIFEST,
    OBJECT_FOLDER,
    OBJECTS,
    SETTINGS,
    BackupFile,
    Manifest,
    ObjectLine,
    encode_manifest,
    encode_object,
    parse_object,
)
from signoff_hub.backups.shapes import encode_row, shape_of
from signoff_hub.backups.writing import NewFile, sync_folders
from signoff_hub.database.revision import NEWEST
from signoff_hub.database.tables import EPISODE, LEGAL_HOLD, SIGN_OFF, TOMBSTONE
from signoff_hub.log.heads import newest_head
from signoff_hub.log.leaves import read_published, read_state
from signoff_hub.receiving.states import SignOffIs
from signoff_hub.withdrawing.endings import ENDED, HOLDING
from signoff_schemas.errors import DamagedError, RefusedError, UsageError
from signoff_schemas.strict import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, RowMapping

    from signoff_hub.node.node import Node

    Tell = Callable[[int, int], None]

_NAMED: Final = "named"
"""While it is made: keys to be copied, one a line."""
_COPIED: Final = "copied"
"""While it is made: lines of the objects that were."""
_LOCK: Final = ".lock"
_MAX_SMALL_BYTES: Final = 64 << 10
_AT_ONCE: Final = 1_000
_TOLD: Final = 20


@dataclass(slots=True, kw_only=True)
class Saved:
    """What became of a backup."""

    rows: int = 0
    objects: int = 0
    size_bytes: int = 0
    leaves: int = 0
    erase_by: str = ""
    missing: list[str] = field(default_factory=list[str])
    """Objects that rows need and the store has not, or has changed; of many the first."""
    missing_count: int = 0


def save(
    node: Node,
    out: Path,
    *,
    with_key: bool = False,
    with_objects: bool = True,
    tell: Tell = lambda _, __: None,
) -> Saved:
    """Make a backup of a hub; nodes may go on meanwhile.

    Args:
        node: of the hub.
        out: a folder that is not there.
        with_key: whether the hub's private key goes in.
        with_objects: whether the objects go in, or the rows alone.
        tell: called with how many of how many objects are copied.

    Raises:
        UsageError: there is something of that name.
        RefusedError: another process makes a backup of that name, or it would lie in the hub.
        DiskFullError: there is no room; nothing of it is left.
        NetworkError: database or store are away; nothing of it is left.
    """
    if os.path.lexists(out):
        raise UsageError(
            f"there is something at {out}", hint="Name a folder that is not there: -o BACKUP."
        )
    inside = out.parent.resolve() / out.name
    if any(inside.is_relative_to(one) for one in _places(node)):
        raise RefusedError(
            "the backup would lie in the hub's own folder or store",
            hint="It would be lost with the hub: name a folder elsewhere.",
        )
    part = out.with_name(f".{out.name}.part")
    make_private_folder(part)
    lock = try_lock(part / _LOCK)
    if lock is None:
        raise RefusedError(
            f"another process makes a backup in {out}", hint="Wait for it, or name another one."
        )
    with lock:
        _empty(part)  # of one that was cut off: what lies there may be withdrawn by now
        try:
            saved = _Saving(node, part, tell).make(with_key=with_key, with_objects=with_objects)
            (part / _LOCK).unlink()
            sync_folders(part)
            node.probe("backup whole")
            _rename(part, out)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    return saved


class _Saving:
    """One backup on its way into a folder."""

    def __init__(self, node: Node, folder: Path, tell: Tell) -> None:
        self._node = node
        self._folder = folder
        self._tell = tell
        self._files: list[BackupFile] = []
        self._saved = Saved()
        self._late: list[bytes] = []
        self._missed: set[str] = set()

    def make(self, *, with_key: bool, with_objects: bool) -> Saved:
        node, saved = self._node, self._saved
        node.log.publish()  # so that little is only in rows
        made_on = node.moment()
        with node.database.snapshot() as connection:
            self._save_rows(connection)
            tree, published = read_state(connection), read_published(connection)
            head = newest_head(connection)
            if head is None:  # it was just published
                raise DamagedError("the log has no head", hint="Run `signoff hub verify` first.")
            if with_objects:
                self._note(connection)
        node.probe("rows saved")
        if with_objects:
            self._copy()
            node.probe("objects copied")
            self._drop_ended(tree.size)
            self._list()
        for path, is_wanted in ((SETTINGS, True), (KEY, with_key)):
            if is_wanted and (node.folder.root / path).is_file():
                content = read_regular(node.folder.root / path, max_bytes=_MAX_SMALL_BYTES)
                with NewFile(self._folder / path) as file:
                    file.write(content)
                self._add(path, file, None)
        saved.leaves = tree.size
        saved.erase_by = format_time(made_on + timedelta(hours=node.settings.erase_within_hours))
        self._sign(
            Manifest(
                receiver=node.address,
                receipt_key=node.key.public_line,
                made_on=format_time(made_on),
                erase_by=saved.erase_by,
                revision=NEWEST,
                log_size=tree.size,
                log_root=tree.root().hex(),
                log_published=published,
                head=head.content.decode("ascii"),
                head_signature=head.signature.decode("ascii"),
                has_objects=with_objects,
                files=tuple(sorted(self._files, key=lambda one: one.path)),
            )
        )
        return saved

    def _save_rows(self, connection: Connection) -> None:
        for table in saved_tables():
            shape = shape_of(table)
            path = f"rows/{table.name}.jsonl"
            with NewFile(self._folder / path) as file:
                for row in connection.execute(saved_rows(table)).mappings():
                    file.write(encode_row(shape, _by_name(row)))
            self._add(path, file, file.lines)
            self._saved.rows += file.lines
            self._node.probe("table saved")

    def _note(self, connection: Connection) -> None:
        """Write down what is to be copied, so that the snapshot need not be held so long."""
        with NewFile(self._folder / _NAMED) as file:
            for key in saved_objects(connection):
                file.write(f"{key}\n".encode("ascii"))

    def _copy(self) -> None:
        named = self._folder / _NAMED
        with named.open(encoding="ascii") as keys:
            total = sum(1 for _ in keys)
        with named.open(encoding="ascii") as keys, NewFile(self._folder / _COPIED) as copied:
            for number, line in enumerate(keys):
                self._tell(number, total)
                name = line.rstrip("\n")
                found = _below(self._node, name[:-1]) if name.endswith("/") else iter((name,))
                for key in found:
                    self._copy_one(key, copied)
        named.unlink()

    def _copy_one(self, key: str, copied: NewFile) -> None:
        pieces = self._node.objects.pieces(key)
        if pieces is None:
            return
        path = self._at(key)
        with NewFile(path) as file:
            for piece in pieces:
                file.write(piece)
        if key.startswith(f"{BLOBS}/") and key.rpartition("/")[2] != file.sha256:
            path.unlink()
            return
        line = ObjectLine(key=key, sha256=file.sha256, size_bytes=file.size_bytes)
        copied.write(encode_object(line))
        self._node.probe("object copied")

    def _drop_ended(self, size: int) -> None:
        """Take out what ended while it was copied, and tell of what is missing without that.

        Args:
            size: of the log when the rows were read.
        """
        held = select(LEGAL_HOLD.c.episode)
        holding = select(SIGN_OFF.c.statement).where(
            SIGN_OFF.c.episode == EPISODE.c.sha256, SIGN_OFF.c.state.in_(HOLDING)
        )
        later = select(TOMBSTONE.c.episode, TOMBSTONE.c.content).where(TOMBSTONE.c.leaf >= size)
        over = select(EPISODE.c.sha256).where(~exists(holding), EPISODE.c.sha256.not_in(held))
        rows = select(SIGN_OFF.c.episode, SIGN_OFF.c.statement)
        alone = rows.where(
            SIGN_OFF.c.state.in_((*ENDED, SignOffIs.REFUSED)), SIGN_OFF.c.episode.not_in(held)
        )
        needed = rows.where(SIGN_OFF.c.state.in_(HOLDING), SIGN_OFF.c.received_leaf < size)
        with self._node.database.snapshot() as connection:
            for one in connection.execute(later.execution_options(yield_per=_AT_ONCE)):
                if one.content:
                    self._put(tombstone_key(one.episode), bytes(one.content))
            for one in connection.execute(later.where(TOMBSTONE.c.episode.not_in(held))):
                self._drop_episode(one.episode)
            for sha256 in connection.execute(over.execution_options(yield_per=_AT_ONCE)).scalars():
                self._drop_episode(sha256)
            for one in connection.execute(alone.execution_options(yield_per=_AT_ONCE)):
                for folder in (sign_off_folder(one.episode), receipt_folder(one.episode)):
                    self._drop(f"{folder}/{one.statement}.json")
                    self._drop(f"{folder}/{one.statement}.json.sig")
            for one in connection.execute(needed.execution_options(yield_per=_AT_ONCE)):
                for key in needed_objects(one.episode, one.statement):
                    if not self._at(key).is_file():
                        self._miss(key)

    def _list(self) -> None:
        """Write which objects are in it, with their digests."""
        copied = self._folder / _COPIED
        with copied.open("rb") as lines, NewFile(self._folder / OBJECTS) as file:
            for line in lines:
                one = parse_object(line)
                if self._at(one.key).is_file():
                    file.write(line)
                    self._saved.size_bytes += one.size_bytes
            for line in self._late:
                file.write(line)
        copied.unlink()
        self._saved.objects = file.lines
        self._add(OBJECTS, file, file.lines)

    def _put(self, key: str, content: bytes) -> None:
        with NewFile(self._at(key)) as file:
            file.write(content)
        one = ObjectLine(key=key, sha256=file.sha256, size_bytes=file.size_bytes)
        self._late.append(encode_object(one))

    def _drop_episode(self, sha256: str) -> None:
        self._drop(blob_key(sha256))
        for folder in (sign_off_folder(sha256), receipt_folder(sha256)):
            for name in self._names(folder):
                self._drop(f"{folder}/{name}")

    def _drop(self, key: str) -> None:
        try:
            self._at(key).unlink(missing_ok=True)
        except OSError as error:  # then it is no backup: what ended would lie in it
            raise storage_error(error, self._at(key)) from error

    def _names(self, folder: str) -> list[str]:
        try:
            return [one.name for one in self._at(folder).iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise storage_error(error, self._at(folder)) from error

    def _miss(self, key: str) -> None:
        if key in self._missed:  # several sign-offs need the same bytes
            return
        self._missed.add(key)
        self._saved.missing_count += 1
        if len(self._saved.missing) < _TOLD:
            self._saved.missing.append(key)

    def _at(self, key: str) -> Path:
        return self._folder / OBJECT_FOLDER / key

    def _add(self, path: str, file: NewFile, rows: int | None) -> None:
        one = BackupFile(path=path, sha256=file.sha256, size_bytes=file.size_bytes, rows=rows)
        self._files.append(one)

    def _sign(self, manifest: Manifest) -> None:
        content = encode_manifest(manifest)
        signature = self._node.key.sign(content, BACKUP)
        for name, one in ((f"{MANIFEST}.sig", signature), (MANIFEST, content)):
            with NewFile(self._folder / name) as file:
                file.write(one)


def _places(node: Node) -> Iterator[Path]:
    yield node.folder.root.resolve()
    if node.store.startswith("file://"):
        yield folder_of(canonical_audience(node.store)).resolve()


def _by_name(row: RowMapping) -> dict[str, object]:
    return {str(name): value for name, value in row.items()}


def _below(node: Node, folder: str) -> Iterator[str]:
    for name in node.objects.names(folder):
        yield f"{folder}/{name}"
    for name in node.objects.folders(folder):
        yield from _below(node, f"{folder}/{name}")


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != _LOCK:
            path.unlink()


def _rename(part: Path, out: Path) -> None:
    try:
        part.rename(out)
    except OSError as error:
        raise storage_error(error, out) from error
    sync_folder(out.parent)
