"""Set-ups: commands that prepared what test runs need, and the run that came next."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.levels.test_runs.set_up_words import sets_up
from signoff_schemas.steps import AgentStep, CommandStep, TestsStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.test_runs.set_up_words import What
    from signoff_schemas.steps import AnyStep


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """A command that set something up."""

    seq: int
    """Of the `command`, or of the `agent` step that says an agent ran it."""
    what: What
    before: int | None
    """`seq` of the first test run after it; None where none came: it stands behind the last."""
    exit_code: int | None
    """None where nothing told it."""


def set_ups(episode: Episode) -> tuple[SetUp, ...]:
    """Return them in order; what a run needs is all that stand before it."""
    runs = [step for step in episode.steps if isinstance(step, TestsStep)]
    named = {step.run_id: step.seq for step in runs}
    found: list[SetUp] = []
    for step in episode.steps:
        line = line_of(step)
        what = None if line is None else sets_up(line)
        if what is None:
            continue
        exit_code = step.exit_code if isinstance(step, CommandStep) else None
        own = [named[one] for one in getattr(step, "run_ids", None) or () if one in named]
        after = (run.seq for run in runs if run.seq > step.seq)
        before = min(own) if own else next(after, None)
        found.append(SetUp(seq=step.seq, what=what, before=before, exit_code=exit_code))
    return tuple(found)


def line_of(step: AnyStep) -> str | None:
    """Return the command line that a step tells; None where it tells none."""
    match step:
        case CommandStep():
            return step.line or shlex.join(step.argv)
        case AgentStep(event="tool_call"):
            return step.line or ""
        case _:
            return None
