"""The strict check of a made day and of a small episode, beside writing it again at level 19.

    .venv/bin/python benchmarks/canonical.py

"The way before" reads the episode, writes it again and compares bytes, which holds under one
release of zstd only (docs/decisions/0031-canonical-check.md). Both ways run in turn, so that
other work on the cores meets both. The parts are of the check: reading, comparing contents
without compressing, and the form and size of the frames.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from typing import TYPE_CHECKING, Final

from made_days.day import make_day

from signoff_collector.episode import frames, zstd
from signoff_collector.episode.file.frame_form import refuse_other_form
from signoff_collector.episode.file.reader import EpisodeFile, read_episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 7
CASES: Final = (("a made day", 1.0, 1000), ("a small episode", 0.055, 60))
"""Name, scale of a made day, and the most CPU in ms that its check may take."""


def main() -> int:
    """Print a line per case; exit 1 when a target is missed."""
    print(
        f"canonical: {platform.machine()}, Python {platform.python_version()}, zstd"
        f" {zstd.VERSION}, load {os.getloadavg()[0]:.1f}"
    )
    missed = False
    for name, scale, target_ms in CASES:
        data = write_episode(make_day(1, scale=scale))
        read_episode(data)  # imports
        ways = (strict_check, _written_again, read_episode, _forms)
        times: dict[Callable[[bytes], object], list[float]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way in ways:
                times[way].append(_cpu_ms(way, data))
        now, before, read, forms = (statistics.median(times[way]) for way in ways)
        print(
            f"{name} of {len(data)} B: CPU median {now:.0f} ms, best {min(times[strict_check]):.0f}"
            f" (reading {read:.0f}, form and size of frames {forms:.0f}); target {target_ms} ms;"
            f" the way before {before:.0f}, best {min(times[_written_again]):.0f}:"
            f" {before / now:.1f} times ours"
        )
        missed |= min(times[strict_check]) > target_ms
    return 1 if missed else 0


def _cpu_ms(way: Callable[[bytes], object], data: bytes) -> float:
    begin = time.process_time()
    way(data)
    return (time.process_time() - begin) * 1000


def _written_again(data: bytes) -> None:
    if write_episode(read_episode(data)) != data:
        raise AssertionError("other bytes came of it")


def _forms(data: bytes) -> None:
    for entry in EpisodeFile(data).frames:
        frame = data[entry.offset : entry.offset + entry.length]
        refuse_other_form(frame, frames.decompress(frame))


if __name__ == "__main__":
    sys.exit(main())
