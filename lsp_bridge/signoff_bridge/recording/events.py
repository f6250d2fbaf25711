"""Editor events that concern no open document: commands and file operations."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Final

from signoff_bridge.recording.file_operations import operations_in
from signoff_bridge.recording.lane import Entry
from signoff_bridge.recording.shown_commands import (
    command_step,
    is_secret,
    is_showing,
    parse_command,
)
from signoff_bridge.recording.terminal_reports import TerminalReports, tests_body
from signoff_collector.capture.journal.journal_frames import RecordKind, pack_body
from signoff_collector.system.files.spelling import true_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from signoff_bridge.protocol.work import WorkQueue
    from signoff_bridge.recording.file_operations import FileOperation
    from signoff_bridge.recording.lane import Lane, Slot
    from signoff_bridge.recording.recording import Recording
    from signoff_bridge.recording.recordings import Recordings
    from signoff_bridge.recording.shown_commands import ShownCommand
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

    Making = Callable[[], Sequence[Mapping[str, object]]]

_MOST_IDENTIFIERS: Final = 4_096
_STEP: Final = int(RecordKind.STEP)


class Events:
    """Converts them to steps. Every method is called under the recorder's lock."""

    def __init__(
        self, recordings: Recordings, work: WorkQueue, home: Home | None, clock: Clock
    ) -> None:
        self._recordings = recordings
        self._clock = clock
        self._hooked: set[tuple[int, int]] = set()
        """Lines of hooks that were paired: process of the shell, and when the line began."""
        self._work = work
        self._home = home
        self.reports = TerminalReports(home, work)
        self._taken: OrderedDict[str, None] = OrderedDict()
        """Ids of commands handled already, as the companion assigns them."""

    def command(self, params: Mapping[str, object], now_ns: int) -> bool:
        """Handle `signoff/command`; False if it is invalid."""
        if params.get("cwd") is None or params.get("confidence") == "low":
            return True
        command = parse_command(params)
        if command is None:
            return False
        if command.identifier in self._taken or is_showing(command.line):
            return True
        self._taken[command.identifier] = None
        if len(self._taken) > _MOST_IDENTIFIERS:
            self._taken.popitem(last=False)
        recording = self._recordings.find(command.cwd)
        if recording is not None and self._recordings.is_open(recording, now_ns):
            self._write(recording, [partial(self._command_steps, command, recording, now_ns)])
        return True

    def files(self, method: str, params: Mapping[str, object], now_ns: int) -> bool:
        """Handle a file operation; False if it is invalid."""
        operations = operations_in(method, params)
        if operations is None:
            return False
        found: dict[int, tuple[Recording, list[Making]]] = {}
        for operation in operations:
            for recording in self._concerned(operation):
                if self._recordings.is_open(recording, now_ns):
                    _, steps = found.setdefault(id(recording), (recording, []))
                    steps.append(partial(operation.steps, recording, now_ns))
        for recording, steps in found.values():
            self._write(recording, steps)
        return True

    def _concerned(self, operation: FileOperation) -> Sequence[Recording]:
        """Return the workspaces of the old and of the new path, each once."""
        places = (path for path in (operation.before, operation.after) if path is not None)
        found = (self._recordings.find(path) for path in places)
        return tuple({id(one): one for one in found if one is not None}.values())

    def _command_steps(
        self, command: ShownCommand, recording: Recording, now_ns: int
    ) -> Sequence[Mapping[str, object]]:
        """Return the runs of tests that a command made, and the command. On the work thread."""
        joined, root = recording.joined, recording.workspace.root
        lines = () if joined is None else joined.session.control_lines()
        began_ns = command.began_ns(now_ns)
        runs = self.reports.take(root, began_ns, now_ns, lines)
        mask = partial(self._mask, root)
        whole = command if joined is None else self._as_told(command, joined.session, now_ns)
        step = (
            None
            if whole is None
            else command_step(
                whole,
                now_ns,
                policy=recording.policy,
                lines=lines,
                mask=mask,
                is_kept_out=self._is_kept_out(whole),
            )
        )
        is_told = step is not None and step["kind"] == "command"
        told = [pair for pair in runs if is_told or not pair[1]]
        if not told:
            return () if step is None else (step,)
        is_wordless = is_secret(whole or command, recording.policy)
        steps = [tests_body(run, now_ns, mask(), is_wordless=is_wordless) for run, _ in told]
        if step is not None:
            own = [run.run.fields["run_id"] for run, is_own in told if is_own]
            steps.append({**step, "run_ids": own} if own else dict(step))
        return steps

    def _as_told(self, command: ShownCommand, session: Session, now_ns: int) -> ShownCommand | None:
        """Return a command with its line as the shell's hook told it, where the shell has one.

        None if it told that the line is private, or of other lines alone. The editor's own words
        may be the first part of the line alone, without the space that makes it private
        (docs/shell.md).
        """
        pid = command.shell_pid
        if pid is None or not session.spools:
            return command
        from signoff_collector.capture.shell.told_lines import Seen, told_line

        seen = Seen(
            line=command.line, exit_code=command.exit_code, ended_ns=command.ended_ns(now_ns)
        )
        told = told_line(session, pid, seen, self._clock, self._hooked)
        if told is None:
            return command
        if told.entry is None:
            return None
        self._hooked.add((pid, told.entry.since_ns))
        return command.as_told(told.entry.body.get("line"))

    def _is_kept_out(self, command: ShownCommand) -> bool:
        from signoff_collector.capture.opt_in.command_ignoring import is_kept_out

        folder = true_name(command.cwd)
        return self._home is not None and is_kept_out(str(self._home.root), command.line, folder)

    def _mask(self, root: Path) -> Callable[[str], str]:
        from signoff_collector.capture.runs.run_recording import mask_of

        assert self._home is not None  # noqa: S101  there would be no recording
        return mask_of(self._home, root)

    def _write(self, recording: Recording, steps: Sequence[Making]) -> None:
        """Take a place in the order; what stands there is worked out on the work thread."""
        lane = recording.lane
        assert lane is not None  # noqa: S101  is_open says so
        self._work.submit(partial(_fill, lane, lane.reserve(), steps))


def _fill(lane: Lane, slot: Slot, makings: Sequence[Making]) -> None:
    entries: list[Entry] = []
    try:
        for make in makings:
            entries += [Entry(_STEP, pack_body(dict(body)), None) for body in make()]
    finally:
        lane.fill(slot, entries)
