"""Lines about editors that `setup` does not know, and about what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.capture.test_results.pytest_results import is_agreed, is_current
from signoff_collector.health.interface import note, ok
from signoff_collector.installation.account import account_of
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.installation.setting_up import is_set_up
from signoff_collector.installation.targets import SHELLS
from signoff_collector.installation.undo.undo_record import UndoRecord
from signoff_collector.installation.vscode.extension_record import ExtensionRecord
from signoff_collector.own_files.home import Home
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.health.interface import Line, Surroundings

_OTHERS: Final = ("kak", "kate", "zed", "subl", "jupyter-lab", "lapce")


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


def pytest_results(around: Surroundings) -> Line:
    """Check whether a pytest typed in a shell reports its results, and whether it can."""
    home = around.home
    if not isinstance(home, Home) or not is_agreed(home):
        return ok(
            "only `signoff run -- pytest` records results (`signoff setup pytest`: plain "
            "pytest too)"
        )
    if not is_current(home):
        again = "Open a new shell, or run `signoff setup pytest --yes`."
        return note("plain pytest reports its results through another release", again)
    try:
        account, launcher = account_of(around.environ), launcher_path()
        is_lent = any(one.find(account) and is_set_up(one, account, launcher) for one in SHELLS)
    except SignoffError as error:
        return note(str(error), error.hint)
    if not is_lent:
        return note(
            "plain pytest may report its results, but no shell has the hook of Signoff",
            "Run `signoff setup bash`, or zsh, or fish.",
        )
    return ok("plain pytest reports its results in enabled folders")


def undo(around: Surroundings) -> Line:
    """Check that the changes made by `setup` can be reverted."""
    home = around.needed_home
    entries, extensions = UndoRecord(home).entries(), ExtensionRecord(home).entries()
    if not entries and not extensions:
        return ok("no file of an editor was changed")
    given = f", and the extension out of {len(extensions)} editor(s)" if extensions else ""
    return ok(f"`signoff uninstall` takes back what was changed in {len(entries)} file(s){given}")
