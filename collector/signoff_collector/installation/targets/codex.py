"""Codex: entries in `~/.codex/hooks.json`, which stands beside the person's `config.toml`.

Source: https://developers.openai.com/codex/hooks; openai/codex, codex-rs/hooks/src/engine/
discovery.rs (which files), codex-rs/hooks/schema/generated (what each event holds). `notify` of
`config.toml` is not used: it tells of turns only. Seen with 0.169.0 (docs/agents.md).
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
    "Stop",
    "SubagentStop",
)


class Codex:
    """Codex CLI with hooks (2026; before May behind `[features] codex_hooks = true`)."""

    name = "codex"
    title = "Codex"
    precision = (
        "prompts, commands, patches and the files they name; words only if you said so at setup"
    )
    next_step = "Start Codex again in an enabled folder, and trust the new hooks with /hooks."

    def find(self, account: Account) -> Found | None:
        """Look for `codex` and for its settings."""
        program = account.program("codex")
        if program is None and not (account.user / ".codex").is_dir():
            return None
        return Found(
            program=program, remark="Codex runs new hooks only once you trust them: /hooks"
        )

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return the person's hooks with ours in the list of each event."""
        entry = group_of(hook_command(launcher, self.name))
        path = account.user / ".codex" / "hooks.json"
        return [hooked(path, dict.fromkeys(EVENTS, entry), top={})]
