"""Diagnose why no change was recorded: find the first missing link in the chain."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector import __version__
from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
from signoff_collector.capture.sessions.bridges import bridge_processes, presences, running
from signoff_collector.installation.interface import Change
from signoff_collector.installation.launcher import launcher_path
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from signoff_collector.capture.sessions.bridges import Presence
    from signoff_collector.installation.account import Account
    from signoff_collector.installation.setting_up import Proposal
    from signoff_collector.system.clock import Clock
    from signoff_collector.system.home import Home

LITTLE_ROOM_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLink:
    """The first missing link in the chain from the editor to the disk."""

    name: str
    fact: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorSettings:
    """What an editor that was set up should have read."""

    title: str
    programs: frozenset[str]
    """Names that its process may have."""

    files: tuple[Path, ...]
    """Those that make it start the bridge."""


def settings_of(
    proposals: Sequence[Proposal], account: Account, launcher: Path
) -> tuple[EditorSettings, ...]:
    """Return what the editors of these proposals should have read."""
    found: list[EditorSettings] = []
    for proposal in proposals:
        program = proposal.found.program if proposal.found is not None else None
        if program is None or proposal.refusal is not None:
            continue
        with contextlib.suppress(SignoffError, OSError):
            changes = proposal.target.changes(account, launcher)
            found.append(
                EditorSettings(
                    title=proposal.target.title,
                    programs=frozenset({program.name, program.resolve().name}),
                    files=tuple(one.path for one in changes if isinstance(one, Change)),
                )
            )
    return tuple(found)


def broken_link(home: Home, clock: Clock, editors: Sequence[EditorSettings] = ()) -> BrokenLink:
    """Say what is missing, from the folder that was enabled to the editor that types in it."""
    for look in (_opt_in, _room, _launcher, _bridge):
        found = look(home, clock)
        if found is not None:
            return found
    if not presences(home, clock):
        return _unread(editors, clock) or BrokenLink(
            name="editor",
            fact="no editor has started the bridge (`signoff lsp`)",
            hint="Close your editor, start it again, and open a file below an enabled folder.",
        )
    return BrokenLink(
        name="typing",
        fact="an editor is connected, and no change of a recorded file has come from it",
        hint="Type in a file below an enabled folder; `signoff status` says what never is.",
    )


def _opt_in(home: Home, clock: Clock) -> BrokenLink | None:
    try:
        workspaces = Workspaces(home, clock)
        findings = [workspaces.look_up(workspace.root) for workspace in workspaces.all()]
    except SignoffError as error:
        return BrokenLink(name="home", fact=str(error), hint=error.hint or _DOCTOR)
    if not findings:
        return BrokenLink(
            name="enable",
            fact="no folder is enabled, so nothing is recorded anywhere",
            hint="Run `signoff enable` in the folder you work in; the editor can stay open.",
        )
    if any(finding.place is Place.ENABLED for finding in findings):
        return None
    is_paused = findings[0].place is Place.PAUSED
    return BrokenLink(
        name="pause" if is_paused else "enable",
        fact=findings[0].fact,
        hint="Run `signoff resume`." if is_paused else "Run `signoff enable` there again.",
    )


def _room(home: Home, clock: Clock) -> BrokenLink | None:
    del clock
    try:
        free_bytes = shutil.disk_usage(home.root).free
    except OSError:
        return None
    if free_bytes >= LITTLE_ROOM_BYTES:
        return None
    return BrokenLink(
        name="room",
        fact=f"{free_bytes >> 10} KiB are free where {home.root} lies, so recording stopped",
        hint="Free some space; recording then starts again by itself.",
    )


def _bridge(home: Home, clock: Clock) -> BrokenLink | None:
    connected = presences(home, clock)
    older = sorted({bridge.version for bridge in connected} - {__version__})
    if older:
        return BrokenLink(
            name="version",
            fact=f"an editor still runs release {older[0]} of the bridge; this is {__version__}",
            hint="Close that editor and start it again.",
        )
    if connected:
        return _policy(connected)
    if bridge_processes():
        return BrokenLink(
            name="file",
            fact="an editor started the bridge, and no file is open in it that lies in an enabled "
            "folder and may be recorded",
            hint="Open a file of your code below an enabled folder; `signoff status` lists them.",
        )
    return None


def _launcher(home: Home, clock: Clock) -> BrokenLink | None:
    del home, clock
    try:
        launcher_path()
    except SignoffError as error:
        return BrokenLink(name="launcher", fact=str(error), hint=error.hint or _DOCTOR)
    return None


def _policy(connected: Sequence[Presence]) -> BrokenLink | None:
    """Name files that are open and not kept."""
    reasons = sorted({reason for bridge in connected for reason in bridge.refused})
    if not reasons:
        return None
    count = sum(sum(bridge.refused.values()) for bridge in connected)
    why = ", ".join(_REASONS.get(reason, reason) for reason in reasons)
    return BrokenLink(
        name="policy",
        fact=f"{count} file(s) opened in {connected[0].editor} are not recorded: {why}",
        hint="Type in another file; docs/never_recorded.md says what never is recorded.",
    )


_DOCTOR: Final = "See `signoff doctor`."
_REASONS: Final[Mapping[str, str]] = {
    "git_ignored": "git ignores them",
    "signoffignore": "a .signoffignore names them",
    "never_record": "they are on the never-record list",
    "build_product": "they are build products",
    "nested_repository": "they lie in a repository of its own",
    "git_internal": "they are git's own",
    "outside": "they lie outside the enabled folder",
    "binary": "they hold NUL bytes",
    "too_large": "they are too large",
    "unreadable": "they cannot be read",
    "undecided": "git did not say in time whether it ignores them",
}


def _unread(editors: Sequence[EditorSettings], clock: Clock) -> BrokenLink | None:
    """Name an editor that runs and has not read what makes it start the bridge."""
    for editor in editors:
        for process in running(editor.programs):
            started_ns = clock.wall_ns() - clock.boot_ns() + process.started_boot_ns
            if any(_written_ns(file) > started_ns for file in editor.files):
                return BrokenLink(
                    name="restart",
                    fact=f"{editor.title} (process {process.pid}) was started before its settings "
                    "were changed, and has not read them",
                    hint="Close it and start it again.",
                )
            if not editor.files:
                continue
            return BrokenLink(
                name="settings",
                fact=f"{editor.title} (process {process.pid}) runs and has not started the bridge: "
                f"it did not read {', '.join(map(str, editor.files))}",
                hint="Start it with its usual settings, without such as --clean or -u NONE.",
            )
    return None


def _written_ns(path: Path) -> int:
    """Return when a file was last put there (wall clock), 0 without one."""
    try:
        return path.stat().st_ctime_ns
    except OSError:
        return 0
