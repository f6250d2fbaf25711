"""Builds an episode from journal records and gathered facts: a pure function."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.seal.gathered import Gathered
    from signoff_collector.seal.records import WriterRecords


def assemble(records: Sequence[WriterRecords], gathered: Gathered) -> Episode:
    """Return the episode of one session, unmasked.

    `records` holds one stream per writer; they are merged here. Nothing is read
    from the environment, the file system or the clock: equal arguments give an
    equal episode. Needs memory for the edits and the open texts, not for the records.
    """
    raise NotImplementedError
