"""Checks of the program itself: launcher, release, running bridges, user, clock."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector import __version__
from signoff_collector.capture.sessions.bridges import bridge_processes, presences
from signoff_collector.health.interface import Reach, bad, note, ok
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.own_files.home import Home
from signoff_collector.system.clock import UNKNOWN_BOOT
from signoff_collector.system.extras import how_to_install, missing
from signoff_collector.system.users import is_root, user_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.health.interface import Line, Surroundings

_WHERE_THERE_ARE_WHEELS: Final = (
    "They exist for glibc 2.28 and newer, macOS and Windows; not for musl (Alpine)."
)
_SINCE_NS: Final = 1_764_547_200_000_000_000
"""2025-12-01: a clock that shows an earlier time is wrong."""


def launcher(around: Surroundings) -> Line:
    """Look for the program that editors start, and for another one before it on PATH."""
    path = launcher_path()
    first = _first_on_path(around.environ)
    if first is None:
        return note(
            f"{path}; not on PATH, so typing `signoff` does not find it",
            f"Add {path.parent} to PATH. Editors that were set up find it anyway.",
        )
    if first.resolve() != path.resolve():
        return note(
            f"{path}; but `signoff` means {first}", "Remove one of the two, or reorder PATH."
        )
    return ok(str(path))


def release(around: Surroundings) -> Line:
    """Say which release runs on which Python."""
    del around
    python = ".".join(map(str, sys.version_info[:3]))
    fact = f"signoff {__version__} on Python {python}"
    if sys.version_info < (3, 11):  # noqa: UP036  an editor may start another Python
        return bad(fact, "Install it under Python 3.11 or newer.")
    return ok(fact)


def engines(around: Surroundings) -> Line:
    """Look for what finds secrets: without it sessions are recorded, and none can be sealed."""
    del around
    absent = missing("seal")
    if not absent:
        return ok("what looks for secrets is installed")
    return bad(
        f"what looks for secrets is not installed ({', '.join(absent)}): work is recorded, but "
        "nothing of it can be found, restored, sealed or signed until it is",
        f"{how_to_install('seal')} {_WHERE_THERE_ARE_WHEELS}",
    )


def bridges(around: Surroundings) -> Line:
    """List running bridges."""
    home = around.home
    connected = presences(home, around.clock) if isinstance(home, Home) else []
    if connected:
        editors = ", ".join(sorted({bridge.editor for bridge in connected}))
        return ok(f"{len(connected)} recording now: {editors}")
    running = bridge_processes(around.proc)
    if running:
        return ok(f"{len(running)} running, no recorded file open in them")
    return ok("none runs now" if running is not None else "none records now")


def older_bridges(around: Surroundings) -> Iterator[Line]:
    """Name editors that still run a bridge of another release."""
    home = around.home
    connected = presences(home, around.clock) if isinstance(home, Home) else []
    older = sorted({bridge.version for bridge in connected} - {__version__})
    if older:
        editors = ", ".join(sorted({b.editor for b in connected if b.version != __version__}))
        yield note(
            f"{editors} still runs release {older[0]} of the bridge; this is {__version__}",
            "Close that editor and start it again.",
            key="version",
            reach=Reach.STATUS,
        )


def user(around: Surroundings) -> Line:
    """Say as whom we run: what root starts can read everything."""
    del around
    if is_root():
        return note(
            "running as root: whatever root starts can read the history",
            "Work as an ordinary user where you can.",
        )
    return ok("no administrator" if user_id() is None else f"user {user_id()}")


def clock(around: Surroundings) -> Line:
    """Check that reboots can be detected and that the date is plausible."""
    if around.clock.wall_ns() < _SINCE_NS:
        return bad(
            "the clock shows a date before this release was made",
            "Set the clock: opt-ins and sign-offs expire by it.",
        )
    if around.clock.boot_id() == UNKNOWN_BOOT:
        return note(
            "this system gives no boot id",
            "A session that a crash of the machine cuts short may be ended late.",
        )
    return ok("the date is plausible, and the system has a boot id")


def _first_on_path(environ: Mapping[str, str]) -> Path | None:
    for entry in environ.get("PATH", "").split(os.pathsep):
        candidate = Path(entry) / "signoff"
        if entry and candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    return None
