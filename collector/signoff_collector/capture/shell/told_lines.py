"""What the hook of one shell wrote of a command that an editor saw end in its terminal."""

from __future__ import annotations

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


def told_line(
    session: Session,
    shell_pid: int,
    ended_ns: int,
    clock: Clock,
    taken: Container[tuple[int, int]] = (),
) -> SpoolEntry | None:
    """Return the line of this shell that ended nearest to a time since boot, a private one too.

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
    near = [
        one
        for one in found
        if abs(one.t_boot_ns - ended_ns) <= APART_NS and (shell_pid, one.since_ns) not in taken
    ]
    return min(near, key=lambda one: abs(one.t_boot_ns - ended_ns), default=None)
