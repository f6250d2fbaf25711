"""Lines about editors that `setup` does not know, and about what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.diagnosis.interface import bad, note, ok
from signoff_collector.home import Home
from signoff_collector.installation.account import account_of
from signoff_collector.installation.extension_record import ExtensionRecord
from signoff_collector.installation.undo_record import UndoRecord
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.diagnosis.interface import Line, Surroundings

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


def undo(around: Surroundings) -> Line:
    """See that what `setup` changed can be taken back."""
    home = around.home
    if not isinstance(home, Home):
        return bad("no home, so no undo record", home.hint)
    try:
        entries = UndoRecord(home).entries()
        extensions = ExtensionRecord(home).entries()
    except SignoffError as error:
        return bad(str(error), error.hint)
    if not entries and not extensions:
        return ok("no file of an editor was changed")
    given = f", and the extension out of {len(extensions)} editor(s)" if extensions else ""
    return ok(f"`signoff uninstall` takes back what was changed in {len(entries)} file(s){given}")
