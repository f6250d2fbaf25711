"""Texts that a person asks for besides the file: outputs and diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from signoff_collector.replay.describing import clock_text
from signoff_collector.replay.masking import masked_step
from signoff_collector.replay.outputs import KINDS_ON_A_SCREEN, full_text, problem_line
from signoff_collector.replay.problems import problems_at
from signoff_collector.replay.story import told
from signoff_schemas.steps import StepBase, TestsStep

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.replay.playing import Playing


class Output(NamedTuple):
    """What a step says; the text is raw: the caller masks it line by line."""

    title: str
    text: str
    is_run: bool
    """Whether it is of a test run, which begins with what failed."""


def output_of(
    playing: Playing,
    mask: Callable[[str], str],
    kinds: frozenset[str] = KINDS_ON_A_SCREEN,
) -> Output | None:
    """Return what the current step says, or else the last one of some kinds."""
    place = playing.reel.last_of(playing.place, kinds)
    if place is None:
        return None
    step = playing.reel.step(place)
    if not isinstance(step, StepBase):
        return None
    title = f" step {step.seq} at {clock_text(step.t_ns)}: {told(masked_step(step, mask)).line}"
    return Output(title=title, text=full_text(step), is_run=isinstance(step, TestsStep))


def problems_text(playing: Playing) -> tuple[str, str]:
    """Return title and list of the diagnostics at the moment."""
    found = problems_at(playing.reel, playing.place)
    lines = [problem_line(one, path) for path, one in found]
    title = f" {len(lines)} problems at {clock_text(playing.reel.time(playing.place))}"
    return title, "\n".join(lines) or "no problems were reported at this moment"
