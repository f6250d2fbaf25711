"""What stands together in a frame (format.md, section 3).

A frame of its own costs some 40 bytes, with its entry in the index. So small arrays share
one, and the small columns of a chunk stand in its shape. Where neighbours have nothing in
common, zstd begins a new block, which costs 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.episode import columns, frames, layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

COLUMN_BYTES: Final = 4096
"""A column that takes no more, before compression, stands in the shape of its chunk."""
PART_BYTES: Final = 8192
"""An array that takes no more, before compression, shares a frame with others."""
PARTS_BYTES: Final = 1 << 16
"""A frame of parts ends before it would hold more."""
BLOCK_BYTES: Final = 64
"""From here on a column may have a block of its own."""
_ORDERED: Final = frozenset({"rows", "blob"})
"""Kinds whose arrays are read one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one frame is to hold, packed."""

    kind: str
    name: str
    packed: bytes
    boundaries: tuple[int, ...] = ()
    """Where what comes has nothing in common with what was."""
    is_column: bool = False
    """Whether it is a large column, which never shares a frame."""

    def compressed(self) -> bytes:
        """Return the frame: with blocks at the boundaries, or without where that is smaller."""
        whole = frames.compress(self.packed)
        if not self.boundaries:
            return whole
        return min(whole, frames.compress(self.packed, self.boundaries), key=len)


def array(kind: str, name: str, body: object) -> Content:
    """Return the content of a frame with one array."""
    return Content(kind=kind, name=name, packed=_packed(kind, name, body))


def _packed(kind: str, name: str, body: object) -> bytes:
    return frames.pack([kind, name, layout.FRAME_VERSION, body])


def chunk_arrays(number: int, coded: columns.Columns) -> Iterator[Content]:
    """Yield the arrays of a chunk of edits: its shape, with small columns, and large columns."""
    inner = {n: s for n, s in coded.streams.items() if len(s) <= COLUMN_BYTES}
    shape = {**coded.shape}
    if inner:
        sizes = [len(inner.get(name, b"")) for name in columns.NAMES]
        shape |= {"sizes": sizes, "data": b"".join(inner.values())}
    packed = _packed("col", f"{number}/shape", shape)
    yield Content(
        kind="col",
        name=f"{number}/shape",
        packed=packed,
        boundaries=tuple(_boundaries(len(packed), list(inner.values()))),
    )
    for name, stream in coded.streams.items():
        if name not in inner:
            place = f"{number}/{name}"
            yield Content(
                kind="col", name=place, packed=_packed("col", place, stream), is_column=True
            )


def _boundaries(end: int, streams: Sequence[bytes]) -> Iterator[int]:
    """Yield where columns begin that stand at the end of an array, and where the last ends."""
    at = end - sum(map(len, streams))
    is_alike = True
    for stream in streams:
        if len(stream) >= BLOCK_BYTES or not is_alike:
            yield at
        is_alike = len(stream) < BLOCK_BYTES
        at += len(stream)


def streams_of(shape: Mapping[str, object]) -> dict[str, bytes]:
    """Return the columns that stand in a shape.

    Raises:
        ValueError: sizes and data do not fit each other.
    """
    sizes, data = shape.get("sizes", []), shape.get("data", b"")
    if (
        not isinstance(sizes, list)
        or not isinstance(data, bytes)
        or len(sizes) != (len(columns.NAMES) if "sizes" in shape else 0)
        or any(type(size) is not int or size < 0 for size in sizes)
        or sum(sizes) != len(data)
    ):
        raise ValueError("the sizes of columns do not fit their data")
    found: dict[str, bytes] = {}
    at = 0
    for name, size in zip(columns.NAMES, sizes, strict=False):
        if size:
            found[name] = data[at : at + size]
            at += size
    return found


def together(arrays: Iterable[Content]) -> Iterator[Content]:
    """Yield what each frame holds: the small arrays first, put together, then the large ones.

    Rows and blobs stay in their order: what follows a large one of its kind is not put together.
    """
    held: list[Content] = []
    large: list[Content] = []
    ordered: set[str] = set()
    number = 0
    for content in arrays:
        is_large = content.is_column or len(content.packed) > PART_BYTES
        if is_large or content.kind in ordered:
            large.append(content)
            ordered |= {content.kind} & _ORDERED
            continue
        if sum(len(c.packed) for c in held) + len(content.packed) > PARTS_BYTES:
            yield _parts(str(number), held)
            held, number = [], number + 1
        held.append(content)
    if held:
        yield _parts(str(number), held)
    yield from large


def _parts(name: str, contents: Sequence[Content]) -> Content:
    head = _packed(layout.PARTS, name, None)[:-1]  # without nil, its last byte
    head += frames.pack_array_header(len(contents))
    boundaries: list[int] = []
    at = len(head)
    for content in contents:
        boundaries += [at + boundary for boundary in content.boundaries]
        at += len(content.packed)
    packed = head + b"".join(content.packed for content in contents)
    return Content(kind=layout.PARTS, name=name, packed=packed, boundaries=tuple(boundaries))
