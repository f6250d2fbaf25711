"""What is written into the settings of an agent: one entry per event, in the person's own file.

Never into a project's: a repository could then carry hooks of its own, and ours would be recorded
for everybody who clones it.

The command is read by whatever shell the agent uses (`sh -c`, or Codex `$SHELL -lc`: bash, zsh and
fish were tried): it does nothing when Signoff is gone, says nothing and ends with 0 whatever
happens, since 2 would forbid the agent what it was about to do.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from signoff_collector.installation.config_files.config_files import read_text
from signoff_collector.installation.config_files.json_entries import (
    holds_entries,
    with_entry,
    without_entries,
)
from signoff_collector.installation.interface import Change
from signoff_collector.installation.launcher import agent_hook
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.errors import DamagedError, RefusedError
from signoff_schemas.untyped import fields_of, is_fields, is_items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KEYS: Final = ("hooks",)
"""Where all three keep their lists, one per event."""

TIMEOUT_S: Final = 5
_OURS: Final = re.compile(
    r"/(?:signoff_collector/capture/agents|signoff-companions)/hook_start\.py"
)
"""In the sources (installations once named it in their packages too), and in an installation."""
_BREAKS_A_SHELL: Final = frozenset("'\\")


def hook_command(launcher: Path, agent: str) -> str:
    """Return the shell command that hands an event to us.

    Home and program are fixed here: the environment of an agent is the project's (threat 1).

    Raises:
        RefusedError: a path in it cannot be quoted for every shell.
        SignoffError: the home cannot be used.
    """
    python, script, home = (
        _quoted(path) for path in (launcher.with_name("python"), agent_hook(), resolve_home().root)
    )
    return (
        f"test ! -f {script} || test ! -x {python} || "
        f"{python} -I -S {script} {home} {agent} >/dev/null 2>&1 || true"
    )


def group_of(command: str) -> dict[str, object]:
    """Return an entry as Claude Code and Codex read it; without a matcher it is for every tool."""
    return {"hooks": [{"type": "command", "command": command, "timeout": TIMEOUT_S}]}


def hooked(path: Path, entries: Mapping[str, object], *, top: Mapping[str, object]) -> Change:
    """Return what a file of hooks becomes with exactly these entries of ours, one per event.

    Args:
        path: the file; it need not be there.
        entries: event to what its list gets.
        top: members that a new file begins with.

    Raises:
        RefusedError: the file is not JSON, or holds something else where the lists should be.
    """
    text = read_text(path)
    before = None if text is None else text.encode("utf-8")
    try:
        after = _with_ours(text or "", entries, top)
    except DamagedError as error:
        raise RefusedError(
            f"{path} cannot be changed: {error}", hint="Fix it, then run `signoff setup` again."
        ) from error
    return Change(path=path, before=before, after=after.encode("utf-8"))


def is_ours(entry: object) -> bool:
    """Say whether an entry starts our hook and nothing else."""
    if not is_fields(entry):
        return False
    fields = entry
    inner = fields.get("hooks")
    if is_items(inner):
        listed = inner
        return bool(listed) and all(is_ours(item) for item in listed)
    command = fields.get("command")
    return isinstance(command, str) and _OURS.search(command) is not None


def holds_hooks(text: str) -> bool:
    """Say whether a file holds an entry of ours."""
    return _OURS.search(text) is not None and holds_entries(text, KEYS, is_ours)


def our_hooks(text: str) -> str:
    """Return the entries of ours that a file holds, as JSON."""
    return json.dumps(_found(text), ensure_ascii=False)


def without_hooks(text: str) -> str:
    """Return a file without our entries.

    Raises:
        DamagedError: it is not JSON any more.
    """
    return without_entries(text, KEYS, is_ours)


def _with_ours(text: str, entries: Mapping[str, object], top: Mapping[str, object]) -> str:
    if _found(text) == {event: [entry] for event, entry in entries.items()}:
        return text
    text = without_hooks(text)
    if not text.strip() and top:
        text = json.dumps({**top, "hooks": {}}, indent=2) + "\n"
    for event, entry in entries.items():
        text = with_entry(text, (*KEYS, event), entry)
    return text


def _found(text: str) -> dict[str, Sequence[object]]:
    """Return the entries of ours that a file holds now, by event."""
    try:
        parsed: object = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return {}
    hooks = fields_of(parsed).get("hooks")
    lists = fields_of(hooks)
    found = {
        event: [entry for entry in listed if is_ours(entry)]
        for event, listed in lists.items()
        if is_items(listed)
    }
    return {event: ours for event, ours in found.items() if ours}


def _quoted(path: Path) -> str:
    """Return a path in single quotes, which every shell reads alike."""
    text = str(path)
    if not text.isprintable() or _BREAKS_A_SHELL & set(text):
        raise RefusedError(
            f"the path {path!r} cannot be used in a shell command",
            hint="Install Signoff, and keep its home, in folders with ordinary names.",
        )
    return f"'{text}'"
