"""`signoff shell`: a shell in a pty of ours, so that its commands have outputs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import SignoffError, UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Start a shell whose commands are recorded with their output, in enabled folders.\n"
    "The hook must be set up in it; programs that take the whole screen give no output."
)
EXAMPLE: Final = "signoff shell zsh"
_SHELLS: Final = ("bash", "zsh", "fish")
_MARK_BYTES: Final = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "shell", metavar="SHELL", nargs="?", help="bash, zsh, fish or a path; $SHELL if none"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the shell and return its exit code."""
    from signoff_collector.capture.runs.running import exec_unrecorded
    from signoff_collector.system.terminals import is_terminal

    program = arguments.shell or os.environ.get("SHELL") or "bash"
    name = Path(program).name
    if name not in _SHELLS:
        raise UsageError(
            f"there is no hook for the shell {name}",
            hint=f"Choose among {', '.join(_SHELLS)}.",
        )
    if not (is_terminal(0) and is_terminal(1)):
        return exec_unrecorded([program], os.environ)
    return _recorded(program, name, console)


def _recorded(program: str, name: str, console: Console) -> int:
    import secrets

    from signoff_collector.capture.runs.running import exec_unrecorded, run_command
    from signoff_collector.capture.shell.marks import OutputCutter
    from signoff_collector.capture.shell.outputs import OutputWriter
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.clock import SystemClock

    try:
        writer = OutputWriter(resolve_home(), SystemClock())
    except (SignoffError, OSError) as error:
        console.note(f"signoff: not recorded: {error}")
        return exec_unrecorded([program], os.environ)
    _say_whether_wired(name, console)
    mark = secrets.token_hex(_MARK_BYTES)
    environ = {**os.environ, "SIGNOFF_SHELL_MARK": mark}
    sys.stdout.flush()
    cutter = OutputCutter(mark, writer.give)
    ending = run_command([program], environ, sink=cutter.take, is_shell=True, typed=cutter.typed)
    writer.close()
    return ending.exit_code


def _say_whether_wired(name: str, console: Console) -> None:
    from signoff_collector.installation.account import account_of
    from signoff_collector.installation.launcher import launcher_path
    from signoff_collector.installation.setting_up import is_set_up
    from signoff_collector.installation.targets import SHELLS

    try:
        target = next(one for one in SHELLS if one.name == name)
        is_ready = is_set_up(target, account_of(), launcher_path())
    except SignoffError:
        return
    if not is_ready:
        console.note(
            f"signoff: the hook is not set up by `signoff setup {name}`; without it nothing is "
            "recorded here"
        )
