"""Lines about shells: which are here, and whether they start the hook."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from signoff_collector.diagnosis.interface import Check, note, ok
from signoff_collector.installation.account import account_of
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.installation.setting_up import is_set_up
from signoff_collector.installation.targets import SHELLS
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.diagnosis.interface import Line, Surroundings
    from signoff_collector.installation.interface import Target


def shell_checks() -> tuple[Check, ...]:
    """Return one line per shell that `setup` knows."""
    return tuple(Check(name=target.name, look=partial(_shell, target)) for target in SHELLS)


def _shell(target: Target, around: Surroundings) -> Line:
    """Say whether command lines are recorded in one shell."""
    try:
        account = account_of(around.environ)
        found = target.find(account)
        if found is None:
            return ok("not here")
        is_ready = is_set_up(target, account, launcher_path())
    except SignoffError as error:
        return note(str(error), error.hint)
    if not is_ready:
        return note(
            "here, and not set up: command lines in it are not recorded",
            f"Run `signoff setup {target.name}`, or `signoff run COMMAND` for a single one.",
        )
    return ok(f"set up; {target.precision}")
