"""What the hook of one shell wrote of a command that an editor saw end in its terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.spool import MAX_SPOOL_BYTES
from signoff_collector.capture.journal.spools import SpoolClocks
from signoff_collector.capture.shell.spool import READER
from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Container

    from signoff_collector.capture.journal.spools import SpoolEntry
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.system.clock import Clock

APART_NS: Final = 5 * 10**9
"""Largest difference between the ends that shell and editor saw; an editor may be busy."""
_PRIVATE_NS: Final = 60 * 10**9
"""For a private line, of which there are no words to go by: rather a line too few."""

_BEHIND_A_PART: Final = frozenset(("", " ", "\t", "\n", ";", "&", "|"))
"""What may follow the first part of a line: `cd .` is none of `cd ..`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A command as an editor saw it end."""

    line: str
    """The whole line or its first part, without a space before it."""
    exit_code: int | None
    ended_ns: int
    """Time since boot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a shell with the hook says of it."""

    entry: SpoolEntry | None
    """Its line, a private one too; None where the shell told other lines alone."""


def told_line(
    session: Session,
    shell_pid: int,
    seen: Seen,
    clock: Clock,
    taken: Container[tuple[int, int]] = (),
) -> Told | None:
    """Return what the hook of a shell told of a command; None for a shell that told nothing then.

    It is the line with these words and this exit code that ended nearest, else a private line. A
    busy editor tells of two short commands so late that either could be the nearest.

    Lines in `taken` (process, beginning since boot) belong to another command.

    The hook writes the end of a line before the shell draws its prompt, which is what an editor
    waits for; so what the editor saw end is here, if the shell has the hook.
    """
    clocks = SpoolClocks(
        started_boot_ns=session.started_boot_ns, pairs=((clock.wall_ns(), clock.boot_ns()),)
    )
    found: list[SpoolEntry] = []
    for path in session.spools:
        if path.name.startswith(f"shell-{shell_pid}-"):
            try:
                data = read_regular(path, max_bytes=MAX_SPOOL_BYTES)
            except SignoffError:
                continue
            found += READER.read(data, clocks).entries

    def apart_ns(one: SpoolEntry) -> int:
        return abs(one.t_boot_ns - seen.ended_ns)

    left = [one for one in found if (shell_pid, one.since_ns) not in taken]
    near = [one for one in left if apart_ns(one) <= APART_NS]
    private = [one for one in left if "line" not in one.body and apart_ns(one) <= _PRIVATE_NS]
    same = [one for one in near if _is_same(one, seen)] or private
    if same:
        return Told(entry=min(same, key=apart_ns))
    return Told(entry=None) if any(apart_ns(one) <= APART_NS for one in found) else None


def _is_same(one: SpoolEntry, seen: Seen) -> bool:
    line, part = one.body.get("line"), seen.line.strip()
    codes = {one.body.get("exit_code"), seen.exit_code} - {None}
    if not isinstance(line, str) or len(codes) > 1 or not line.strip().startswith(part):
        return False
    return line.strip()[len(part) :][:1] in _BEHIND_A_PART
