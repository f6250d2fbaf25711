"""Precision and recall of the levels on made days whose truth is known; CPU of the made day.

    .venv/bin/python benchmarks/levels.py

The parameters of the levels were looked at on seeds 0 to 19; reported are 40 other days, from seed
3001 on. A task's end is found when it divides the edits as the person did; an attempt, a turned, a
weakened or flaky test and a phase when it is the very same; a dead end, a revert and a diagnostic
when the two share most of their steps.
"""

from __future__ import annotations

import platform
import sys
import time
from pathlib import Path
from typing import Final

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks.made_days.day import make_day  # noqa: E402
from benchmarks.made_days.scoring import score_days  # noqa: E402

from signoff_collector.levels.levels import levels_of  # noqa: E402

FIRST_SEED: Final = 3001
DAYS: Final = 40
LIMIT_S: Final = 2.0
"""CPU for the made day of 73,000 steps."""


def main() -> int:
    """Print the table, and return 1 when the made day takes too long."""
    print(f"levels: Python {platform.python_version()}, {DAYS} days from seed {FIRST_SEED}")
    print("| level | true | found | right | precision | recall |\n|---|---|---|---|---|---|")
    for name, score in score_days(range(FIRST_SEED, FIRST_SEED + DAYS)).items():
        print(
            f"| {name} | {score.true} | {score.found} | {score.right} | {score.precision:.3f} |"
            f" {score.recall:.3f} |"
        )
    episode = make_day(1)
    times: list[float] = []
    for _ in range(3):
        began = time.process_time()
        levels_of(episode)
        times.append(time.process_time() - began)
    print(f"the made day: {episode.step_count} steps, {min(times):.2f} s of CPU (best of 3)")
    return 0 if min(times) <= LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())
