"""List the running bridges, from the presence file of each and from `/proc`."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.sessions import list_sessions
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.own_files.unfinished import is_running
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of, is_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

PROC: Final = Path("/proc")
_MAX_PRESENCE_BYTES: Final = 1 << 16
_WRITER_ID: Final = re.compile(r"bridge-[a-z]+-(\d{1,10})-[0-9a-f]+\.json")
_MODULE: Final = b"signoff_bridge"
_COMM_LENGTH: Final = 15
_START_TICKS: Final = 19
"""Index of field 22 (start time) of proc(5) stat, counted from behind the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A bridge that is recording in a session."""

    session: Session
    pid: int
    version: str
    editor: str
    """Name and version as the editor reported them."""

    refused: Mapping[str, int]
    """Number of open documents that it does not record, by the policy's reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running process of Signoff."""

    pid: int
    started_boot_ns: int
    """With a resolution of 10 ms."""


def presences(home: Home, clock: Clock) -> list[Presence]:
    """Return the bridges that record in active sessions; what dead ones left is skipped."""
    found: list[Presence] = []
    for session in list_sessions(home):
        if not session.is_over(clock):
            found += presences_in(session)
    return found


def presences_in(session: Session) -> list[Presence]:
    """Return the bridges that record in one session; the file of a killed one is ignored."""
    read = [_presence(session, path) for path in sorted(session.folder.glob("bridge-*.json"))]
    return [presence for presence in read if presence is not None and is_running(presence.pid)]


def bridge_processes(proc: Path = PROC) -> list[int] | None:
    """Return the ids of our user's bridge processes; None where there is no `/proc`."""
    if not (proc / "self").exists():
        return None
    found: list[int] = []
    for folder in proc.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if _MODULE in words and _runs_as_us(folder):
                found.append(int(folder.name))
        except OSError:
            continue
    return sorted(found)


def running(names: Collection[str], proc: Path = PROC) -> list[Running]:
    """Return our user's processes with these program names; none where there is no `/proc`."""
    found: list[Running] = []
    wanted = {name[:_COMM_LENGTH] for name in names}
    for folder in proc.iterdir() if (proc / "self").exists() else ():
        if not folder.name.isdecimal():
            continue
        try:
            # `pid (comm) state …`: comm may hold anything, so it ends at the last parenthesis
            before, _, after = (folder / "stat").read_text("utf-8", "replace").rpartition(")")
            if before.partition("(")[2] in wanted and _runs_as_us(folder):
                ticks = int(after.split()[_START_TICKS])
                started_ns = ticks * 10**9 // os.sysconf("SC_CLK_TCK")
                found.append(Running(pid=int(folder.name), started_boot_ns=started_ns))
        except (OSError, ValueError, IndexError):
            continue
    return sorted(found, key=lambda process: process.pid)


def _runs_as_us(folder: Path) -> bool:
    """Whether a process has our user id; `/proc` files of an undumpable process belong to root."""
    for line in (folder / "status").read_text("utf-8", "replace").split("\n"):
        if line.startswith("Uid:"):
            return line.split()[2] == str(os.geteuid())
    return False


def _presence(session: Session, path: Path) -> Presence | None:
    named = _WRITER_ID.fullmatch(path.name)
    try:
        parsed: object = json.loads(read_regular(path, max_bytes=_MAX_PRESENCE_BYTES))
    except (SignoffError, ValueError, RecursionError):
        return None
    if named is None or not is_fields(parsed):
        return None
    fields = parsed
    editor = f"{fields.get('editor') or 'an editor'} {fields.get('editor_version') or ''}"
    return Presence(
        session=session,
        pid=int(named[1]),
        version=str(fields.get("version") or "unknown"),
        editor=editor.strip(),
        refused=_counts(fields.get("refused")),
    )


def _counts(value: object) -> dict[str, int]:
    fields = fields_of(value)
    return {str(name): count for name, count in fields.items() if type(count) is int}
