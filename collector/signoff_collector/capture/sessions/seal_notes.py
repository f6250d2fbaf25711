"""Store the outcome of sealing beside a session's journals, for `status` and `list`."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signoff_collector import __version__
from signoff_collector.capture.sessions.session_folder import Session
from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_collector.system.clock import Clock
from signoff_collector.workspaces.work_trees import file_stamp
from signoff_schemas.errors import DiskFullError, SignoffError
from signoff_schemas.untyped import is_fields, list_of

MAX_SEAL_ATTEMPTS: Final = 3
"""After this many interrupted attempts the sweep skips a session; `seal` still tries."""
LEFT_OUT: Final = "left out: it could not be masked"
"""Reason given for a place whose content is not in the episode."""

_SEALED: Final = "sealed.json"
_FAILED: Final = "seal-failed.json"
_TO_CHECK: Final = "to-check.json"
_DIGITS: Final = 32
_MAX_NOTE_BYTES: Final = 1 << 16
_MAX_LIST_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFailure:
    """Why a session could not be sealed, for `status` and `list`."""

    error: str
    hint: str | None
    exit_code: int
    attempts: int
    tool_version: str
    t_wall_ns: int
    input: str = ""
    """Digest of the input that was tried, see `_input_of`; the same input fails again."""
    is_final: bool = False
    """Whether the attempt ran to its end, so that only another input can help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedAs:
    """The episode that a session was sealed as."""

    path: Path
    sha256: str
    tasks: int = 0
    """Number of tasks the person named, for the question that editors ask once a day."""
    red_to_green: int = 0
    """Number of tests that failed and passed later."""
    title: str = ""
    """The first task, masked as in the episode, or the files that were edited most."""
    duration_ns: int = 0
    earlier: tuple[str, ...] = ()
    """Digests of earlier episodes of this session, from before something was unmasked."""

    @property
    def digests(self) -> tuple[str, ...]:
        """Digests of all episodes of the session, all of them masked."""
        return (*self.earlier, self.sha256)


def note_seal_begun(session: Session, clock: Clock) -> None:
    """Count an attempt before it starts, so that a killed one counts too."""
    unfinished = SignoffError("sealing did not finish", hint=f"Try `signoff seal {session.id}`.")
    _write_failure(session, unfinished, clock, attempts=_attempts(session) + 1, is_final=False)


def note_seal_failed(session: Session, error: SignoffError, clock: Clock) -> None:
    """Store why sealing failed; the attempt was counted by `note_seal_begun`.

    A full disk and a kill say nothing about the session; any other error would happen again.
    """
    is_final = not isinstance(error, DiskFullError)
    _write_failure(session, error, clock, attempts=max(1, _attempts(session)), is_final=is_final)


def drop_seal_note(session: Session) -> None:
    """Undo the count of an attempt that was interrupted by another process."""
    (session.folder / _FAILED).unlink(missing_ok=True)


def _attempts(session: Session) -> int:
    """Return the number of attempts of this release with this input."""
    before = seal_failure(session)
    return before.attempts if before is not None and _is_same(session, before) else 0


def _is_same(session: Session, failure: SealFailure) -> bool:
    """Whether the failed attempt had the input that would be tried now."""
    return failure.tool_version == __version__ and failure.input in {"", _input_of(session)}


def _input_of(session: Session) -> str:
    """Return a digest of names, sizes and times of the files that writers left."""
    found: list[tuple[str, int, int]] = []
    for path in (*session.journals, *session.spools, session.control):
        with contextlib.suppress(OSError):
            status = path.stat()
            found.append((path.name, status.st_size, status.st_mtime_ns))
    return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()[:_DIGITS]


def _write_failure(
    session: Session, error: SignoffError, clock: Clock, *, attempts: int, is_final: bool
) -> None:
    body = {
        "error": str(error),
        "hint": error.hint,
        "exit_code": error.exit_code,
        "attempts": attempts,
        "tool_version": __version__,
        "t_wall_ns": clock.wall_ns(),
        "input": _input_of(session),
        "is_final": is_final,
    }
    replace_private(session.folder / _FAILED, json.dumps(body).encode())


