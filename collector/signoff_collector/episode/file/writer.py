"""Writes an episode as bytes, deterministically for one set of library versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode import frames
from signoff_collector.episode.columns import columns
from signoff_collector.episode.file import layout, parts, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from signoff_collector.episode.columns.coding import Coding
    from signoff_collector.episode.content import EditTable, Episode

BLOB_FRAME_BYTES: Final = 1 << 20
"""Blobs share a frame up to this size; a larger one has a frame of its own."""
NO_EVIDENCE: Final[list[list[str]]] = [[]]
"""Default evidence sets, which the header leaves out."""


def write_episode(episode: Episode) -> bytes:
    """Return the bytes of an episode file.

    Cost: about 1 µs per edit, most of it compression.

    Raises:
        ValueError: numbers of steps are not 0, 1, 2 …, times run backwards, or a limit
            of the format is exceeded; such an episode is a bug in its maker.
    """
    entries: list[layout.FrameEntry] = []
    written = [layout.head()]
    at = layout.HEAD_BYTES
    for kind, name, data in arranged(episode, parts.Content.compressed):
        entries.append(layout.FrameEntry(kind=kind, name=name, offset=at, length=len(data)))
        written.append(data)
        at += len(data)
    index = frames.compress(layout.index_array(entries))
    return b"".join([*written, index, layout.tail(at, index)])


def arranged(
    episode: Episode,
    finish: Callable[[parts.Content], parts.Finished],
    codings: Sequence[Coding] | None = None,
) -> Iterator[parts.Finished]:
    """Yield what `finish` makes of the content of every frame but the index, in their order.

    Args:
        episode: what is written.
        finish: called with each content once; no more than one large one is held at a time.
        codings: what another writer of it chose, per chunk of edits.

    Raises:
        ValueError: as of ``write_episode``, or there are more chunks than codings.
    """
    _check_numbers(episode)
    return parts.together(_arrays(episode, codings), finish)


def _check_numbers(episode: Episode) -> None:
    numbers = (np.array([step.seq for step in episode.steps], np.int64), episode.edits.seq)
    is_taken = np.zeros(episode.step_count, bool)
    for taken in numbers:
        if taken.size and not 0 <= int(taken.min()) <= int(taken.max()) < len(is_taken):
            break
        is_taken[taken] = True
    if not is_taken.all():
        raise ValueError("steps and edits are not numbered 0, 1, 2 … without a gap")
    if any((taken[1:] < taken[:-1]).any() for taken in numbers):
        raise ValueError("steps or edits are not in the order of their numbers")
    if len(episode.edits) > columns.MAX_EDITS:
        raise ValueError(f"{len(episode.edits)} edits; the format allows {columns.MAX_EDITS}")


def _arrays(episode: Episode, codings: Sequence[Coding] | None) -> Iterator[parts.Content]:
    yield parts.array("header", "", header_body(episode))
    for number, body in enumerate(rows.encode(episode.steps)):
        yield parts.rows_array(number, body)
    for number, chunk in enumerate(_chunks(episode.edits)):
        if codings is not None and number >= len(codings):
            raise ValueError(f"its edits are in {len(codings)} chunks, which are too few")
        coding = codings[number] if codings is not None else None
        yield from parts.chunk_arrays(number, columns.encode(chunk, coding))
    for name, blobs in _blob_arrays(episode.blobs):
        yield parts.blob_array(name, blobs)


def header_body(episode: Episode) -> dict[str, object]:
    """Return the body of the header frame."""
    body: dict[str, object] = {
        "header": episode.header.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        "files": list(episode.files),
    }
    evidence = [list(names) for names in episode.edits.evidence_sets]
    if evidence != NO_EVIDENCE:
        body["evidence"] = evidence
    return body


def _chunks(edits: EditTable) -> Iterator[EditTable]:
    """Yield the whole table, or chunks of it when it is too large for one."""
    is_small = (
        len(edits) <= columns.SINGLE_CHUNK_EDITS and len(edits.text) <= columns.CHUNK_CHARACTERS
    )
    if is_small:
        if len(edits):
            yield edits
        return
    at = 0
    while at < len(edits):
        full = at + columns.CHUNK_EDITS
        limit = int(edits.text_starts[at]) + columns.CHUNK_CHARACTERS
        fitting = int(np.searchsorted(edits.text_starts, limit, side="right")) - 1
        stop = max(at + 1, min(full, fitting))
        yield edits.select(slice(at, stop))
        at = stop


def _blob_arrays(blobs: tuple[bytes, ...]) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the ordinal of the first blob of each frame, and its blobs."""
    first, held, size = 0, list[bytes](), 0
    for number, blob in enumerate(blobs):
        if held and size + len(blob) > BLOB_FRAME_BYTES:
            yield str(first), held
            first, held, size = number, [], 0
        held.append(blob)
        size += len(blob)
    if held:
        yield str(first), held
