"""Kinds of hits, by name; light, since `--help` lists them."""

from __future__ import annotations

from typing import Final

TEXT_KIND: Final = "edit"
"""Text that stands or stood in a file."""
SAYING_KINDS: Final = (
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
"""Kinds of steps with words of their own."""
