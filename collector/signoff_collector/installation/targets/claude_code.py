"""Claude Code: entries in `~/.claude/settings.json`, the file of this person's own settings.

Source: https://code.claude.com/docs/en/hooks ("Configuration", "Hook events"); seen with 2.1.197,
which started every hook named here (docs/agents.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.installation.agent_hooks import group_of, hook_command, hooked
from signoff_collector.installation.interface import Found

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account
    from signoff_collector.installation.interface import Change

EVENTS: Final = (
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "Stop",
    "SubagentStop",
    "SessionEnd",
)


class ClaudeCode:
    """Claude Code with hooks (July 2025 or newer)."""

    name = "claude-code"
    title = "Claude Code"
    precision = (
        "prompts, tool calls and their results, files it writes, command lines; words only if "
        "you said so at setup"
    )
    next_step = "Start Claude Code again in an enabled folder."

    def find(self, account: Account) -> Found | None:
        """Look for `claude` and for its settings."""
        program = account.program("claude")
        if program is None and not (account.user / ".claude").is_dir():
            return None
        return Found(program=program)

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return the person's settings with our hook in the list of each event."""
        entry = group_of(hook_command(launcher, self.name))
        path = account.user / ".claude" / "settings.json"
        return [hooked(path, dict.fromkeys(EVENTS, entry), top={})]
