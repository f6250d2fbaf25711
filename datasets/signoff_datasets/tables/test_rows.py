"""The table `tests`: what each test came to in each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_datasets.tables.texts import maybe_whole, whole
from signoff_schemas.steps import TestsStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_datasets.tables.episode_rows import Row
    from signoff_datasets.tables.spans import Spans
    from signoff_datasets.tables.times import Times


def test_rows(sha256: str, episode: Episode, spans: Spans, times: Times) -> Iterator[Row]:
    """Yield a row for each test of each run, in order."""
    for step in episode.steps:
        if not isinstance(step, TestsStep):
            continue
        common: Row = {
            "episode": sha256,
            "seq": step.seq,
            "t_ms": times.at(step.t_ns),
            "framework": whole(step.framework),
            "task": spans.task(step.seq),
            "attempt": spans.attempt(step.seq),
        }
        for number, case in enumerate(step.cases):
            yield {
                **common,
                "case": number,
                "test": whole(case.id),
                "outcome": case.outcome,
                "duration_ms": times.lasting(case.duration_ns),
                "message": maybe_whole(case.message),
                "path": None if case.frame is None else whole(case.frame.path),
                "line": None if case.frame is None else case.frame.line,
            }
