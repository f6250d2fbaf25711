"""Lines about agents: which are here, whether they start our hook, and what it may keep."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from signoff_collector.capture.agents.opt_in import agent_words
from signoff_collector.diagnosis.interface import Check, note, ok
from signoff_collector.home import Home
from signoff_collector.installation.account import account_of
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.installation.setting_up import is_set_up
from signoff_collector.installation.targets import AGENTS
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.diagnosis.interface import Line, Surroundings
    from signoff_collector.installation.interface import Target


def agent_checks() -> tuple[Check, ...]:
    """Return one line per agent that `setup` knows."""
    return tuple(Check(name=target.name, look=partial(_agent, target)) for target in AGENTS)


def _agent(target: Target, around: Surroundings) -> Line:
    """Say whether an agent tells of what it does, and whether its words are kept."""
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
            "here, and not set up: what it changes counts as external",
            f"Run `signoff setup {target.name}`.",
        )
    return ok(f"set up; {target.precision}; words are {_words(around)}")


def _words(around: Surroundings) -> str:
    home = around.home
    kept = agent_words(home) if isinstance(home, Home) else None
    if kept is None or not (kept.text or kept.transcripts):
        return "not kept"
    return (
        "kept, and transcripts"
        if kept.text and kept.transcripts
        else ("kept" if kept.text else "kept in transcripts only")
    )
