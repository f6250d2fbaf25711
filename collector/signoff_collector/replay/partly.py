"""Salvage the playable part of a damaged episode; incomplete texts are never shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from signoff_collector.episode.content import EditTable, Episode
from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.rows import blob_references
from signoff_collector.episode.file.upgrade import upgraded
from signoff_collector.episode.uncollected import uncollected
from signoff_collector.replay.reel import Reel
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_schemas.steps import AnyStep

T = TypeVar("T")
_LOST: Final = b"\xff lost"
"""Replaces a lost blob. It is no valid text, so that nothing is shown for it."""
_LEAST_BLOB_BYTES: Final = 16
"""A frame takes more: magic number, header, checksum and the array in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partly:
    """A reel, and the damage of the file it was read from."""

    reel: Reel
    damages: tuple[DamagedError, ...] = ()


def read_reel(data: bytes) -> Partly:
    """Return the playable part of an episode's bytes.

    From a damaged file, a text is shown only if all data that it is made of is intact: without the
    steps there are no edits, and a text whose initial state is lost is reported as lost.

    Raises:
        DamagedError: not even its header can be read, or a step names a content beyond all that a
            file of this size can hold.
        NewerVersionError: a newer release wrote it.
    """
    file = EpisodeFile(upgraded(data))
    with uncollected():
        try:
            reel = Reel(file.episode(), faults=tuple(map(str, file.faults)))
        except DamagedError as error:
            return _what_is_left(file, error, len(data))
    return Partly(reel=reel, damages=tuple(file.faults))


def _what_is_left(file: EpisodeFile, first: DamagedError, size_bytes: int) -> Partly:
    header, files = file.header, file.files
    no_steps: tuple[AnyStep, ...] = ()
    no_blobs: tuple[bytes, ...] = ()
    steps = _or(lambda: file.steps, no_steps)
    edits = _or(lambda: file.edits, EditTable.empty()) if steps else EditTable.empty()
    blobs = _or(lambda: file.blobs, no_blobs)
    needed = max((reference + 1 for reference in blob_references(steps)), default=0)
    if needed * _LEAST_BLOB_BYTES > size_bytes:
        raise first  # such a number is no lost content: no file of this size ever held it
    padded = (*blobs, *[_LOST] * (needed - len(blobs)))
    damages = tuple(file.damages()) or (first,)
    faults = tuple(map(str, damages))
    left = Episode(header=header, files=files, steps=steps, edits=edits, blobs=padded)
    try:
        reel = Reel(left, faults=faults)
    except DamagedError:
        reel = Reel(replace(left, edits=EditTable.empty()), faults=faults)
    return Partly(reel=reel, damages=damages)


def _or(read: Callable[[], T], otherwise: T) -> T:
    try:
        return read()
    except DamagedError:
        return otherwise
