"""The tasks that a session is proposed to be cut into; nothing is kept by proposing it.

Pure: stated tasks, commits, branch changes, tests that turn from red to green, and long idle
are where one task ends and the next begins.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

Why = Literal["commit", "branch", "red_green", "idle", "stated", "session"]
Outcome = Literal["solved", "partly", "abandoned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One stretch of a session that looks like one task."""

    from_seq: int
    to_seq: int
    """Its last step; the next proposal begins with the step after it."""
    task: int | None
    """The recorded task that these steps are, all of them and no others; else None."""
    title: str
    why: tuple[Why, ...]
    """What its end, or its beginning, was known by."""
    outcome: Outcome | None
    edits: int
    files: int
    """How many files changed or were edited."""
    test_runs: int
    commits: int
    duration_ns: int

    def row(self) -> dict[str, object]:
        """Return the JSON form."""
        return asdict(self)


def proposed_tasks(episode: Episode) -> tuple[Proposal, ...]:
    """Return the session as tasks: in order, without a gap, none over another."""
    raise NotImplementedError
