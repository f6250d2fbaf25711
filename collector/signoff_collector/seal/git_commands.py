"""Derives git operations that move no ref from the words of a successful command.

The git watcher cannot see `push`, `fetch`, `restore`, `checkout -- FILE` and `stash apply`
(docs/git.md). Only a command that certainly ran, in this repository, gives a step: not a dry run,
another repository (`-C`, after a `cd`), a loop or a pipe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from signoff_collector.capture.runs.runners import program_name
from signoff_collector.text.command_lines import SimpleCommand, split_line
from signoff_schemas.untyped import items_of

_MOST: Final = 20
_PLAIN_OPTIONS: Final = frozenset({"--no-pager", "-P", "-p", "--paginate", "--no-optional-locks"})
_DOES_NOTHING: Final = frozenset({"-n", "--dry-run", "-h", "--help"})
_LEAVES: Final = frozenset({"cd", "pushd", "popd", "exec", "exit"})
_JOINED: Final = frozenset({"", ";", "&&"})
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*\+?=")


def git_operations(command: Mapping[str, object]) -> list[dict[str, object]]:
    """Return operation and message of each git command that a `command` step certainly ran.

    Args:
        command: fields `line` or `argv`, and `exit_code`; untrusted.
    """
    code = command.get("exit_code")
    if type(code) is not int or code != 0:
        return []
    found = [_operation(words) for words in _carried_out(command)]
    return [one for one in found if one is not None][:_MOST]


def _carried_out(command: Mapping[str, object]) -> list[tuple[str, ...]]:
    """Return the words of each command that certainly succeeded, in the line's own folder."""
    line, argv = command.get("line"), command.get("argv")
    if not isinstance(line, str):
        items = items_of(argv)
        return [tuple(word for word in items if isinstance(word, str))]
    found: list[tuple[str, ...]] = []
    commands = split_line(line)
    for place, item in enumerate(commands):
        if item.words[0] in _LEAVES:
            break
        if _must_have_succeeded(item, commands[place + 1 :]):
            found.append(item.words)
    return found


def _must_have_succeeded(item: SimpleCommand, later: Sequence[SimpleCommand]) -> bool:
    """Say whether exit code 0 of the whole line implies that this command succeeded."""
    is_plain = {item.before, item.after} <= _JOINED
    return is_plain and all(each.before == "&&" and each.after in _JOINED for each in later)


def _operation(words: tuple[str, ...]) -> dict[str, object] | None:
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    if not words or program_name(words[0]) != "git":
        return None
    rest = _behind_options(words[1:])
    return _named(rest) if rest and not _DOES_NOTHING & set(rest) else None


def _named(words: tuple[str, ...]) -> dict[str, object] | None:
    """Return the operation of a git subcommand and its arguments."""
    match words[0], words[1:]:
        case ("push" | "fetch" | "restore") as name, _:
            return {"operation": name}
        case "remote", ("update", *_):
            return {"operation": "fetch"}
        case "checkout", arguments if "--" in arguments[:-1] or arguments == (".",):
            return {"operation": "restore"}
        case "stash", ("apply", *_):
            return {"operation": "stash", "message": "apply"}
        case _:
            return None


def _behind_options(words: tuple[str, ...]) -> tuple[str, ...]:
    """Skip git's global options; return nothing where one may name another repository."""
    while words and words[0].startswith("-"):
        if words[0] == "-c":
            words = words[2:]
        elif words[0] in _PLAIN_OPTIONS:
            words = words[1:]
        else:
            return ()
    return words
