"""Checks of the targets of `setup`: which editors, shells and agents exist, and their state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.agents.opt_in import agent_words
from signoff_collector.health.interface import Check, Line, note, ok
from signoff_collector.installation.account import account_of
from signoff_collector.installation.interface import Found, Target
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.installation.setting_up import Standing, set_up_state
from signoff_collector.installation.targets import AGENTS, EDITORS, SHELLS
from signoff_collector.own_files.home import Home
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.health.interface import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Targets of one sort."""

    targets: Sequence[Target]
    missing: str
    """What is not recorded while one of them is here and not set up."""
    hint: str
    """What to do then; `{name}` is the target's."""
    ready: Callable[[Target, Found, Surroundings], Line]
    """Says what one that is set up tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the settings of a target start."""

    standing: Standing
    path: str | None
    launcher: Path


def target_checks(group: Group) -> tuple[Check, ...]:
    """Return one line per target of a group."""
    return tuple(Check(name=t.name, look=partial(_look, group, t)) for t in group.targets)


def look_at(target: Target, environ: Mapping[str, str]) -> tuple[Found, Start] | None:
    """Return what is here of a target, and what its settings start; None: it is not here.

    Raises:
        SignoffError: its settings cannot be read.
    """
    account = account_of(environ)
    found = target.find(account)
    if found is None:
        return None
    launcher = launcher_path()
    standing, path = set_up_state(target, account, launcher)
    return found, Start(standing=standing, path=path, launcher=launcher)


def _look(group: Group, target: Target, around: Surroundings) -> Line:
    try:
        seen = look_at(target, around.environ)
    except SignoffError as error:
        return note(str(error), error.hint)
    if seen is None:
        return ok("not here")
    found, start = seen
    if start.standing is Standing.THIS:
        return group.ready(target, found, around)
    return _unready(group, target, found, start)


def _unready(group: Group, target: Target, found: Found, start: Start) -> Line:
    """Say what a target starts instead of this Signoff."""
    again = f"Run `signoff setup {target.name}`."
    match start.standing:
        case Standing.OLDER:
            return note(f"{target.title} starts an older Signoff", again)
        case Standing.OTHER:
            this = f"this one is {start.launcher}"
            return note(f"{target.title} starts another Signoff, {start.path}; {this}", again)
        case Standing.GONE:
            gone = f"{target.title} starts a Signoff that is gone, so it records nothing"
            return note(f"{gone}: {start.path}", again)
        case _ if not found.is_used:
            return ok(f"here, not set up: {found.remark} (`signoff setup {target.name}` adds it)")
        case _:
            seen = f" ({found.detail})" if found.detail else ""
            fact = f"here, and not set up{seen}: {group.missing}"
            return note(fact, group.hint.format(name=target.name))


def _editor(target: Target, found: Found, _: Surroundings) -> Line:
    if not found.is_used:
        return note(f"set up, but {found.remark}", "Install one, or use another editor.")
    seen = f"; {found.detail}" if found.detail else ""
    return ok(f"set up{seen}; {target.precision}")


def _shell(target: Target, found: Found, _: Surroundings) -> Line:
    if found.is_too_old:
        return note(f"set up, but {found.remark}", "Then open a new shell.")
    return ok(f"set up; {target.precision}")


def _agent(target: Target, _: Found, around: Surroundings) -> Line:
    return ok(f"set up; {target.precision}; words of agents are {_words(around)}")


def _words(around: Surroundings) -> str:
    home = around.home
    kept = agent_words(home) if isinstance(home, Home) else None
    if kept is None or not (kept.text or kept.transcripts):
        return "not kept"
    if kept.text and kept.transcripts:
        return "kept, and transcripts"
    return "kept" if kept.text else "kept in transcripts only"


EDITOR_GROUP: Final = Group(
    targets=EDITORS,
    missing="nothing is recorded in it unless you set it up by hand",
    hint="Run `signoff setup {name}`.",
    ready=_editor,
)
SHELL_GROUP: Final = Group(
    targets=SHELLS,
    missing="command lines in it are not recorded",
    hint="Run `signoff setup {name}`, or `signoff run COMMAND` for a single one.",
    ready=_shell,
)
AGENT_GROUP: Final = Group(
    targets=AGENTS,
    missing="what it changes counts as made by another program",
    hint="Run `signoff setup {name}`.",
    ready=_agent,
)
