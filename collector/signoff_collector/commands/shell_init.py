"""`signoff shell-init`: prints the hook that a shell evaluates when it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY: Final = "Print the hook that records command lines in enabled folders, and the completion."
EXAMPLE: Final = 'eval "$(signoff shell-init bash)"      fish: signoff shell-init fish | source'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print it, and what Tab needs; nothing is recorded.

    What an older release lent to pytest becomes this one's.
    """
    import sys

    from signoff_collector.capture.shell.printing import hook_of
    from signoff_collector.capture.test_results.pytest_results import keep_current
    from signoff_collector.completion.scripts import completion_script
    from signoff_collector.installation.launcher import launcher_path
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.clock import SystemClock

    del console
    home = resolve_home()
    keep_current(home)
    launcher = launcher_path()
    hook = hook_of(arguments.shell, home, launcher, SystemClock())
    text = f"{hook}\n{completion_script(arguments.shell, launcher)}"
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    return 0
