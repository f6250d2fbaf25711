"""`signoff doctor`: what is missing on this machine."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.workspaces import Workspaces
from signoff_collector.children import find_program, run_child
from signoff_collector.clock import UNKNOWN_BOOT, SystemClock
from signoff_collector.home import resolve_home
from signoff_collector.standing import blocked_sessions
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from signoff_collector.console import Console

SUMMARY = "What is missing on this machine, and what to do about it."
EXAMPLE = "signoff doctor"

_EDITORS: Final = ("nvim", "vim", "emacs", "hx", "kak", "code", "kate")
_ENOUGH_BYTES: Final = 500 << 20
_LIMIT_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    is_well: bool
    fact: str
    hint: str | None = None
    is_needed: bool = True
    """Whether recording, sealing or signing fails without it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments: there are none."""
    del parser


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Look at everything; exit 1 when something needed is missing."""
    del arguments
    checks = [check() for check in _CHECKS]
    for found in checks:
        if console.is_json:
            console.row(
                {
                    "name": found.name,
                    "ok": found.is_well,
                    "needed": found.is_needed,
                    "fact": found.fact,
                    "hint": found.hint,
                }
            )
            continue
        mark = "ok" if found.is_well else ("missing" if found.is_needed else "note")
        console.say(f"{mark:<8}{found.name}: {found.fact}")
        if found.hint and not found.is_well:
            console.say(f"        {found.hint}")
    return 1 if any(check.is_needed and not check.is_well for check in checks) else 0


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(name="python", is_well=sys.version_info >= (3, 11), fact=version)


def _home() -> Check:
    try:
        home = resolve_home()
        Workspaces(home).all()
    except SignoffError as error:
        return Check(name="home", is_well=False, fact=str(error), hint=error.hint)
    kind = "" if home.exists else ", not made yet"
    return Check(name="home", is_well=True, fact=f"{home.root}{kind}")


def _room() -> Check:
    try:
        place = resolve_home().root
        while not place.exists():
            place = place.parent
        free_bytes = shutil.disk_usage(place).free
    except (SignoffError, OSError) as error:
        return Check(name="room", is_well=False, fact=str(error), is_needed=False)
    return Check(
        name="room",
        is_well=free_bytes >= _ENOUGH_BYTES,
        fact=f"{free_bytes >> 20} MiB free",
        hint="Free some space: a full disk stops recording.",
    )


def _program(name: str, arguments: tuple[str, ...], hint: str) -> Check:
    try:
        program = find_program(name, avoid=(Path.cwd(),))
        said = run_child([program, *arguments], cwd=Path("/"), timeout_s=_LIMIT_S)
    except SignoffError as error:
        return Check(name=name, is_well=False, fact=str(error), hint=hint)
    words = (said.stdout or said.stderr).decode("utf-8", "replace").split("\n")[0].strip()
    return Check(name=name, is_well=True, fact=f"{program} ({words})" if words else str(program))


def _git() -> Check:
    return _program("git", ("--version",), "Install git: without it no repository is recorded.")


def _ssh_keygen() -> Check:
    try:
        program = find_program("ssh-keygen", avoid=(Path.cwd(),))
    except SignoffError as error:
        hint = "Install OpenSSH: sign-offs are made and checked with it."
        return Check(name="ssh-keygen", is_well=False, fact=str(error), hint=hint)
    return Check(name="ssh-keygen", is_well=True, fact=str(program))


def _editors() -> Check:
    found = [name for name in _EDITORS if shutil.which(name)]
    return Check(
        name="editors",
        is_well=bool(found),
        fact=", ".join(found) or "none found on PATH",
        hint="Any editor with a language client works: it starts `signoff lsp`.",
        is_needed=False,
    )


def _boot() -> Check:
    is_known = SystemClock().boot_id() != UNKNOWN_BOOT
    fact = "one boot can be told from another" if is_known else "boots cannot be told apart"
    return Check(name="clock", is_well=is_known, fact=fact, is_needed=False)


def _seals() -> Check:
    try:
        blocked = blocked_sessions(resolve_home(), SystemClock())
    except SignoffError as error:
        return Check(name="seals", is_well=False, fact=str(error), hint=error.hint)
    return Check(
        name="seals",
        is_well=not blocked,
        fact=f"{len(blocked)} sessions could not be sealed" if blocked else "none failed",
        hint="`signoff list` says why.",
        is_needed=False,
    )


def _user() -> Check:
    is_root = os.geteuid() == 0
    return Check(
        name="user",
        is_well=not is_root,
        fact="running as root: everything root starts can read the history"
        if is_root
        else f"user {os.geteuid()}",
        is_needed=False,
    )


_CHECKS: Final[tuple[Callable[[], Check], ...]] = (
    _python, _home, _room, _git, _ssh_keygen, _editors, _boot, _seals, _user,
)  # fmt: skip
