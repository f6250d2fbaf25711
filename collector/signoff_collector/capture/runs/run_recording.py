"""Record one command of `signoff run`; a failure never disturbs the command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.agents.markers import agent_marker
from signoff_collector.capture.git.git import Git
from signoff_collector.capture.journal.journal import JournalWriter, RecordKind
from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.capture.opt_in.secret_words import names_a_secret
from signoff_collector.capture.runs.output_keeping import OutputKeeper
from signoff_collector.capture.runs.run_results import ResultSources, sources_of
from signoff_collector.capture.runs.run_views import AFTER_S, BEFORE_S, RunView, look
from signoff_collector.capture.runs.services import listening_services
from signoff_collector.capture.sessions.blobs import keep
from signoff_collector.capture.sessions.sessions import hold_workspace
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.capture.tallies.touched_files import TouchedFiles
from signoff_collector.capture.tallies.unsaved_files import UnsavedFiles
from signoff_collector.capture.test_results.test_reports import ReportFolder, TestRun
from signoff_collector.system.terminals import is_shell_job
from signoff_schemas.errors import PausedError

if TYPE_CHECKING:
    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.capture.runs.running import Ending
    from signoff_collector.capture.sessions.sessions import Session, SessionHold
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

_SOURCE: Final = "run"
_VOIDING: Final = frozenset({"pause", "disable", "forget"})
"""Requests that, made while the command runs, prevent it from being recorded."""
_FIXED: Final = frozenset({"kind", "run_id", "outcome"})
_CASE_FIELDS: Final = frozenset(
    {"id", "outcome", "duration_ns", "message", "frame", "reruns", "path", "line"}
)


@dataclass(slots=True, kw_only=True)
class RunRecording:
    """One command that is being recorded."""

    argv: Sequence[str]
    cwd: Path
    environ: Mapping[str, str]
    """The command's environment."""
    is_shell_job: bool
    """Whether a shell with job control started this program, in the foreground of its terminal."""
    keeper: OutputKeeper
    _results: ResultSources
    _home: Home
    _session: Session
    _hold: SessionHold
    _policy: Policy
    _touched: TouchedFiles
    _clock: Clock
    _before: RunView
    _unsaved: UnsavedFiles
    _git: Git
    _unsaved_paths: list[str] = field(default_factory=list[str])
    _services: Sequence[str] | None = None
    _begun_ns: int = 0
    _mask: Callable[[str], str] | None = None
    _has_secret_words: bool = True
    """Assumed until `prepare` has checked: then no output may be kept."""
    _preparing: Thread | None = None
    _writer: JournalWriter | None = None
    """Opened with the command: a journal without END shows that this process was killed."""

    def take_output(self, piece: bytes) -> None:
        """Process a copy of the next bytes that the command printed."""
        self.keeper.add(piece)
        self._results.take_output(piece)

    def begin(self) -> None:
        """Note the start time; the last call before the command starts."""
        with suppress(Exception):  # then they are not told
            self._services = listening_services()
        self._begun_ns = self._clock.boot_ns()

    def prepare(self) -> None:
        """Start the work that can be done while the command runs; returns at once."""
        self._preparing = Thread(target=self._prepare, name="prepare", daemon=True)
        self._preparing.start()

    def _prepare(self) -> None:
        with suppress(Exception):  # then nothing of the command is kept
            self._writer = JournalWriter.create(self._session.folder, _SOURCE, clock=self._clock)
            self._has_secret_words = names_a_secret(self.argv, self.cwd, self._policy)
            self._unsaved_paths = self._unsaved.paths()
            self._mask = mask_of(self._home, self._session.root)

    def finish(self, ending: Ending) -> None:
        """Journal the result; errors of ours are swallowed here."""
        with suppress(Exception):  # the command's exit code is all that counts now
            if self._preparing is not None:
                self._preparing.join()
            if self._mask is not None and self._writer is not None and not self._is_void():
                self._write(ending, self._mask, self._writer)
        with suppress(Exception):  # likewise
            if self._writer is not None:
                self._writer.close()
        with suppress(Exception):  # likewise
            self._results.reports.remove()
            self._hold.release()

    def _is_void(self) -> bool:
        lines = self._session.control_lines()
        return any(line.verb in _VOIDING and line.t_boot_ns >= self._begun_ns for line in lines)

    def _write(self, ending: Ending, mask: Callable[[str], str], writer: JournalWriter) -> None:
        ended_ns = self._clock.boot_ns()
        after = self._view_after()
        runs = self._results.runs(ending)
        for body in self._environment(runs):
            self._append(writer, self._begun_ns, masked_fields(body, mask))
        if runs:
            told = {
                "exactness": self._before.exactness(after),
                "unsaved_paths": self._unsaved_paths,
                "services": self._services,
                "disk": keep(self._session, self._before.contents),
            }
            for run in runs:
                fields = wordless(run.fields) if self._has_secret_words else run.fields
                body = {"kind": "tests", **masked_fields(fields, mask), **told}
                self._append(writer, self._begun_ns, body)
        command = self._command(ending, after, mask)
        if runs:
            command["run_ids"] = [run.fields["run_id"] for run in runs]
        self._append(writer, ended_ns, command)
        self._hold.beat(ended_ns)

    def _view_after(self) -> RunView:
        return look(
            self._git,
            self._session.root,
            self._policy,
            touched=self._touched.refresh(),
            limit_s=AFTER_S,
            left_out=self._results.own_files,
        )

    def _append(self, writer: JournalWriter, t_boot_ns: int, body: Mapping[str, object]) -> None:
        writer.append_value(RecordKind.STEP, {"t_boot_ns": t_boot_ns, "t_kind": "event", **body})

    def _command(
        self, ending: Ending, after: RunView, mask: Callable[[str], str]
    ) -> dict[str, object]:
        body: dict[str, object] = {
            "kind": "command",
            "argv": [mask(word) for word in self.argv],
            "cwd": str(self.cwd),
            "tty": ending.has_terminal,
            "is_shell_job": self.is_shell_job,
            "agent_marker": agent_marker(os.environ),
            "exit_code": ending.exit_code,
            "signal": ending.signal,
            "duration_ns": ending.duration_ns,
            "output_state": "none",
            "disk": keep(self._session, after.contents),
        }
        if self._has_secret_words:
            return body
        kept = self.keeper.finish(mask)
        body["output_state"] = kept.output_state
        body["output_bytes"] = kept.output_bytes
        body["output"] = {
            "head": kept.head,
            "tail": kept.tail,
            "middle_bytes": kept.middle_bytes,
            "middle_lines": kept.middle_lines,
        }
        return body

    def _environment(self, runs: Sequence[TestRun]) -> Iterable[dict[str, object]]:
        """Yield an `environment` step if it differs from the previous one."""
        from signoff_collector.capture.runs.environment import (
            Report,
            describe_environment,
            renew_environment,
        )

        report = Report.joined(runs) if any(run.interpreters for run in runs) else None
        fields = describe_environment(self._session.root, environ=os.environ)
        renewed = renew_environment(self._session, fields, report)
        if renewed is not None:
            yield renewed


