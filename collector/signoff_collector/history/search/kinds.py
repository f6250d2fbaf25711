"""Names of the kinds of hits; a light module, because `--help` lists them."""

from __future__ import annotations

from typing import Final

TEXT_KIND: Final = "edit"
"""Text that is, or was, in a file."""
KINDS_WITH_TEXT: Final = (
    "task",
    "note",
    "command",
    "tests",
    "git",
    "diagnostics",
    "agent",
    "assist",
    "search",
)
"""Kinds of steps with text of their own."""
