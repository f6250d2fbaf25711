"""What tells an episode in a page: its chapters, and which tests are red when.

Derived from the very episode that the page shows, and so masked as it is.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.levels.chapters import whole_chapters
from signoff_collector.levels.test_runs.failing import FailingTests, bare_name, telling_line

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

STORYLINE_VERSION: Final = 1
_LONGEST: Final = 300
"""Characters of a message that are told."""


def storyline(episode: Episode) -> dict[str, object]:
    """Return chapters and red tests as JSON; no chapters where an edit does not fit its text."""
    return {
        "version": STORYLINE_VERSION,
        "chapters": [asdict(one) for one in whole_chapters(episode, Moments(episode))],
        "red": _red(episode),
    }


def _red(episode: Episode) -> list[dict[str, object]]:
    """Return each stretch of steps in which the same tests are red."""
    runs = FailingTests(episode).runs
    found: list[dict[str, object]] = []
    for place, (seq, failing) in enumerate(runs):
        if failing is None:
            continue
        following = runs[place + 1][0] if place + 1 < len(runs) else episode.step_count
        tests = [
            {"name": bare_name(name), "says": telling_line(message)[:_LONGEST]}
            for name, message in failing.tests
        ]
        found.append(
            {
                "seq_first": seq,
                "seq_last": following - 1,
                "count": failing.count,
                "tests": tests,
            }
        )
    return found