def begin_recording(
    home: Home,
    workspace: Workspace,
    clock: Clock,
    *,
    argv: Sequence[str],
    cwd: Path,
    junit: Path | None,
) -> RunRecording:
    """Prepare the recording of one command.

    Raises:
        PausedError: recording is paused here.
        SignoffError: it cannot be recorded; the command should run all the same.
    """
    session, hold = hold_workspace(home, workspace, clock)
    if session.is_paused(clock):
        hold.release()
        raise PausedError(f"recording of {workspace.root} is paused")
    try:
        ensure_watcher(session, home)
        touched = TouchedFiles(session)
        git = Git(session.root)
        policy = Policy.for_workspace(workspace)
        reports = ReportFolder.create(session.folder)
        results = sources_of(argv, cwd, session.root, reports, junit)
        unsaved = UnsavedFiles(session)
        return RunRecording(
            argv=argv,
            cwd=cwd,
            environ=reports.environment(os.environ, argv),
            is_shell_job=is_shell_job(),
            keeper=OutputKeeper(),
            _results=results,
            _home=home,
            _session=session,
            _hold=hold,
            _policy=policy,
            _touched=touched,
            _clock=clock,
            _before=look(
                git,
                session.root,
                policy,
                touched=touched.refresh(),
                limit_s=BEFORE_S,
                left_out=results.own_files,
            ),
            _unsaved=unsaved,
            _git=git,
        )
    except BaseException:
        hold.release()
        raise


def mask_of(home: Home, root: Path) -> Callable[[str], str]:
    """Collect the known secret values here, and return a function that masks them in a text."""
    from signoff_collector.known_values.credential_stores import allowed_stores
    from signoff_collector.known_values.exact_values import gather_exact_values

    return gather_exact_values(os.environ, root, stores=allowed_stores(home)).mask_text


def wordless(fields: Mapping[str, object]) -> dict[str, object]:
    """Return a run without the output of its tests: its command names a never-record file."""
    cases = cast("Sequence[Mapping[str, object]]", fields.get("cases") or ())
    return {**fields, "cases": [{**case, "message": None} for case in cases]}


def masked_fields(fields: Mapping[str, object], mask: Callable[[str], str]) -> dict[str, object]:
    """Return a step's fields with every text masked, including nested lists, mappings and keys.

    Values of a closed list in the schema are left unmasked: a secret that equals one cannot be told
    apart from it.
    """
    return {
        name: value if name in _FIXED else _masked_value(value, mask)
        for name, value in fields.items()
    }


def _masked_value(value: object, mask: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        items = cast("Mapping[str, object]", value).items()
        return {
            name if name in _CASE_FIELDS else mask(name): item
            if name in _FIXED
            else _masked_value(item, mask)
            for name, item in items
        }
    if isinstance(value, list | tuple):
        return [_masked_value(item, mask) for item in cast("Sequence[object]", value)]
    return value
