"""Packs small arrays together into shared frames (format.md, section 3).

A frame of its own costs some 40 bytes, with its entry in the index. So small arrays share
one, and the small columns of a chunk are stored inside its shape; all columns, when it has
few edits. Between data of different kinds zstd begins a new block, which costs 3 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, cast

from signoff_collector.episode import frames
from signoff_collector.episode.columns import columns
from signoff_collector.episode.file import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Finished = TypeVar("Finished")

COLUMN_BYTES: Final = 4096
"""Columns up to this size, before compression, are stored inside the shape of their chunk."""
FEW_EDITS: Final = 4096
"""In chunks of up to so many edits, columns up to PART_BYTES are stored inside the shape."""
PART_BYTES: Final = 1 << 15
"""Arrays up to this size, before compression, share a frame."""
PARTS_BYTES: Final = 1 << 16
"""Most content of a shared frame, before compression."""
BLOCK_BYTES: Final = 64
"""Columns from this size on get a zstd block of their own; for shorter ones it costs more."""
_ORDERED: Final = frozenset({"rows", "blob"})
"""Kinds whose arrays readers concatenate, so their order in the file matters."""


class Frame(NamedTuple):
    """One compressed frame as written to the file."""

    kind: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One packed array, before compression."""

    kind: str
    name: str
    packed: bytes
    boundaries: tuple[int, ...] = ()
    """Offsets at which the data changes in kind: candidates for new zstd blocks."""
    is_column: bool = False
    """Whether it is a large column, which never shares a frame."""

    def compressed(self) -> Frame:
        """Compress with and without blocks at the boundaries; return the smaller frame."""
        data = frames.compress(self.packed)
        boundaries = [place for place in self.boundaries if place < len(self.packed)]
        if boundaries:
            data = min(data, frames.compress(self.packed, boundaries), key=len)
        return Frame(self.kind, self.name, data)


def array(kind: str, name: str, body: object) -> Content:
    """Return the content of a frame with one array."""
    return Content(kind=kind, name=name, packed=_packed(kind, name, body))


def rows_array(number: int, body: bytes) -> Content:
    """Return the content of a frame of rows, whose body is packed already."""
    head = _packed("rows", str(number), None)[:-1]  # without nil, its last byte
    return Content(kind="rows", name=str(number), packed=head + body)


def blob_array(name: str, blobs: list[bytes]) -> Content:
    """Return the content of a frame of blobs; a block boundary separates it from other arrays."""
    packed = _packed("blob", name, blobs)
    return Content(kind="blob", name=name, packed=packed, boundaries=(len(packed),))


def _packed(kind: str, name: str, body: object) -> bytes:
    return frames.pack([kind, name, layout.FRAME_VERSION, body])


def chunk_arrays(number: int, coded: columns.Columns) -> Iterator[Content]:
    """Yield the arrays of a chunk of edits: the shape with small columns inside, then the rest."""
    most = PART_BYTES if cast("int", coded.shape["edits"]) <= FEW_EDITS else COLUMN_BYTES
    inner = {n: s for n, s in coded.streams.items() if len(s) <= most}
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
            yield _column(f"{number}/{name}", stream)


def _column(name: str, stream: bytes) -> Content:
    packed = _packed("col", name, stream)
    begin = len(packed) - len(stream)
    return Content(kind="col", name=name, packed=packed, boundaries=(begin,), is_column=True)


def _boundaries(end: int, streams: Sequence[bytes]) -> Iterator[int]:
    """Yield block boundaries between the columns at the end of an array.

    Runs of columns shorter than `BLOCK_BYTES` share a block.
    """
    at = end - sum(map(len, streams))
    is_alike = True
    for stream in streams:
        if len(stream) >= BLOCK_BYTES or not is_alike:
            yield at
        is_alike = len(stream) < BLOCK_BYTES
        at += len(stream)


def streams_of(shape: Mapping[str, object]) -> dict[str, bytes]:
    """Return the columns stored inside a shape.

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


def together(
    arrays: Iterable[Content], finish: Callable[[Content], Finished]
) -> Iterator[Finished]:
    """Yield what `finish` makes of each frame: shared ones of small arrays first, then large ones.

    Rows and blobs keep their order: after a large one of its kind, an array shares no frame.
    Blobs come first in a shared frame: zstd looks twice at the beginning of a frame, and blobs
    are most of it, which saves 40 bytes.
    """
    held: list[Content] = []
    large: list[Finished] = []
    ordered: set[str] = set()
    number = 0
    for content in arrays:
        is_large = content.is_column or len(content.packed) > PART_BYTES
        if is_large or content.kind in ordered:
            large.append(finish(content))  # now, so that one at most is held uncompressed
            ordered |= {content.kind} & _ORDERED
            continue
        if sum(len(c.packed) for c in held) + len(content.packed) > PARTS_BYTES:
            yield finish(_parts(str(number), held))
            held, number = [], number + 1
        held.append(content)
    if held:
        yield finish(_parts(str(number), held))
    yield from large


def _parts(name: str, held: Sequence[Content]) -> Content:
    contents = sorted(held, key=lambda content: content.kind != "blob")
    head = _packed(layout.PARTS, name, None)[:-1]  # without nil, its last byte
    head += frames.pack_array_header(len(contents))
    boundaries: list[int] = []
    at = len(head)
    for content in contents:
        boundaries += [at + boundary for boundary in content.boundaries]
        at += len(content.packed)
    packed = head + b"".join(content.packed for content in contents)
    return Content(kind=layout.PARTS, name=name, packed=packed, boundaries=tuple(boundaries))
