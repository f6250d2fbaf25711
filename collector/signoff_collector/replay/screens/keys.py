"""Key bindings of terminal screens, made from the one table of `signoff_schemas.keys`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.binding import Binding

from signoff_schemas.keys import PLAYER, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.binding import BindingType

_NAMES: Final = {",": "comma"}
"""Where textual would read a key as something else."""


def bindings_of(place: str, actions: Mapping[str, str | None]) -> list[BindingType]:
    """Return the bindings of one place.

    Args:
        place: of the table.
        actions: what each of its rows does, by id. `{by}` stands for 1 or -1, `{forth}` for whether
            the key goes forward, `{key}` for the key; None where a widget takes the key itself.

    Raises:
        KeyError: a row of the table has no action.
    """
    found: list[BindingType] = []
    for row in rows_of(place):
        action = actions[row.id]
        if action is None:
            continue
        for key, forth in row.each():
            done = action.format(by=1 if forth else -1, forth=forth, key=key)
            found.append(Binding(_NAMES.get(key, key), done, show=False))
    return found


BINDINGS: Final = bindings_of(
    PLAYER,
    {
        "play": "play",
        "speed": "speed({by})",
        "silence": "squeeze",
        "step": "step({by})",
        "ten": "step({by}0)",
        "edge": "edge({forth})",
        "tests": "stop('test run', {forth})",
        "command": "stop('command', {forth})",
        "git": "stop('git operation', {forth})",
        "agent": "stop('agent step', {forth})",
        "note": "stop('note or task', {forth})",
        "gap": "stop('gap', {forth})",
        "chapter": "chapter({forth})",
        "other_file": "file({forth})",
        "search": "search",
        "hit": "hit({by})",
        "output": "output",
        "problems": "problems",
        "files": "files",
        "moment": "moment",
        "scroll": "scroll({by})",
        "help": "help",
        "close": "close",
        "leave": "leave",
    },
)
