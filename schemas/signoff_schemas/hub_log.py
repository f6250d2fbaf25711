"""The log of a hub: its entries, its signed heads, and the proofs taken from it (docs/hub/log.md).

Every document here has one form: ASCII JSON on one line in the order of the fields, and a final
newline. Anything else is not read, so what was hashed or signed is never ambiguous.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.merkle import HASH_BYTES, MAX_PATH, leaf_hash
from signoff_schemas.strict import (
    Audience,
    Count,
    Sha256,
    Strict,
    UtcSecond,
    Word,
    format_time,
    parse_time,
    refuse_ambiguous_json,
)

MAX_ENTRY_BYTES: Final = 1 << 10
MAX_HEAD_BYTES: Final = 4 << 10
MAX_PROOF_BYTES: Final = 32 << 10
SALT_BYTES: Final = 32


class EntryKind(StrEnum):
    """What happened."""

    RECEIVED = "received"
    ADMITTED = "admitted"
    REFUSED = "refused"
    READ = "read"
    BUILD = "build"
    EXPORT = "export"
    GRANT = "grant"
    RUN = "run"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    REFRESHED = "refreshed"
    EXPIRED = "expired"
    POLICY = "policy"
    ADOPTED = "adopted"


class LogEntry(Strict):
    """What one leaf of the log tells to whom it is opened: no contributor, key or repository."""

    kind: Annotated[EntryKind, Field(strict=False)]
    subject: Sha256
    """Of what it is about: a statement, an episode, a plan, a manifest, terms."""
    on: UtcSecond
    """Of a reading only the day: its hour would tell when the reader works."""
    because: Word | None = None
    """A stable code, never text."""

    @model_validator(mode="after")
    def _is_no_finer_than_needed(self) -> Self:
        parse_time(self.on)
        if self.kind is EntryKind.READ and not self.on.endswith("T00:00:00Z"):
            raise ValueError("a reading is told to the day")
        return self


class LogHead(Strict):
    """The tree at one size; the hub signs exactly its bytes, in `signoff-log-v1`."""

    log_version: Literal[1] = 1
    receiver: Audience
    """The hub whose log it is."""
    size: Count
    root: Sha256
    on: UtcSecond
    """When it was signed."""

    @model_validator(mode="after")
    def _has_a_date(self) -> Self:
        parse_time(self.on)
        return self


class InclusionProof(Strict):
    """That a leaf is in the tree of a signed head; with its opening, what the leaf says."""

    proof_version: Literal[1] = 1
    leaf: Count
    """Its number, from 0."""
    salt: Sha256 | None
    """With `entry`: the opening. Both are null where it was erased or is not the reader's."""
    entry: Annotated[str, Field(max_length=MAX_ENTRY_BYTES)] | None
    """The entry's exact bytes."""
    commitment: Sha256 | None
    """SHA-256 of salt and entry, where they are not given."""
    path: Annotated[str, Field(max_length=4 * MAX_PATH * HASH_BYTES)]
    """Hashes from the bottom, one after the other, in base64."""
    head: Annotated[str, Field(max_length=MAX_HEAD_BYTES)]
    """The head's exact bytes; its size is that of the tree."""
    signature: Annotated[str, Field(max_length=MAX_HEAD_BYTES)]

    @model_validator(mode="after")
    def _is_opened_or_not(self) -> Self:
        is_opened = self.commitment is None
        if (self.salt is not None) != is_opened or (self.entry is not None) != is_opened:
            raise ValueError("either salt and entry are given, or the commitment")
        decode_path(self.path)
        return self

    def leaf_hash(self) -> bytes:
        """Return the hash of the leaf that the path begins at."""
        if self.salt is None or self.entry is None:
            return leaf_hash(bytes.fromhex(self.commitment or ""))
        return leaf_hash(commitment(bytes.fromhex(self.salt), self.entry.encode("ascii")))


class ConsistencyProof(Strict):
    """That the log of one size begins with the log of a smaller one."""

    proof_version: Literal[1] = 1
    first: Annotated[int, Field(ge=1, lt=1 << 53)]
    second: Annotated[int, Field(ge=1, lt=1 << 53)]
    path: Annotated[str, Field(max_length=4 * MAX_PATH * HASH_BYTES)]

    @model_validator(mode="after")
    def _has_whole_hashes(self) -> Self:
        decode_path(self.path)
        return self


def log_entry(kind: EntryKind, subject: str, at: datetime, because: str | None = None) -> LogEntry:
    """Return an entry whose time is as fine as its kind needs."""
    if kind is EntryKind.READ:
        at = at.astimezone(UTC).replace(hour=0, minute=0, second=0)
    return LogEntry(kind=kind, subject=subject, on=format_time(at), because=because)


def commitment(salt: bytes, entry: bytes) -> bytes:
    """Return what the tree holds of an entry: 32 bytes that tell nothing without the salt."""
    return hashlib.sha256(salt + entry).digest()


def encode(document: LogEntry | LogHead | InclusionProof | ConsistencyProof) -> bytes:
    """Return the one form of a document of the log."""
    data = document.model_dump(mode="json")
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def parse_entry(content: bytes) -> LogEntry:
    """Parse an entry.

    Raises:
        DamagedError: it is not one in its one form.
    """
    return _parsed(LogEntry, content, MAX_ENTRY_BYTES, "an entry of the log")


def parse_head(content: bytes) -> LogHead:
    """Parse a head; whether it is signed is another question.

    Raises:
        DamagedError: it is not one in its one form.
    """
    return _parsed(LogHead, content, MAX_HEAD_BYTES, "a head of the log")


def parse_inclusion_proof(content: bytes) -> InclusionProof:
    """Parse a proof of inclusion; nothing in it is checked yet.

    Raises:
        DamagedError: it is not one in its one form.
    """
    return _parsed(InclusionProof, content, MAX_PROOF_BYTES, "a proof of inclusion")


def parse_consistency_proof(content: bytes) -> ConsistencyProof:
    """Parse a proof of consistency; nothing in it is checked yet.

    Raises:
        DamagedError: it is not one in its one form.
    """
    return _parsed(ConsistencyProof, content, MAX_PROOF_BYTES, "a proof of consistency")


def encode_path(path: tuple[bytes, ...]) -> str:
    """Return hashes as a proof holds them."""
    return base64.b64encode(b"".join(path)).decode("ascii")


def decode_path(text: str) -> tuple[bytes, ...]:
    """Return the hashes of a proof.

    Raises:
        ValueError: it is not base64 of at most 64 whole hashes.
    """
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode("ascii") != text:
        raise ValueError("the path is spelt in another way than base64's")
    count, rest = divmod(len(content), HASH_BYTES)
    if rest or count > MAX_PATH:
        raise ValueError("the path does not hold whole hashes, or too many")
    return tuple(content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES))


_Document = TypeVar("_Document", LogEntry, LogHead, InclusionProof, ConsistencyProof)


def _parsed(model: type[_Document], content: bytes, max_bytes: int, what: str) -> _Document:
    found = None
    if len(content) <= max_bytes:
        try:
            refuse_ambiguous_json(content, what=what)
            found = model.model_validate_json(content)
        except (NotSignedError, ValidationError):
            found = None
    if found is None or encode(found) != content:
        raise DamagedError(
            f"{what} is not as docs/hub/log.md has it",
            hint="Fetch it again; if it stays so, tell whoever runs the hub.",
        )
    return found
