"""Lines about editors: which are here, whether they start the bridge, and with what precision."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from signoff_collector.diagnosis.interface import Check, bad, note, ok
from signoff_collector.home import Home
from signoff_collector.installation.account import account_of
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.installation.setting_up import is_set_up
from signoff_collector.installation.targets import EDITORS
from signoff_collector.installation.undo_record import UndoRecord
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.diagnosis.interface import Line, Surroundings
    from signoff_collector.installation.interface import Target

_OTHERS: Final = ("code", "codium", "kak", "kate", "zed", "subl", "jupyter-lab", "lapce")


def editor_checks() -> tuple[Check, ...]:
    """Return one line per editor that `setup` knows."""
    return tuple(Check(name=target.name, look=partial(_editor, target)) for target in EDITORS)


def _editor(target: Target, around: Surroundings) -> Line:
    """Say what is recorded in one editor."""
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
            "here, and not set up: nothing is recorded in it unless you set it up by hand",
            f"Run `signoff setup {target.name}`.",
        )
    if found.remark:
        return note(f"set up; {found.remark}", "Install one, or use another editor.")
    return ok(f"set up; {target.precision}")


def other_editors(around: Surroundings) -> Line:
    """Name editors that `setup` does not know."""
    try:
        account = account_of(around.environ)
    except SignoffError as error:
        return note(str(error), error.hint)
    found = [name for name in _OTHERS if account.program(name) is not None]
    if not found:
        return ok("none seen that `signoff setup` does not know")
    return note(
        f"{', '.join(found)}: not set up by `signoff setup`",
        "Where it has a language client, let it start `signoff lsp`: docs/setup.md.",
    )


def undo(around: Surroundings) -> Line:
    """See that what `setup` changed can be taken back."""
    home = around.home
    if not isinstance(home, Home):
        return bad("no home, so no undo record", home.hint)
    try:
        entries = UndoRecord(home).entries()
    except SignoffError as error:
        return bad(str(error), error.hint)
    if not entries:
        return ok("no file of an editor was changed")
    return ok(f"`signoff uninstall` takes back what was changed in {len(entries)} file(s)")
