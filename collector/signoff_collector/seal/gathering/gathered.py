"""Stores the facts that sealing needs from outside the journals, so that sealing is pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, cast

from signoff_collector.capture.journal.control import ControlLine
from signoff_collector.capture.journal.frame_reader import FrameReader
from signoff_collector.capture.journal.journal_frames import (
    JOURNAL_VERSION,
    RecordKind,
    encode_frame,
    pack_body,
    unpack_body,
)
from signoff_collector.own_files.private_files import replace_private
from signoff_collector.redaction.interface import Identities
from signoff_collector.seal.gathering.base_files import BaseFile
from signoff_collector.seal.gathering.endings import Ending
from signoff_schemas.errors import DamagedError, NewerVersionError

FILE_NAME: Final = "gathered.journal"
GATHERED_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LateStep:
    """A step found later, such as from the reflog, that no watcher recorded."""

    boot_id: str
    t_boot_ns: int
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFacts:
    """State of the repository at the start of the session."""

    commit: str | None = None
    branch: str | None = None
    is_dirty: bool | None = None
    dirty_files: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All facts from outside the journals that affect the bytes of an episode."""

    session: str
    root: str
    """Real path of the workspace."""
    boot_id: str
    """Boot id of the times of control lines."""
    seed: bytes
    """Random key of the pseudonyms."""
    paths: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """Document URI to path in the workspace; None where it lies outside."""
    control: tuple[ControlLine, ...] = ()
    killed: tuple[str, ...] = ()
    """Ids of killed bridges, as written by releases without `endings`."""
    endings: tuple[Ending, ...] = ()
    """Ends of writers that did not close their journal."""
    late: tuple[LateStep, ...] = ()
    base: BaseFacts = BaseFacts()
    base_files: Mapping[str, BaseFile | None] = field(default_factory=dict[str, BaseFile | None])
    """Files of the base commit at the paths that the watcher saw change; None: no file."""
    base_texts: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Texts of the base commit at the paths of the session's files, compressed."""
    base_is_public: bool = False
    """Whether the code was declared open source and a remote has the base commit."""
    commits: tuple[str, ...] = ()
    """Ids of commits of the repository, to be recognised in outputs and messages."""
    in_repository: tuple[str, ...] = ()
    """SHA-256 of contents that were not kept as blobs but are in some commit."""
    public_commits: tuple[str, ...] = ()
    """Commits of the session that a remote also has."""
    identities: Identities = field(default_factory=Identities)
    exact_values: str = "none"
    words: str = ""
    """Words of the last commit, separated by spaces: see `vocabulary`."""
    is_strict: bool = False
    """Whether tokens without known words are masked, too."""
    policy_sha256: str | None = None
    captured_on: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    is_offline: bool = False
    """Whether sealing runs without a network."""


def write_gathered(folder: Path, gathered: Gathered) -> None:
    """Write the file of a session, atomically.

    Raises:
        SignoffError: it cannot be written.
    """
    head = pack_body(
        {"journal_version": JOURNAL_VERSION, "writer": "gather", "version": GATHERED_VERSION}
    )
    body = pack_body(asdict(gathered))
    replace_private(
        folder / FILE_NAME,
        encode_frame(RecordKind.HEADER, head) + encode_frame(RecordKind.STEP, body),
    )


def read_gathered(folder: Path) -> Gathered | None:
    """Read the gathered facts of a session, None when there are none.

    Raises:
        DamagedError: the file is incomplete or invalid.
        NewerVersionError: a newer release wrote it.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return None
    reader = FrameReader(path)
    try:
        bodies = [unpack_body(payload) for _, payload in reader]
    except ValueError:
        bodies = []
    is_whole = reader.left_bytes == 0 and len(bodies) == 2
    if not is_whole or not all(isinstance(body, dict) for body in bodies):
        raise DamagedError(
            f"{FILE_NAME} of the session is damaged: {reader.left_bytes} bytes cannot be read",
            hint="Remove that file and seal again; facts from outside are gathered anew.",
        )
    head, body = (cast("dict[str, object]", body) for body in bodies)
    version = head.get("version")
    if isinstance(version, int) and version > GATHERED_VERSION:
        raise NewerVersionError(FILE_NAME, found=version, newest_known=GATHERED_VERSION)
    return _from_mapping(body)


def _from_mapping(body: dict[str, object]) -> Gathered:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Gathered).validate_python(body)
    except ValidationError as error:
        raise DamagedError(
            f"{FILE_NAME} of the session is not valid: {error.error_count()} fields",
            hint="Remove that file and seal again; facts from outside are gathered anew.",
        ) from None
