"""Open a session from a hook, in a background process that also writes the hook's line.

Opening one takes ten times as long as a hook may take, so a process that outlives the hook does it.
It gets the line through a pipe, since every user of the machine can read arguments.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` itself would take 5 ms
if TYPE_CHECKING:
    from typing import Final

    from signoff_collector.capture.agents.hook_places import Place

MODULE: Final = "signoff_collector.capture.agents.beginning"
_DETACH: Final = 'nice -n 10 "$@" >/dev/null 2>&1 &'
_CHANGES_PROGRAMS: Final = ("LD_", "DYLD_", "PYTHON", "GIT_", "BASH_", "ENV", "IFS")
_PIPE_BYTES: Final = 64 << 10
"""Capacity of a pipe on Linux; a longer line is dropped, since writing it would block."""


def open_and_write(place: Place, name: str, line: bytes) -> None:
    """Start the process and pass it the line; returns before the session is open."""
    if len(line) >= _PIPE_BYTES:
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)  # a system short of memory for pipes gives less room
    has_taken_all = os.write(writing, line) == len(line)
    os.close(writing)
    if not has_taken_all:
        return
    # A shell redirects the standard input of a background process to /dev/null unless it is
    # redirected explicitly.
    command = ["sh", "-c", f"exec 3<&0; {_DETACH.replace(' >', ' <&3 >', 1)}", "sh"]
    command += [sys.executable, "-I", "-m", MODULE, place.home, place.root, name]
    child = os.posix_spawn(
        "/bin/sh",
        command,
        _environment(place.home),
        file_actions=[(os.POSIX_SPAWN_DUP2, reading, 0)],
        setsid=True,
    )
    os.close(reading)
    os.waitpid(child, 0)


def _environment(home: str) -> dict[str, str]:
    """Return the agent's environment without variables that change how programs run (threat 1).

    Other values stay: the secrets among them must be known when the session is sealed.
    """
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(_CHANGES_PROGRAMS)
    }
    return {**kept, "PATH": "/usr/bin:/bin", "SIGNOFF_HOME": home}
