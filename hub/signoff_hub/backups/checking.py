"""Proving a backup before anything is made of it: signature, digests, rows and objects.

Nothing of it is believed but what the hub's own key signed.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.ssh_keygen import parse_public_key
from signoff_collector.consent.signatures.sshsig import BACKUP, MAX_SIGNATURE_BYTES
from signoff_collector.own_files.private_files import open_regular, read_regular
from signoff_hub.backups.manifest import (
    ANOTHER,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    OBJECT_FOLDER,
    OBJECTS,
    parse_manifest,
    parse_object,
)
from signoff_hub.backups.shapes import MAX_LINE_BYTES, decode_row, shapes_of
from signoff_hub.database.revision import NEWEST
from signoff_hub.place.looking import is_there
from signoff_schemas.errors import (
    DamagedError,
    NewerVersionError,
    NotFoundError,
    NotSignedError,
)
from signoff_schemas.merkle import CompactRange, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signoff_hub.backups.manifest import Manifest, ObjectLine
    from signoff_hub.backups.shapes import Shape

    Tell = Callable[[int, int], None]

_PIECE_BYTES: Final = 1 << 20
_TOLD: Final = 20
_MAX_OBJECT_LINE: Final = 8 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup whose every byte is as the hub signed it."""

    folder: Path
    manifest: Manifest
    sha256: str
    """Of its manifest."""
    shapes: tuple[Shape, ...]

    @property
    def name(self) -> str:
        """How a database is marked while this one is put into it."""
        return self.sha256[:16]

    def rows(self, shape: Shape) -> Iterator[dict[str, object]]:
        """Yield the rows of a table.

        Raises:
            DamagedError: a line is none of this table.
        """
        path = self.folder / _rows_path(shape)
        with os.fdopen(open_regular(path), "rb") as file:
            for line in _lines(file, MAX_LINE_BYTES, _rows_path(shape)):
                yield decode_row(shape, line)

    def objects(self) -> Iterator[ObjectLine]:
        """Yield what objects it has."""
        return _objects(self.folder)

    def commitments(self) -> Iterator[bytes]:
        """Yield the leaves of its log, in order."""
        leaves = next(one for one in self.shapes if one.name == "log_leaf")
        for row in self.rows(leaves):
            found = row["hash"]
            yield found if isinstance(found, bytes) else b""


def check(folder: Path, *, tell: Tell = lambda _, __: None) -> Backup:
    """Prove a backup and return it; nothing is written.

    The key that signed it stands in it: who puts it back compares that with the hub's.

    Args:
        folder: where it lies.
        tell: called with how many of how many objects are proven.

    Raises:
        NotFoundError: there is no backup.
        NewerVersionError: a newer release made it.
        NotSignedError: its manifest is not signed by the key that it names.
        DamagedError: a file is missing or changed; the details name which.
    """
    if not is_there(folder / MANIFEST):
        raise NotFoundError(
            f"there is no backup in {folder}",
            hint="One that was cut off has no manifest: make it again, and erase what is there.",
        )
    content = read_regular(folder / MANIFEST, max_bytes=MAX_MANIFEST_BYTES)
    manifest = parse_manifest(content)
    _check_signature(folder, content, manifest)
    if manifest.revision > NEWEST:
        raise NewerVersionError("the backup", found=manifest.revision, newest_known=NEWEST)
    shapes = shapes_of(manifest.revision)
    wrong = [*_wrong_files(folder, manifest, shapes)]
    _refuse(wrong)
    backup = Backup(
        folder=folder,
        manifest=manifest,
        sha256=hashlib.sha256(content).hexdigest(),
        shapes=shapes,
    )
    if manifest.has_objects:
        _refuse([*_wrong_objects(backup, tell)])
    _check_rows(backup)
    return backup


def _check_signature(folder: Path, content: bytes, manifest: Manifest) -> None:
    path = folder / f"{MANIFEST}.sig"
    try:
        signature = read_regular(path, max_bytes=MAX_SIGNATURE_BYTES)
    except NotFoundError:
        raise DamagedError(f"{path.name} is missing", hint=ANOTHER) from None
    signed = verify_signature(content, signature, BACKUP)
    if signed.public_key != parse_public_key(manifest.receipt_key):
        raise NotSignedError(
            "the backup is signed by another key than that of its hub", hint=ANOTHER
        )


def _wrong_files(folder: Path, manifest: Manifest, shapes: tuple[Shape, ...]) -> Iterator[str]:
    for one in manifest.files:
        if (what := _judged(folder, one.path, one.sha256, one.size_bytes)) is not None:
            yield what
    named = {one.path for one in manifest.files if one.path.startswith("rows/")}
    expected = {_rows_path(one) for one in shapes}
    for path in sorted(named ^ expected):
        yield f"{path} is {'of no table' if path in named else 'missing in the manifest'}"


def _wrong_objects(backup: Backup, tell: Tell) -> Iterator[str]:
    listed = backup.manifest.file(OBJECTS)
    total = 0 if listed is None else listed.rows or 0
    for number, one in enumerate(backup.objects()):
        tell(number, total)
        path = f"{OBJECT_FOLDER}/{one.key}"
        if (what := _judged(backup.folder, path, one.sha256, one.size_bytes)) is not None:
            yield what


def _judged(folder: Path, path: str, sha256: str, size_bytes: int) -> str | None:
    """Return what is wrong with a file, or None."""
    try:
        descriptor = open_regular(folder / path)
    except NotFoundError:
        return f"{path} is missing"
    except DamagedError:
        return f"{path} cannot be read, or is no regular file"
    digest, size = hashlib.sha256(), 0
    with os.fdopen(descriptor, "rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
    if size != size_bytes:
        return f"{path} has {size} bytes instead of {size_bytes}"
    return None if digest.hexdigest() == sha256 else f"{path} was changed"


def _check_rows(backup: Backup) -> None:
    """Read every row once, and make the tree of the log again."""
    for shape in backup.shapes:
        file = backup.manifest.file(_rows_path(shape))
        count = sum(1 for _ in backup.rows(shape))
        if file is None or count != file.rows:
            raise DamagedError(f"{_rows_path(shape)} has {count} rows", hint=ANOTHER)
    tree = CompactRange()
    for committed in backup.commitments():
        tree.add(leaf_hash(committed))
    manifest = backup.manifest
    if (tree.size, tree.root().hex()) != (manifest.log_size, manifest.log_root):
        raise DamagedError(
            "the leaves in the backup are not those of the log that was signed", hint=ANOTHER
        )


def _refuse(wrong: list[str]) -> None:
    if not wrong:
        return
    more = [f"and {len(wrong) - _TOLD} more"] if len(wrong) > _TOLD else []
    raise DamagedError(
        "the backup is damaged; nothing was written",
        hint=ANOTHER,
        details=[*wrong[:_TOLD], *more],
    )


def _objects(folder: Path) -> Iterator[ObjectLine]:
    with os.fdopen(open_regular(folder / OBJECTS), "rb") as file:
        for line in _lines(file, _MAX_OBJECT_LINE, OBJECTS):
            yield parse_object(line)


def _lines(file: BinaryIO, most: int, path: str) -> Iterator[bytes]:
    while line := file.readline(most + 1):
        if len(line) > most:
            raise DamagedError(f"{path} holds a line that is too long", hint=ANOTHER)
        yield line


def _rows_path(shape: Shape) -> str:
    return f"rows/{shape.name}.jsonl"
