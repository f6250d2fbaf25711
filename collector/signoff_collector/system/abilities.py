"""What this system can do, for rooms that may not ask which one it is."""

from __future__ import annotations

import sys
from typing import Final

WHERE_IT_RECORDS: Final = "Record in WSL2, where all of Signoff works: docs/platforms.md says how."
"""What to do where `can_record` says no."""


def is_apple() -> bool:
    """Whether this is macOS, with its folders of applications and its stand-in for git."""
    return sys.platform == "darwin"


def can_record() -> bool:
    """Whether recording works on this system; reading and signing work on each."""
    return sys.platform != "win32"


def polls_stdin() -> bool:
    """Whether a loop can wait for standard input."""
    return sys.platform != "win32"
