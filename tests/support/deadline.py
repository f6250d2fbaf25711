"""Waiting on conditions, with one deadline for the whole suite."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DEADLINE_S = float(os.environ.get("SIGNOFF_TEST_DEADLINE_S", "60"))
"""How long anything may take before a test calls it broken; generous on purpose."""


def deadline() -> float:
    """Seconds that a test may wait for one condition."""
    return DEADLINE_S


def wait_until(
    condition: Callable[[], T], what: str, *, limit_s: float | None = None, pause_s: float = 0.02
) -> T:
    """Return the first true value of `condition`, or fail saying what never happened."""
    end = time.monotonic() + (limit_s if limit_s is not None else DEADLINE_S)
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit_s or DEADLINE_S:.0f} s in vain: {what}")
        pause.wait(pause_s)
