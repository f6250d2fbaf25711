"""Waiting for the first change that an editor really records, and naming the broken link."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector import __version__
from signoff_collector.capture.journal import JournalStream, RecordKind
from signoff_collector.capture.sessions import list_sessions
from signoff_collector.capture.workspaces import Place, Workspaces
from signoff_collector.diagnosis.bridges import bridge_processes, presences
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signoff_collector.capture.sessions import Session
    from signoff_collector.clock import Clock
    from signoff_collector.home import Home

LOOK_S: Final = 0.5
LITTLE_ROOM_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """A change that came from an editor."""

    session: Session
    editor: str
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLink:
    """Why none came: the first thing on the way from the editor to the disk that is not there."""

    name: str
    fact: str
    hint: str


class StepWatch:
    """Looks for changes newer than its own beginning; cheap while nothing grows."""

    def __init__(self, home: Home, clock: Clock) -> None:
        self._home = home
        self._clock = clock
        self._since_ns = clock.boot_ns()
        self._sizes: dict[Path, int] = {}
        self._sizes = {path: path.stat().st_size for _, path in self._journals()}

    def wait(
        self, limit_s: float, *, pause: Callable[[float], None] = time.sleep
    ) -> FirstStep | None:
        """Return the first change within a limit, or None."""
        end_ns = self._clock.boot_ns() + int(limit_s * 1e9)
        while True:
            found = self.look()
            if found is not None or self._clock.boot_ns() >= end_ns:
                return found
            pause(LOOK_S)

    def look(self) -> FirstStep | None:
        """Read what grew since the last look."""
        for session, path in self._journals():
            try:
                size = path.stat().st_size
            except OSError:
                continue
            if size == self._sizes.get(path, 0):
                continue
            self._sizes[path] = size
            found = self._changes_in(session, path)
            if found is not None:
                return found
        return None

    def _journals(self) -> list[tuple[Session, Path]]:
        return [
            (session, path)
            for session in list_sessions(self._home)
            if not session.is_over(self._clock)
            for path in session.journals
        ]

    def _changes_in(self, session: Session, path: Path) -> FirstStep | None:
        stream = JournalStream(path)
        changes = sum(
            record.kind == RecordKind.LSP
            and record.t_boot_ns >= self._since_ns
            and isinstance(record.body, list)
            and record.body[1:2] == ["textDocument/didChange"]
            for record in stream
        )
        if not changes:
            return None
        fields = {} if stream.header is None else stream.header.fields
        editor = f"{fields.get('editor') or 'an editor'} {fields.get('editor_version') or ''}"
        return FirstStep(session=session, editor=editor.strip(), changes=changes)


def broken_link(home: Home, clock: Clock) -> BrokenLink:
    """Say what is missing, from the folder that was enabled to the editor that types in it."""
    for look in (_opt_in, _room, _bridge):
        found = look(home, clock)
        if found is not None:
            return found
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
        return BrokenLink(name="home", fact=str(error), hint=error.hint or "See `signoff doctor`.")
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
        return None
    if bridge_processes():
        return BrokenLink(
            name="file",
            fact="an editor started the bridge, and no file of an enabled folder is open in it",
            hint="Open a file below an enabled folder; `signoff status` lists them.",
        )
    return BrokenLink(
        name="editor",
        fact="no editor has started the bridge (`signoff lsp`)",
        hint="Close your editor, start it again, and open a file below an enabled folder.",
    )
