"""Runs a program of ours on another day: `python -I dated_signoff.py SHIFT_NS bridge|cli …`."""

from __future__ import annotations

import sys
import time

from signoff_collector.system.clock import SystemClock

SHIFT_NS = int(sys.argv[1])


def shifted_wall_ns(_: SystemClock) -> int:
    """Return the time of day, so many days on; the time since boot stays what it is."""
    return time.time_ns() + SHIFT_NS


SystemClock.wall_ns = shifted_wall_ns  # type: ignore[method-assign]

if __name__ == "__main__":
    import os

    if sys.argv[2] == "bridge":
        from signoff_bridge.__main__ import main as serve

        code = serve()
    else:
        from signoff_collector.cli import main

        code = main(sys.argv[3:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
