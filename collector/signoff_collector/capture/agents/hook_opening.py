"""A hook in a folder where no session goes on: has one opened, and its line written there.

Opening one takes ten times what a hook may take, so a process that outlives us does it. It gets
the line through a pipe: what stands in arguments can be read by everybody on the machine.
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
"""What fits into a pipe on Linux before anybody reads it; a longer line is let go."""


def open_and_write(place: Place, name: str, line: bytes) -> None:
    """Start the process and hand it the line; returns before it has done anything."""
    if len(line) >= _PIPE_BYTES:
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)  # a system short of memory for pipes gives less room
    has_taken_all = os.write(writing, line) == len(line)
    os.close(writing)
    if not has_taken_all:
        return
    # `</dev/null` is what a shell gives a process in the background, unless it is told otherwise.
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
    """Return the agent's environment without what changes how programs run (threat 1).

    The values stay: what is secret among them must be known when the session is sealed.
    """
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(_CHANGES_PROGRAMS)
    }
    return {**kept, "PATH": "/usr/bin:/bin", "SIGNOFF_HOME": home}
