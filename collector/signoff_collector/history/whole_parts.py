"""The parts of an episode that is in memory, as `Searchable` asks an opened file for them.

A session that goes on is put together anew at each verb: writing it as a file only to read that
again would cost as much once more.
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
        """`seq` and `t_ns` of all steps but edits."""
        return [(step.seq, step.t_ns) for step in self._episode.steps]

    def step_maps(
        self, kinds: Container[str] = ()
    ) -> Iterator[tuple[int, int, dict[str, object] | None]]:
        """Yield `seq` and `t_ns` of all steps but edits, and the fields of some kinds."""
        for step in self._episode.steps:
            yield step.seq, step.t_ns, fields_of(step) if step.kind in kinds else None

    def steps_of(self, kinds: Container[str]) -> Iterator[AnyStep]:
        """Yield the steps of some kinds."""
        return (step for step in self._episode.steps if step.kind in kinds)
