"""Environment variables that show that an agent started a process; only names are kept.

Sources: `CLAUDECODE` and `AI_AGENT` as Claude Code 2.1.197 sets them, `CODEX_*` as Codex 0.169.0
does (both observed, docs/agents.md); `AGENT` as Goose, Amp and others agreed on (agents.md/AGENT);
`CURSOR_AGENT`, `GEMINI_CLI`, `OPENCODE` from their vendors' documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKERS: Final = (
    ("CLAUDECODE", "claude-code"),
    ("CODEX_THREAD_ID", "codex"),
    ("CODEX_SESSION_ID", "codex"),
    ("CODEX_SANDBOX", "codex"),
    ("CODEX_CI", "codex"),
    ("CURSOR_AGENT", "cursor"),
    ("GEMINI_CLI", "gemini-cli"),
    ("OPENCODE", "opencode"),
)
"""Variable and agent, the most reliable first."""

NAMED: Final = ("AI_AGENT", "AGENT")
"""Variables that several agents share and set to their name."""

_KNOWN: Final = (
    "claude-code",
    "codex",
    "cursor",
    "gemini-cli",
    "opencode",
    "goose",
    "amp",
    "aider",
    "cline",
    "copilot",
    "devin",
    "kiro",
    "qwen-code",
)
"""Allow-list of names that are copied from a value: any other value could be private."""


def agent_marker(environ: Mapping[str, str]) -> str | None:
    """Return the name of the agent that set this environment, or None.

    A shared variable whose value names no known agent gives the variable's own name; its value is
    never kept.
    """
    for variable, agent in MARKERS:
        if environ.get(variable):
            return agent
    for variable in NAMED:
        value = environ.get(variable)
        if value:
            return _named(value) or variable
    return None


def _named(value: str) -> str | None:
    """Return the known agent name that a value begins with, as in `claude-code_2-1-197_agent`."""
    plain = value.casefold().replace("_", "-")
    return next(
        (name for name in _KNOWN if plain == name or plain.startswith((f"{name}-", f"{name}/"))),
        None,
    )
