"""The manifest of a backup: what it is of, each of its files, and the hub's signature over it."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.hub_log import MAX_HEAD_BYTES
from signoff_schemas.strict import (
    Count,
    HubAudience,
    Sha256,
    Strict,
    UtcSecond,
    field_names,
    first_fault,
    parse_time,
    refuse_ambiguous_json,
    signed_form,
)

MANIFEST: Final = "manifest.json"
MAX_MANIFEST_BYTES: Final = 256 << 10
OBJECTS: Final = "objects.jsonl"
"""The file that names every object."""
OBJECT_FOLDER: Final = "objects"
SETTINGS: Final = "hub.toml"
KEY: Final = "keys/hub"
ANOTHER: Final = "Take another backup; docs/hub/disaster.md says what is left without one."
_PATH: Final = r"^(rows/[a-z_]{1,40}\.jsonl|objects\.jsonl|hub\.toml|keys/hub)$"


class BackupFile(Strict):
    """One file of a backup, but for the objects."""

    path: Annotated[str, Field(pattern=_PATH)]
    sha256: Sha256
    size_bytes: Count
    rows: Count | None
    """Lines of it; None: it is no table and no list."""


class Manifest(Strict):
    """What the hub signs of a backup, in `signoff-backup-v1`."""

    backup_version: Literal[1] = 1
    receiver: HubAudience
    """The hub's address."""
    receipt_key: Annotated[str, Field(pattern=r"^ssh-ed25519 [A-Za-z0-9+/=]{68}$")]
    """The hub's public key, as in its terms."""
    made_on: UtcSecond
    """When the rows were read."""
    erase_by: UtcSecond
    """Until when it may live: what is taken back meanwhile is in it."""
    revision: Annotated[int, Field(ge=1, le=9_999)]
    """Of the tables."""
    log_size: Count
    log_root: Sha256
    log_published: Count
    """Size of the log up to which the store had everything."""
    head: Annotated[str, Field(max_length=MAX_HEAD_BYTES)]
    """The newest head in the rows, byte for byte."""
    head_signature: Annotated[str, Field(max_length=MAX_HEAD_BYTES)]
    has_objects: bool
    files: Annotated[tuple[BackupFile, ...], Field(max_length=100)]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        parse_time(self.made_on)
        parse_time(self.erase_by)
        paths = [one.path for one in self.files]
        if paths != sorted(set(paths)):
            raise ValueError("its files are not in order")
        if (OBJECTS in paths) != self.has_objects or self.log_published > self.log_size:
            raise ValueError("it contradicts itself")
        return self

    def file(self, path: str) -> BackupFile | None:
        """Return a file by its path, or None."""
        return next((one for one in self.files if one.path == path), None)


class ObjectLine(Strict):
    """One object, as `objects.jsonl` names it."""

    key: Annotated[str, Field(pattern=r"^[a-z]{1,20}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}){1,8}$")]
    sha256: Sha256
    size_bytes: Count


_NAMES: Final = field_names((BackupFile, Manifest))


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the bytes that the hub signs."""
    return signed_form(manifest)


def parse_manifest(content: bytes) -> Manifest:
    """Parse a manifest; its signature is another question.

    Raises:
        DamagedError: it is none in its one form; the message repeats nothing of it.
    """
    try:
        refuse_ambiguous_json(content, what="the manifest", hint=ANOTHER)
        found = Manifest.model_validate_json(content)
    except NotSignedError as error:
        raise DamagedError(f"{MANIFEST}: {error}", hint=ANOTHER) from None
    except ValidationError as error:
        fault = first_fault(error, _NAMES, "the manifest")
        raise DamagedError(f"{MANIFEST}: {fault}", hint=ANOTHER) from None
    if encode_manifest(found) != content:
        raise DamagedError(f"{MANIFEST} is not in its one form", hint=ANOTHER)
    return found


def encode_object(line: ObjectLine) -> bytes:
    """Return an object's line."""
    return line.model_dump_json().encode("ascii") + b"\n"


def parse_object(content: bytes) -> ObjectLine:
    """Parse an object's line.

    Raises:
        DamagedError: it is none in its one form.
    """
    found: ObjectLine | None
    try:
        found = ObjectLine.model_validate_json(content)
    except ValidationError:
        found = None
    if found is None or encode_object(found) != content:
        raise DamagedError(f"{OBJECTS} holds a line that names no object", hint=ANOTHER)
    return found
