"""Why a task becomes no instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "no_statement",
    "stated_late",
    "statement_tells",
    "base_unknown",
    "start_differs",
    "contents_missing",
    "masked",
    "patch_empty",
    "test_only",
    "no_tests",
    "other_runner",
    "unreadable",
    "base_fails",
    "no_fail_to_pass",
    "stopped",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A task that becomes no instance."""

    reason: Reason
    said: str
    """One sentence; holds no text of the episode but names of files and tests."""
