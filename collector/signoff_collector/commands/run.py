"""`signoff run`: run a command exactly as without it, and record what came of it."""

from __future__ import annotations

import io
import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.system.files.spelling import true_name
from signoff_schemas.errors import PausedError, SignoffError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.capture.runs.run_recording import RunRecording
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock

SUMMARY: Final = (
    "Run a command and record its exit code, duration, output and test results.\n"
    "Exit code, output and signals are the command's own; where nothing is recorded it runs\n"
    "all the same."
)
EXAMPLE: Final = "signoff run -- pytest -q"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    import argparse

    parser.add_argument(
        "--junit",
        metavar="PATH",
        type=Path,
        help="read test results from this file or folder afterwards: JUnit XML or go test -json",
    )
    parser.add_argument("command", metavar="CMD", nargs=argparse.REMAINDER, help="what to run")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from signoff_collector.capture.runs.running import exec_unrecorded, run_command

    if sys.stdout is None:
        sys.stdout = io.StringIO()  # closed by the caller; the command is run all the same
    argv: list[str] = list(arguments.command)
    if argv[:1] == ["--"]:
        del argv[0]
    if not argv:
        raise UsageError("no command to run was given", hint=f"Name one: {EXAMPLE}")
    recording = _begin(argv, arguments.junit, console)
    if recording is None:
        return exec_unrecorded(argv, os.environ)
    recording.begin()
    ending = run_command(
        argv, recording.environ, sink=recording.take_output, meanwhile=recording.prepare
    )
    recording.finish(ending)
    _let_seal()
    return ending.exit_code


def _let_seal() -> None:
    """Start sealing what ended while the command ran: it may have waited for this command alone."""
    from signoff_collector.capture.sessions.sessions import sweep
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.clock import SystemClock

    with suppress(Exception):  # the command's exit code is all that counts now
        sweep(resolve_home(), SystemClock())


def _begin(argv: Sequence[str], junit: Path | None, console: Console) -> RunRecording | None:
    """Prepare recording; None when nothing is recorded here, whatever the reason."""
    from signoff_collector.capture.opt_in.command_ignoring import is_kept_out
    from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.clock import SystemClock

    try:
        clock = SystemClock()
        home = resolve_home()
        finding = Workspaces(home, clock).look_up(Path.cwd())
        if finding.workspace is None or finding.place is not Place.ENABLED:
            console.note(f"signoff: not recorded: {finding.fact}")
            return None
        lines, folder = (shlex.join(argv), " ".join(argv)), true_name(Path.cwd())
        if any(is_kept_out(str(home.root), line, folder) for line in lines):
            console.note("signoff: not recorded: it matches `signoff settings commands.ignore`")
            return None
        return _prepare(home, finding.workspace, clock, argv, junit)
    except PausedError as error:
        console.note(f"signoff: not recorded: {error}")
    except (SignoffError, OSError):
        return None
    except Exception:  # noqa: BLE001  a recorder fault never keeps the command from running
        return None
    return None


def _prepare(
    home: Home, workspace: Workspace, clock: Clock, argv: Sequence[str], junit: Path | None
) -> RunRecording:
    from signoff_collector.capture.runs.run_recording import begin_recording

    return begin_recording(
        home,
        workspace,
        clock,
        argv=argv,
        cwd=Path.cwd(),
        junit=None if junit is None else Path.cwd() / junit,
    )
