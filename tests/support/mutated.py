"""Episode files changed in one place, with an index and a tail that fit, as a forger would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signoff_collector.episode import frames
from signoff_collector.episode.file import layout
from signoff_collector.episode.file.reader import EpisodeFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class HeldFrame:
    """One frame of a file, compressed and not."""

    kind: str
    name: str
    data: bytes
    content: bytes


def held_frames(data: bytes) -> list[HeldFrame]:
    """Return the frames of a whole file, the index left out."""
    found: list[HeldFrame] = []
    for entry in EpisodeFile(data).frames:
        frame = data[entry.offset : entry.offset + entry.length]
        found.append(HeldFrame(entry.kind, entry.name, frame, frames.decompress(frame)))
    return found


def file_of(
    held: Sequence[HeldFrame],
    *,
    between: bytes = b"",
    change_index: Callable[[bytes], bytes] = lambda content: content,
) -> bytes:
    """Return a file with these frames; `between` stands before the index, which does not say so."""
    entries: list[layout.FrameEntry] = []
    at = layout.HEAD_BYTES
    for frame in held:
        length = len(frame.data)
        entries.append(
            layout.FrameEntry(kind=frame.kind, name=frame.name, offset=at, length=length)
        )
        at += length
    index = frames.compress(change_index(layout.index_array(entries)))
    body = b"".join(frame.data for frame in held) + between
    return b"".join([layout.head(), body, index, layout.tail(at + len(between), index)])


def with_content(frame: HeldFrame, content: bytes) -> HeldFrame:
    """Return the frame with another content, compressed as a writer does."""
    return replace(frame, content=content, data=frames.compress(content))


def with_data(frame: HeldFrame, data: bytes) -> HeldFrame:
    """Return the frame with other compressed bytes."""
    return replace(frame, data=data)


def same_contents(first: bytes, second: bytes) -> bool:
    """Say whether two files differ in nothing but how zstd compressed their frames.

    Compared are kinds, names and decompressed bytes, read without the strict check; the
    lengths in the index follow from the compressed frames.
    """
    ours, others = held_frames(first), held_frames(second)
    return [(f.kind, f.name, f.content) for f in ours] == [
        (f.kind, f.name, f.content) for f in others
    ]
