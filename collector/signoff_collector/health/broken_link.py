"""Diagnose why no change was recorded: find the first missing link in the chain."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
from signoff_collector.capture.sessions.bridges import bridge_processes, presences, running
from signoff_collector.health.interface import Check, Level, bad
from signoff_collector.health.places import room
from signoff_collector.health.program import launcher, older_bridges
from signoff_collector.installation.interface import Change
from signoff_collector.own_files.home import Home
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from signoff_collector.capture.sessions.bridges import Presence
    from signoff_collector.health.interface import Line, Surroundings
    from signoff_collector.installation.account import Account
    from signoff_collector.installation.setting_up import Proposal
    from signoff_collector.system.clock import Clock


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


def broken_link(around: Surroundings, editors: Sequence[EditorSettings] = ()) -> Line:
    """Say what is missing, from the folder that was enabled to the editor that types in it.

    The key of the line is the name of the link.
    """
    home, clock = around.home, around.clock
    if not isinstance(home, Home):
        return bad(str(home), home.hint, key="home")
    connected = presences(home, clock)
    found = _opt_in(home, clock) or _failing(around) or next(iter(older_bridges(around)), None)
    found = found or _policy(connected) or _bridge(connected)
    if found is not None:
        return found
    if not connected:
        return _unread(editors, clock) or bad(
            "no editor has started the bridge (`signoff lsp`)",
            "Close your editor, start it again, and open a file below an enabled folder.",
            key="editor",
        )
    return bad(
        "an editor is connected, but has sent no change of a recorded file",
        "Type in a file below an enabled folder; `signoff status` lists what is never recorded.",
        key="typing",
    )


def _failing(around: Surroundings) -> Line | None:
    """Return the check of the list that fails and lets nothing be recorded."""
    for check in (Check(name="room", look=room), Check(name="launcher", look=launcher)):
        for line in check.lines(around):
            if line.level is Level.BAD:
                return replace(line, key=check.name)
    return None


def _opt_in(home: Home, clock: Clock) -> Line | None:
    try:
        workspaces = Workspaces(home, clock)
        findings = [workspaces.look_up(workspace.root) for workspace in workspaces.all()]
    except SignoffError as error:
        return bad(str(error), error.hint or _DOCTOR, key="home")
    if not findings:
        return bad(
            "no folder is enabled, so nothing is recorded anywhere",
            "Run `signoff enable` in the folder you work in; the editor can stay open.",
            key="enable",
        )
    if any(finding.place is Place.ENABLED for finding in findings):
        return None
    is_paused = findings[0].place is Place.PAUSED
    return bad(
        findings[0].fact,
        "Run `signoff resume`." if is_paused else "Run `signoff enable` there again.",
        key="pause" if is_paused else "enable",
    )


def _bridge(connected: Sequence[Presence]) -> Line | None:
    if connected or not bridge_processes():
        return None
    return bad(
        "an editor started the bridge, but has no file open that is in an enabled folder and may "
        "be recorded",
        "Open a file of your code below an enabled folder; `signoff status` lists them.",
        key="file",
    )


def _policy(connected: Sequence[Presence]) -> Line | None:
    """Name files that are open and not kept."""
    reasons = sorted({reason for bridge in connected for reason in bridge.refused})
    if not reasons:
        return None
    count = sum(sum(bridge.refused.values()) for bridge in connected)
    why = ", ".join(_REASONS.get(reason, reason) for reason in reasons)
    return bad(
        f"{count} file(s) opened in {connected[0].editor} are not recorded: {why}",
        "Type in another file; docs/never_recorded.md lists what is never recorded.",
        key="policy",
    )


_DOCTOR: Final = "See `signoff doctor`."
_REASONS: Final[Mapping[str, str]] = {
    "git_ignored": "git ignores them",
    "signoffignore": "a .signoffignore names them",
    "never_record": "they are on the never-record list",
    "build_product": "they are build products",
    "nested_repository": "they are in a separate repository",
    "git_internal": "they are git's own",
    "outside": "they are outside the enabled folder",
    "binary": "they contain NUL bytes",
    "too_large": "they are too large",
    "unreadable": "they cannot be read",
    "undecided": "git did not say in time whether it ignores them",
}


def _unread(editors: Sequence[EditorSettings], clock: Clock) -> Line | None:
    """Name an editor that runs and has not read what makes it start the bridge."""
    for editor in editors:
        for process in running(editor.programs):
            started_ns = clock.wall_ns() - clock.boot_ns() + process.started_boot_ns
            if any(_written_ns(file) > started_ns for file in editor.files):
                return bad(
                    f"{editor.title} (process {process.pid}) was started before its settings "
                    "were changed, and has not read them",
                    "Close it and start it again.",
                    key="restart",
                )
            if not editor.files:
                continue
            return bad(
                f"{editor.title} (process {process.pid}) is running, but has not started the"
                f" bridge: it did not read {', '.join(map(str, editor.files))}",
                "Start it with its usual settings, without such as --clean or -u NONE.",
                key="settings",
            )
    return None


def _written_ns(path: Path) -> int:
    """Return when a file was last put there (wall clock), 0 without one."""
    try:
        return path.stat().st_ctime_ns
    except OSError:
        return 0
