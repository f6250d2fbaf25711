"""All levels of an episode, with the parameters that they were derived with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.levels import boundaries
from signoff_collector.levels.chapters import chapters
from signoff_collector.levels.git_operations import git_operations
from signoff_collector.levels.tasks import proposed_tasks
from signoff_collector.levels.test_runs.attempts import attempts, phases
from signoff_collector.levels.test_runs.red_green import turns
from signoff_collector.levels.test_runs.set_ups import set_ups
from signoff_collector.levels.viewed import viewed
from signoff_collector.levels.writing import (
    bursts,
    diagnostics,
    standing,
    survival,
    taken_back,
    written,
)
from signoff_collector.levels.writing.reverts import FEWEST_CHARACTERS, reverts
from signoff_collector.levels.writing.shares import shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.chapters import Chapter
    from signoff_collector.levels.git_operations import GitOperation
    from signoff_collector.levels.tasks import Proposal
    from signoff_collector.levels.test_runs.attempts import Attempt, Phase
    from signoff_collector.levels.test_runs.red_green import GreenRed, RedGreen
    from signoff_collector.levels.test_runs.set_ups import SetUp
    from signoff_collector.levels.viewed import Viewed
    from signoff_collector.levels.writing.bursts import Burst
    from signoff_collector.levels.writing.diagnostics import DiagnosticSpan
    from signoff_collector.levels.writing.reverts import Revert
    from signoff_collector.levels.writing.shares import Share
    from signoff_collector.levels.writing.survival import DeadEnd, Survival

LEVELS_VERSION: Final = 4
"""Rises when the same episode gives other levels."""
PARAMETERS: Final[Mapping[str, int | float]] = {
    "burst_gap_ns": bursts.GAP_NS,
    "burst_near_lines": bursts.NEAR_LINES,
    "burst_most_edits": bursts.MOST_EDITS,
    "burst_longest": bursts.LONGEST,
    "task_idle_ns": boundaries.IDLE_NS,
    "diagnostic_stay_ns": diagnostics.STAY_NS,
    "dead_end_fewest_tokens": survival.FEWEST_TOKENS,
    "dead_end_most_surviving": survival.MOST_SURVIVING,
    "slip_most_characters": FEWEST_CHARACTERS - 1,
    "part_fewest_characters": taken_back.FEWEST_CHARACTERS,
    "moved_fewest_characters": standing.FEWEST_CHARACTERS,
    "moved_most_gone": standing.MOST_GONE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What is derived from one episode."""

    tasks: tuple[Proposal, ...]
    attempts: tuple[Attempt, ...]
    phases: tuple[Phase, ...]
    set_ups: tuple[SetUp, ...]
    viewed: tuple[Viewed, ...]
    bursts: tuple[Burst, ...]
    red_green: tuple[RedGreen, ...]
    green_red: tuple[GreenRed, ...]
    diagnostics: tuple[DiagnosticSpan, ...]
    reverts: tuple[Revert, ...]
    survival: tuple[Survival, ...]
    dead_ends: tuple[DeadEnd, ...]
    git: tuple[GitOperation, ...]
    shares: tuple[Share, ...]
    chapters: tuple[Chapter, ...]

    def taken(self, revert: Revert, path: str) -> list[Burst]:
        """Return the bursts of a revert whose work was taken back: of a part, those that went.

        The bursts that take it back are among them where they are not told apart (`since`).
        """
        lost = {one.first for one in self.survival if 2 * one.surviving < one.tokens}
        return [
            burst
            for burst in self.bursts
            if burst.path == path
            and revert.first <= burst.last
            and burst.last <= revert.last
            and (burst.first >= revert.first or revert.is_part)
            and (revert.since is None or (burst.first < revert.since and burst.first in lost))
        ]


def levels_of(episode: Episode) -> Levels:
    """Derive all levels; 0.8 s of CPU for a day of 73,000 steps.

    Raises:
        DamagedError: a buffer was opened on bytes that are not text, or an edit does not fit.
    """
    moments = Moments(episode)
    tasks = proposed_tasks(episode)
    tried = attempts(episode)
    thoughts = bursts.bursts(episode, moments)
    turned = turns(episode, moments)
    stands = standing.Standing(moments, thoughts, [task.to_seq for task in tasks])
    lives = written.life_characters(episode, moments, thoughts)
    left = written.written(lives, stands)
    return Levels(
        tasks=tasks,
        attempts=tried,
        phases=phases(episode, tried),
        set_ups=set_ups(episode),
        viewed=viewed(episode, moments),
        bursts=thoughts,
        red_green=turned.repaired,
        green_red=turned.broken,
        diagnostics=diagnostics.diagnostics(episode, thoughts),
        reverts=reverts(episode, thoughts, stands, lives),
        survival=survival.survival(left),
        dead_ends=survival.dead_ends(left, tried, stands),
        git=git_operations(episode),
        shares=shares(episode, [(task.from_seq, task.to_seq) for task in tasks]),
        chapters=chapters(episode, moments),
    )
