"""Pin the paths of git and OpenSSH: `setup` stores them in `config/programs.json` (threat 1).

A PATH that changes later, by an `.envrc` or an editor's terminal, cannot substitute other programs.
Without the file, or for a name that is not in it, programs are searched safely at each use.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import DamagedError, MissingProgramError, NotFoundError, SignoffError
from signoff_schemas.untyped import fields_of, is_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from signoff_collector.own_files.home import Home

NAMES: Final = ("git", "ssh-keygen", "ssh-add")
"""Programs that `setup` pins."""

_VERSION: Final = 1
_MAX_BYTES: Final = 1 << 16
_AGAIN: Final = "Run `signoff setup` again: it fixes the one that is there now."
_MOVE_AWAY: Final = "Move config/programs.json away, then run `signoff setup` again."


class State(StrEnum):
    """The state of a pinned program."""

    SAME = "same"
    CHANGED = "changed"
    """Another file is at its path: usually an upgrade."""

    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedProgram:
    """One program as `setup` found it."""

    name: str
    path: Path
    size_bytes: int
    mtime_ns: int

    @property
    def state(self) -> State:
        """Compare it with the file that is at its path now."""
        now = describe(self.name, self.path)
        if now is None:
            return State.MISSING
        return State.SAME if now == self else State.CHANGED


def describe(name: str, path: Path) -> FixedProgram | None:
    """Describe the program at this absolute path for pinning; None without one."""
    try:
        found = path.stat()
    except OSError:
        return None
    if not path.is_file() or not os.access(path, os.X_OK):
        return None
    return FixedProgram(name=name, path=path, size_bytes=found.st_size, mtime_ns=found.st_mtime_ns)


def read_fixed(home: Home) -> Mapping[str, FixedProgram]:
    """Read the pinned programs by name; empty before `setup`.

    Raises:
        DamagedError: the file is not what we wrote.
    """
    try:
        content = read_regular(_file(home), max_bytes=_MAX_BYTES)
    except NotFoundError:
        return {}
    try:
        parsed: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DamagedError("config/programs.json is not JSON", hint=_MOVE_AWAY) from error
    document = fields_of(parsed)
    rows = document.get("programs")
    if document.get("version") != _VERSION or not is_fields(rows):
        raise DamagedError("config/programs.json names no programs", hint=_MOVE_AWAY)
    named = rows
    return {name: _parsed(name, row) for name, row in named.items()}


def _parsed(name: str, row: object) -> FixedProgram:
    fields = fields_of(row)
    path, size, mtime = (fields.get(key) for key in ("path", "size_bytes", "mtime_ns"))
    is_path = isinstance(path, str) and path.startswith("/") and "\0" not in path
    if not is_path or type(size) is not int or type(mtime) is not int:
        raise DamagedError(f"config/programs.json does not say where {name} is", hint=_MOVE_AWAY)
    return FixedProgram(name=name, path=Path(str(path)), size_bytes=size, mtime_ns=mtime)


def fixed_path(name: str, home: Home) -> Path | None:
    """Return the pinned path of a program; None when none of that name is pinned.

    Raises:
        MissingProgramError: it is gone, or the file is unreadable; there is no automatic fallback.
    """
    try:
        program = read_fixed(home).get(name)
    except SignoffError as error:
        raise MissingProgramError(
            f"which {name} to run is not known: {error}", hint=_MOVE_AWAY
        ) from error
    if program is None:
        return None
    if program.state is State.MISSING:
        raise MissingProgramError(
            f"{name} was fixed to {program.path} by `signoff setup` and does not exist any more",
            hint=_AGAIN,
        )
    return program.path


def fix_programs(home: Home, find: Callable[[str], Path]) -> tuple[FixedProgram, ...]:
    """Pin every program that is not pinned or has changed; return what is new.

    One that is still at its path keeps it, whatever PATH offers now.

    Args:
        home: where it is stored; it must exist.
        find: returns the absolute path of a program, searched safely.
    """
    try:
        known = read_fixed(home)
    except DamagedError:
        known = {}
    kept = dict(known)
    for name in NAMES:
        now = _now(name, known.get(name), find)
        if now is not None:
            kept[name] = now
    fresh = tuple(program for name, program in kept.items() if program != known.get(name))
    if fresh:
        _write(home, kept.values())
    return fresh


def _now(
    name: str, before: FixedProgram | None, find: Callable[[str], Path]
) -> FixedProgram | None:
    if before is not None and (same_place := describe(name, before.path)) is not None:
        return same_place
    try:
        return describe(name, find(name))
    except MissingProgramError:
        return None


def release_programs(home: Home) -> None:
    """Delete what `fix_programs` wrote."""
    _file(home).unlink(missing_ok=True)


def _write(home: Home, programs: Iterable[FixedProgram]) -> None:
    rows = {
        program.name: {
            "path": os.fspath(program.path),
            "size_bytes": program.size_bytes,
            "mtime_ns": program.mtime_ns,
        }
        for program in programs
    }
    document = {"version": _VERSION, "programs": rows}
    replace_private(_file(home), json.dumps(document, indent=1).encode("ascii"))


def _file(home: Home) -> Path:
    return home.config / "programs.json"
