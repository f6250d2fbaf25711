"""Cursor: entries in `~/.cursor/hooks.json`, the hooks of this person.

Source: https://cursor.com/docs/agent/hooks (since Cursor 1.7). The older pairs around shell and MCP
calls and `afterFileEdit` are used, not `preToolUse`: every release with hooks has them, and both
would tell of each call twice. Cursor itself could not be run here; its documented protocol is
driven by a test program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.installation.agent_hooks import TIMEOUT_S, hook_command, hooked
from signoff_collector.installation.interface import Found

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account
    from signoff_collector.installation.interface import Change

EVENTS: Final = (
    "sessionStart",
    "beforeSubmitPrompt",
    "beforeShellExecution",
    "afterShellExecution",
    "beforeMCPExecution",
    "afterMCPExecution",
    "afterFileEdit",
    "stop",
    "subagentStop",
    "sessionEnd",
)


class Cursor:
    """Cursor 1.7 or newer."""

    name = "cursor"
    title = "Cursor"
    precision = (
        "its agent only: prompts, commands, MCP calls, files it edited; words only if you said so "
        "at setup"
    )
    next_step = "Start Cursor again in an enabled folder."

    def find(self, account: Account) -> Found | None:
        """Look for `cursor`, its agent in the terminal, and its settings."""
        program = account.program("cursor", "cursor-agent")
        if program is None and not (account.user / ".cursor").is_dir():
            return None
        return Found(program=program)

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return the person's hooks with ours in the list of each event."""
        entry = {"command": hook_command(launcher, self.name), "timeout": TIMEOUT_S}
        path = account.user / ".cursor" / "hooks.json"
        return [hooked(path, dict.fromkeys(EVENTS, entry), top={"version": 1})]
