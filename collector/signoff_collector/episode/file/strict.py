"""Checks that a file is canonical, before it is signed, verified or sent.

Reading and writing it again must give the same bytes. So it can hide nothing: no third
skippable frame, no blob without a step, no duplicate key, no bytes after the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.episode.file import rows
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode


def strict_check(data: bytes) -> Episode:
    """Return the episode in `data`, which must be its canonical encoding.

    Raises:
        DamagedError: reading and writing it again gives other bytes, or a blob is not
            referred to by any step. Bytes made by another release of zstd may differ
            although the content is the same; the message says how to tell.
        NewerVersionError: a newer release wrote it.
    """
    episode = read_episode(data)
    if episode.header.origin == "shared" and episode.header.started_wall_ns is not None:
        raise DamagedError("the shared file tells the time of day, which no review lets out")
    unseen = sorted(set(range(len(episode.blobs))) - rows.blob_references(episode.steps))
    if unseen:
        raise DamagedError(f"blob {unseen[0]} belongs to no step ({len(unseen)} such blobs)")
    try:
        again = write_episode(episode)
    except ValueError as error:
        raise DamagedError(f"the content cannot be written again: {error}") from error
    if again != data:
        at = next(
            (i for i, (a, b) in enumerate(zip(data, again, strict=False)) if a != b),
            min(len(data), len(again)),
        )
        raise DamagedError(
            f"the file is not in its one canonical form: byte {at} differs when it is"
            " written again",
            hint="It was changed after sealing, or made with other versions than its header"
            " names; review and sign it with this release.",
            offset_bytes=at,
        )
    return episode
