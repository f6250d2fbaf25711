"""Results of a pytest typed in a shell: asked in one sentence, off until a person says yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.capture.test_results.pytest_results import agree, is_agreed, take_back
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console

NAME: Final = "pytest"
"""As in `signoff setup pytest`."""
_ON: Final = "Results of plain pytest: recorded in enabled folders, in shells with the hook"
_OFF: Final = "Results of plain pytest: not recorded; `signoff run -- pytest` records them"


def without_pytest(names: Sequence[str]) -> tuple[list[str], bool]:
    """Return the other names, and whether this one was among them."""
    return [name for name in names if name != NAME], NAME in names


def choose_results(
    home: Home,
    arguments: argparse.Namespace,
    console: Console,
    *,
    is_named: bool,
    has_new_shell: bool,
) -> None:
    """Ask whether plain pytest may tell its results, and say what was chosen.

    Args:
        home: where the answer is kept.
        arguments: `yes`, which is an answer only for who named it, and `dry_run`.
        console: where to ask.
        is_named: whether `signoff setup pytest` was typed.
        has_new_shell: whether the hook of a shell was set up just now.

    Raises:
        UsageError: it was named, and nobody can be asked.
        SignoffError: the answer cannot be kept.
    """
    is_on = is_agreed(home)
    if arguments.dry_run:
        if is_named:
            console.say(_ON if is_on else f"Would ask, then change this. {_OFF}")
        return
    if is_named and arguments.yes:
        agree(home)
    elif not console.is_terminal or arguments.yes:
        if is_named:
            raise UsageError(
                "cannot ask: standard input is not a terminal",
                hint="`signoff setup pytest --yes` records results of plain pytest.",
            )
        return
    elif is_on and is_named:
        if console.confirm("Results of plain pytest are recorded. Stop that?"):
            take_back(home)
    elif not is_on and (is_named or has_new_shell):
        console.say()
        if console.confirm(
            "Record which tests passed and failed when you type `pytest` in an enabled folder?"
        ):
            agree(home)
    else:
        return
    is_now = is_agreed(home)
    console.say(_ON if is_now else _OFF)
    if console.is_json:
        console.row({"pytest_results": is_now})
