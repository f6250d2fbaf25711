"""`signoff settings`: everything that can be set, and setting it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.home import resolve_home
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console

SUMMARY: Final = "List all settings, or change one. Only you can change them."
EXAMPLE: Final = "signoff settings commands.ignore 'aws *' 'psql *password*'"
_STRICT: Final = "redaction.strict"
_IGNORE: Final = "commands.ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """One thing that can be set."""

    name: str
    default: str
    meaning: str
    file: str
    """In the home's config folder."""


SETTINGS: Final = (
    _Setting(
        name=_STRICT,
        default="false",
        meaning="whether sealing also masks every token that holds no known word: true or false",
        file="settings.toml",
    ),
    _Setting(
        name=_IGNORE,
        default="(none)",
        meaning="command lines that are not recorded: patterns with *, matched at the start"
        " of a word (*x: anywhere)",
        file="commands.tsv",
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="show only this one")
    parser.add_argument("value", nargs="*", metavar="VALUE", help="set it; patterns are added")
    parser.add_argument(
        "--reset",
        nargs="*",
        metavar="VALUE",
        help="reset it to its default; with patterns, remove only those",
    )
    parser.add_argument(
        "--here",
        nargs="*",
        metavar="VALUE",
        help="patterns for the workspace of the current folder only",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """List, set or reset."""
    home = resolve_home()
    is_here = arguments.here is not None
    words = [arguments.name, *arguments.value] if arguments.name is not None else []
    name, *values = [*words, *(arguments.here or ())] or [None]
    if name is None:
        if arguments.reset is not None or is_here:
            raise UsageError("name a setting", hint="`signoff settings` lists them.")
        for setting in SETTINGS:
            _say(home, setting, console)
        return 0
    setting = _find(name)
    if setting.name == _STRICT and is_here:
        raise UsageError(f"{_STRICT} applies to every workspace", hint="Leave out --here.")
    if setting.name == _STRICT:
        _change_strict(home, values, arguments.reset)
    else:
        _change_patterns(home, _root_here(home) if is_here else None, values, arguments.reset)
    _say(home, setting, console)
    return 0


def _find(name: str) -> _Setting:
    """Return the setting of a name.

    Raises:
        UsageError: there is none.
    """
    from signoff_collector.screen.suggestions import hint_of

    found = next((one for one in SETTINGS if one.name == name), None)
    if found is None:
        names = [one.name for one in SETTINGS]
        parts = [one for one in names if name.casefold() in one.split(".")]
        near = hint_of(parts[0] if len(parts) == 1 else name, names)
        hint = f"{near} `signoff settings` lists them.".lstrip()
        raise UsageError(f"there is no setting {name!r}", hint=hint)
    return found


def _root_here(home: Home) -> Path:
    from signoff_collector.commands.choosing import root_around
    from signoff_collector.system.clock import SystemClock

    root = root_around(home, SystemClock(), Path.cwd())
    if root is None:
        raise UsageError("no workspace is enabled here", hint="`signoff enable` records here.")
    return root


def _change_strict(home: Home, values: list[str], reset: list[str] | None) -> None:
    from signoff_collector.own_files.settings import write_strict

    if reset is not None:
        write_strict(home, is_strict=False)
    elif values:
        if len(values) != 1 or values[0] not in ("true", "false"):
            raise UsageError(f"{_STRICT} is true or false")
        write_strict(home, is_strict=values[0] == "true")


def _change_patterns(
    home: Home, root: Path | None, values: list[str], reset: list[str] | None
) -> None:
    from signoff_collector.capture.opt_in.command_patterns import add_patterns, remove_patterns

    if reset is not None:
        remove_patterns(home, root, reset or None)
    elif values:
        add_patterns(home, root, values)


def _say(home: Home, setting: _Setting, console: Console) -> None:
    values = _values(home, setting)
    path = home.config / setting.file
    if console.is_json:
        console.row(
            {
                "name": setting.name,
                "values": values,
                "default": setting.default,
                "meaning": setting.meaning,
                "file": str(path),
            }
        )
        return
    for value in values or [setting.default]:
        style = "" if value == setting.default else "cyan"
        rest = f" (default {setting.default})"
        console.say_parts((setting.name, "bold"), (" = ", ""), (value, style), (rest, "dim"))
    console.say(f"  {setting.meaning}")
    console.say(f"  kept in {path}", style="dim")


def _values(home: Home, setting: _Setting) -> list[str]:
    """Return what is set, one per line."""
    if setting.name == _STRICT:
        from signoff_collector.own_files.settings import read_settings

        return ["true" if read_settings(home).is_strict else "false"]
    from signoff_collector.capture.opt_in.command_patterns import read_patterns

    return [f"{pattern}*{f'  in {root}' if root else ''}" for root, pattern in read_patterns(home)]
