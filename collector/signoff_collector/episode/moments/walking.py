"""Iterates lazily over all steps of an opened file, edits included."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from signoff_collector.episode.file import rows
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Edit
    from signoff_collector.episode.file.reader import EpisodeFile
    from signoff_schemas.steps import AnyStep


def walk_in_order(file: EpisodeFile) -> Iterator[AnyStep | Edit]:
    """Yield what ``Episode.ordered`` yields, but lazily.

    Raises:
        DamagedError: some part is damaged; the steps before it have been yielded.
    """
    edits: Iterator[Edit] | None = None
    seq = 0
    for step in file.walk():
        if step.seq != seq:
            # Reading the edit table also refuses steps that are out of order.
            edits = file.edits.edits() if edits is None else edits
            yield from islice(edits, step.seq - seq)
        for reference in rows.blob_references((step,)):
            if reference >= len(file.blobs):
                raise DamagedError(f"a step names blob {reference} of {len(file.blobs)}")
        yield step
        seq = step.seq + 1
    yield from file.edits.edits() if edits is None else edits
