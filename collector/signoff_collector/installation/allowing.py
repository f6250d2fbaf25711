"""Optional permissions of `setup` beyond recording: texts of agents, credential stores.

Both are off until somebody agrees, by answer or by option; `uninstall` revokes both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.capture.agents.opt_in import AgentWords, allow_agent_words
from signoff_collector.known_values.credential_stores import (
    allow_stores,
    disallow_stores,
    present_stores,
    was_asked,
)

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console


def choose_agent_words(
    is_new: bool, home: Home, arguments: argparse.Namespace, console: Console
) -> None:
    """Ask whether the words of agents may be kept; the answer is no until a person says yes.

    Args:
        is_new: whether an agent was set up just now.
        home: where the answer is kept.
        arguments: `agent_words` (none, text, all, or None), `yes`, `dry_run`.
        console: where to ask.
    """
    chosen: str | None = arguments.agent_words
    if arguments.dry_run or (chosen is None and not is_new):
        return
    if chosen is None and console.is_terminal and not arguments.yes:
        console.say()
        console.say(
            "Of agents, names, paths and command lines are recorded. Not recorded are their words:"
        )
        console.say("prompts, answers, inputs and results of tools. They would be masked like")
        console.say("all text when a session is sealed, and be stored in clear until then.")
        chosen = "text" if console.confirm("Record these words too?") else None
    if chosen is not None:
        home.ensure()
        words = AgentWords(text=chosen != "none", transcripts=chosen == "all")
        allow_agent_words(home, words)
        console.say(f"Words of agents: {chosen}")


def choose_credential_stores(
    home: Home, user: Path, arguments: argparse.Namespace, console: Console
) -> None:
    """Ask once whether files that hold credentials may be read, to mask what is in them.

    Args:
        home: where the answer is kept.
        user: the person's home folder.
        arguments: `credential_stores` (none, all, or None), `yes`, `dry_run`.
        console: where the files are named and the question is asked.
    """
    chosen: str | None = arguments.credential_stores
    present = present_stores(user)
    is_asking = chosen is None and console.is_terminal and not arguments.yes and not was_asked(home)
    if arguments.dry_run or (chosen is None and not (is_asking and present)):
        return
    console.say()
    if present:
        console.say("Other tools keep credentials in these files:")
        for path in present:
            console.say(f"  {path}")
    if is_asking:
        console.say("Signoff can read them to mask their values wherever they appear. It keeps the")
        console.say("values in memory only, and never reads private keys.")
        chosen = "all" if console.confirm("Read them for that?") else "none"
    home.ensure()
    if chosen == "all":
        allow_stores(home, present)
        console.say(f"Read to mask what they hold: {len(present)} files")
    else:
        disallow_stores(home)
        if is_asking:
            allow_stores(home, ())  # so that nobody is asked twice
        console.say("Read to mask what they hold: none")
