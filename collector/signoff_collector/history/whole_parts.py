"""Adapter that lets `Searchable` read an episode in memory like an opened file.

A running session is assembled anew by each verb; writing it to a file just to read it again would
double the cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.episode.file.rows import fields_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_schemas.steps import AnyStep


class WholeParts:
    """One episode in memory."""

    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self.header = episode.header
        self.files = episode.files
        self.edits = episode.edits
        self.blobs = episode.blobs

    @property
    def step_times(self) -> Sequence[tuple[int, int]]:
        """`seq` and `t_ns` of all steps except edits."""
        return [(step.seq, step.t_ns) for step in self._episode.steps]

    def step_maps(
        self, kinds: Container[str] = ()
    ) -> Iterator[tuple[int, int, dict[str, object] | None]]:
        """Yield `seq` and `t_ns` of all steps except edits, with fields for some kinds."""
        for step in self._episode.steps:
            yield step.seq, step.t_ns, fields_of(step) if step.kind in kinds else None

    def steps_of(self, kinds: Container[str]) -> Iterator[AnyStep]:
        """Yield the steps of some kinds."""
        return (step for step in self._episode.steps if step.kind in kinds)