def note_sealed(session: Session, sealed: SealedAs) -> None:
    """Store which episode a session became; it is not sealed again."""
    body = {
        "path": str(sealed.path),
        "sha256": sealed.sha256,
        "tasks": sealed.tasks,
        "red_to_green": sealed.red_to_green,
        "title": sealed.title,
        "duration_ns": sealed.duration_ns,
        "earlier": list(sealed.earlier),
    }
    replace_private(session.folder / _SEALED, json.dumps(body).encode())
    (session.folder / _FAILED).unlink(missing_ok=True)


def note_to_check(session: Session, left: Sequence[tuple[str, str]]) -> None:
    """Store for review what sealing left unmasked: place and reason, never the content."""
    replace_private(session.folder / _TO_CHECK, json.dumps(list(left), indent=1).encode())


def to_check(session: Session) -> list[tuple[str, str]]:
    """Return place and reason of everything that sealing left for a person to check."""
    try:
        content = read_regular(session.folder / _TO_CHECK, max_bytes=_MAX_LIST_BYTES)
        parsed: object = json.loads(content)
    except (SignoffError, ValueError, RecursionError):
        return []
    found: list[tuple[str, str]] = []
    for row in list_of(parsed):
        match row:
            case [str(place), str(reason)]:
                found.append((place, reason))
            case _:
                continue
    return found


def left_out(session: Session) -> list[str]:
    """Return what is missing in the session's episode because it could not be masked."""
    return [place for place, reason in to_check(session) if reason == LEFT_OUT]


def seal_failure(session: Session) -> SealFailure | None:
    """Return why the last attempt to seal failed, or None."""
    fields = _read_note(session.folder / _FAILED)
    if fields is None:
        return None
    hint = fields.get("hint")
    return SealFailure(
        error=str(fields.get("error", "unknown")),
        hint=hint if isinstance(hint, str) else None,
        exit_code=_whole(fields.get("exit_code"), 1),
        attempts=_whole(fields.get("attempts"), 1),
        tool_version=str(fields.get("tool_version", "")),
        t_wall_ns=_whole(fields.get("t_wall_ns"), 0),
        input=str(fields.get("input", "")),
        is_final=fields.get("is_final") is True,
    )


def note_stamps(folder: Path) -> tuple[tuple[int, ...] | None, ...]:
    """Return what changes when a session's outcome of sealing does; nothing is read."""
    return file_stamp(folder / _SEALED), file_stamp(folder / _FAILED)


def sealed_as(session: Session) -> SealedAs | None:
    """Return the episode that a session became, or None."""
    fields = _read_note(session.folder / _SEALED)
    if fields is None:
        return None
    return SealedAs(
        path=Path(str(fields.get("path", ""))),
        sha256=str(fields.get("sha256", "")),
        tasks=_whole(fields.get("tasks"), 0),
        red_to_green=_whole(fields.get("red_to_green"), 0),
        title=str(fields.get("title", "")),
        duration_ns=_whole(fields.get("duration_ns"), 0),
        earlier=_strings(fields.get("earlier")),
    )


def _strings(value: object) -> tuple[str, ...]:
    items = list_of(value)
    return tuple(item for item in items if isinstance(item, str))


def _whole(value: object, otherwise: int) -> int:
    return value if type(value) is int else otherwise


def _read_note(path: Path) -> dict[str, object] | None:
    try:
        parsed: object = json.loads(read_regular(path, max_bytes=_MAX_NOTE_BYTES))
    except (SignoffError, ValueError, RecursionError):
        return None
    return parsed if is_fields(parsed) else None


def is_given_up(session: Session) -> bool:
    """Whether the automatic attempts are exhausted: the same input would fail again."""
    failure = seal_failure(session)
    return (
        failure is not None
        and (failure.is_final or failure.attempts >= MAX_SEAL_ATTEMPTS)
        and _is_same(session, failure)
    )
