"""Map assistants and agents to a fixed list of names; recorded names are never repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_schemas.steps import AgentStep, AssistStep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_schemas.steps import AnyStep

_KNOWN: Final = (
    "aider",
    "amazon-q",
    "claude",
    "cline",
    "codeium",
    "codex",
    "cody",
    "continue",
    "copilot",
    "cursor",
    "devin",
    "gemini",
    "jetbrains",
    "openai",
    "qwen",
    "supermaven",
    "tabnine",
    "windsurf",
)
OTHER: Final = "other"


def ai_providers(steps: Iterable[AnyStep]) -> tuple[str, ...]:
    """Return which assistants took part, sorted; unknown ones together as `other`."""
    found: set[str] = set()
    for step in steps:
        if isinstance(step, AgentStep):
            found.add(_known(step.tool))
        elif isinstance(step, AssistStep) and step.feature == "inline_suggestion":
            found.add(_known(step.provider or ""))
    return tuple(sorted(found))


def _known(name: str) -> str:
    lowered = name.lower()
    return next((known for known in _KNOWN if known in lowered), OTHER)
