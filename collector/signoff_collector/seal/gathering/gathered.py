"""What sealing needs from outside, written down once so that sealing itself is pure."""

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
from signoff_collector.redaction.interface import Identities
from signoff_collector.seal.gathering.base_files import BaseFile
from signoff_collector.seal.gathering.endings import Ending
from signoff_collector.system.private_files import replace_private
from signoff_schemas.errors import DamagedError, NewerVersionError

FILE_NAME: Final = "gathered.journal"
GATHERED_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LateStep:
    """A step that no watcher saw when it happened."""

    boot_id: str
    t_boot_ns: int
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFacts:
    """The repository when the session began."""

    commit: str | None = None
    branch: str | None = None
    is_dirty: bool | None = None
    dirty_files: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything from outside that decides the bytes of an episode."""

    session: str
    root: str
    """Real path of the workspace."""
    boot_id: str
    """The boot that control lines are timed by."""
    seed: bytes
    """Random; pseudonyms are made with it."""
    paths: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """Document URI to path in the workspace; None where it lies outside."""
    control: tuple[ControlLine, ...] = ()
    killed: tuple[str, ...] = ()
    """Ids of bridges that were killed, as releases before `endings` wrote them down."""
    endings: tuple[Ending, ...] = ()
    """Writers that did not come to close their journal, when and why."""
    late: tuple[LateStep, ...] = ()
    base: BaseFacts = BaseFacts()
    base_files: Mapping[str, BaseFile | None] = field(default_factory=dict[str, BaseFile | None])
    """What the base commit holds at paths that the file watcher saw change; None: nothing."""
    base_texts: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """What the base commit holds at the paths of the session's files, compressed."""
    base_is_public: bool = False
    """Whether the base was declared public and a remote holds it."""
    commits: tuple[str, ...] = ()
    """Ids of commits of the repository, to be known in outputs and messages."""
    in_repository: tuple[str, ...] = ()
    """SHA-256 of contents that no blob has, but some commit of the repository."""
    public_commits: tuple[str, ...] = ()
    """Commits of the session that a remote has too."""
    identities: Identities = field(default_factory=Identities)
    exact_values: str = "none"
    words: str = ""
    """Words of the last commit, one blank between: see `vocabulary`."""
    is_strict: bool = False
    """Whether tokens of no known word are masked as well."""
    policy_sha256: str | None = None
    captured_on: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    is_offline: bool = False
    """Whether sealing runs where nothing can be sent."""


def write_gathered(folder: Path, gathered: Gathered) -> None:
    """Write the file of a session; after a crash it is there whole or not at all.

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
    """Return what was gathered for a session, or None when nothing was.

    Raises:
        DamagedError: the file is not whole.
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
