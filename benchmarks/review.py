"""What a review costs for one kept task of a day of eight hours: what a person waits for.

Processor seconds. `once` is done once per review, everything else after every decision.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from made_days.day import make_day

from signoff_collector.levels.tasks import proposed_tasks
from signoff_collector.review.applying.previews import Previews, shared_preview
from signoff_collector.review.checking.groups import Checking
from signoff_collector.review.tasks.overview import overview
from signoff_schemas.plan import Plan, RangeKeep

ROUNDS = 5
Result = TypeVar("Result")


def measure(name: str, work: Callable[[], Result], rounds: int = ROUNDS) -> Result:
    """Print the median of some rounds; return the last result."""
    times: list[float] = []
    results: list[Result] = []
    for _ in range(rounds):
        start = time.process_time()
        results[:] = [work()]
        times.append(time.process_time() - start)
    print(f"{name:<44} {statistics.median(times):6.2f} s, worst {max(times):.2f} s")
    return results[0]


def main() -> None:
    """Measure one day."""
    day = make_day(1)
    print(f"{day.step_count} steps, {len(day.edits)} edits")
    tasks = measure("proposed tasks", lambda: proposed_tasks(day))
    largest = max(tasks, key=lambda one: one.edits)
    keep = RangeKeep(from_seq=largest.from_seq, to_seq=largest.to_seq)
    plan = Plan(base_sha256="0" * 64, keeps=(keep,))
    print(f"kept: {largest.to_seq - largest.from_seq + 1} steps, {largest.edits} edits")
    previews = Previews(day)
    base = measure("once: the walk through the base episode", lambda: previews.base, 1)
    checking = Checking(day, key=bytes(32), base=base)
    settled = measure("once: what is to be checked", lambda: checking.settled(plan), 1)
    for name, one in (("preview, nothing masked", plan), ("preview, default masks", settled)):
        measure(name, partial(shared_preview, one, base, 0))
    measure("overview", lambda: overview(previews, settled, 0))
    measure("groups after a decision", lambda: checking.check(settled, 0))
    print(f"masks of the plan: {len(settled.mask_texts)} in texts, {len(settled.mask_fields)} else")


if __name__ == "__main__":
    main()
