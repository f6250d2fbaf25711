"""Encodes steps other than edits as MessagePack rows, and decodes them (format.md, section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgpack  # type: ignore[import-untyped]
import numpy as np

from signoff_collector.episode.columns import integers
from signoff_collector.episode.columns.times import MAX_NS, MILLISECOND_NS
from signoff_collector.episode.frames import (
    ValueReader,
    pack,
    pack_array_header,
    packer,
    unpack,
    unpacker,
)
from signoff_schemas.cases import as_cases
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import AnyStep, TestsStep, parse_step

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

_KIND: Final = pack("kind")
ROWS_PER_FRAME: Final = 65_536
ROW_BYTES_PER_FRAME: Final = 1_900_000
"""Most bytes of a frame of rows; a larger row has a frame of its own.

Below `frames.MAX_VALUES`, so that a reader need not count the values of such a frame.
"""


def encode(steps: Sequence[AnyStep]) -> Iterator[bytes]:
    """Yield the packed body of each frame of rows: deltas of seq, deltas of time in ms, maps.

    Fields at their default are left out; ``kind`` is always the first key. Memory is limited
    to the packed rows of one frame.

    Raises:
        ValueError: times run backwards.
    """
    packed = packer()
    held: list[AnyStep] = []
    maps: list[bytes] = []
    size = 0
    for step in steps:
        row = packed(fields_of(step))
        if held and (len(held) == ROWS_PER_FRAME or size + len(row) > ROW_BYTES_PER_FRAME):
            yield _body(held, maps)
            held, maps, size = [], [], 0
        held.append(step)
        maps.append(row)
        size += len(row)
    if held:
        yield _body(held, maps)


def _body(steps: Sequence[AnyStep], maps: list[bytes]) -> bytes:
    seq = np.array([step.seq for step in steps], np.int64)
    times = np.array([step.t_ns for step in steps], np.int64) // MILLISECOND_NS
    waits = np.diff(times, prepend=0)
    if waits.size and int(waits.min()) < 0:
        raise ValueError("times run backwards")
    numbers = [pack(integers.to_leb(np.diff(seq, prepend=0))), pack(integers.to_leb(waits))]
    return b"".join([pack_array_header(3), *numbers, pack_array_header(len(maps)), *maps])


def fields_of(step: AnyStep) -> dict[str, object]:
    """Return the map of one step as stored in a file, ``kind`` first."""
    if isinstance(step, TestsStep):
        dumped = _with_cases(step)
    else:
        dumped = step.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for name in ("seq", "t_ns", "kind"):
        dumped.pop(name, None)
    return {"kind": step.kind, **dumped}


def _with_cases(step: TestsStep) -> dict[str, object]:
    """Return what `model_dump` would, which copies each case once more: half of its time."""
    dumped = step.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"cases"})
    if step.cases:
        dumped["cases"] = list(as_cases(step.cases).rows())
    return {name: dumped[name] for name in TestsStep.model_fields if name in dumped}


def maps(body: object) -> Iterator[tuple[int, int, dict[str, object]]]:
    """Yield `seq`, `t_ns` and fields of the steps in a decoded body; fields are not validated.

    Raises:
        ValueError: the body is not what ``encode`` makes.
    """
    if not (isinstance(body, list) and len(body) == 3 and isinstance(body[2], list)):
        raise ValueError("rows are not two byte strings and a list")
    places, moments = _numbers(body[0], body[1], len(body[2]))
    for place, moment, fields in zip(places, moments, body[2], strict=True):
        if not isinstance(fields, dict) or not isinstance(fields.get("kind"), str):
            raise ValueError(f"step {place} is not a map with a kind")  # noqa: TRY004
        if fields["kind"] == "edit":
            raise ValueError(f"step {place} is an edit among the rows")
        yield place, moment, fields


def chosen(
    body: object, kinds: Container[str] = ()
) -> Iterator[tuple[int, int, dict[str, object] | None]]:
    """Yield what ``scan`` yields, from a body that is already decoded.

    Raises:
        ValueError: the body is not what ``encode`` makes.
    """
    for place, moment, fields in maps(body):
        yield place, moment, fields if str(fields["kind"]) in kinds else None


def scan(
    content: bytes, kinds: Container[str] = ()
) -> Iterator[tuple[int, int, dict[str, object] | None]]:
    """Yield `seq`, `t_ns` and, for some kinds, fields of the steps in one frame's content.

    Unwanted rows are skipped without being decoded: in a day with 120,000 test results the
    other steps are read in a tenth of the time.

    Args:
        content: the decompressed frame, `[kind, name, version, body]`.
        kinds: kinds whose fields are wanted; fields of others are None.

    Raises:
        ValueError: it is not what ``encode`` makes.
    """
    reader = unpacker(content)
    try:
        if reader.read_array_header() != 4:
            raise ValueError("rows are not in an array of four")
        for _ in range(3):
            reader.skip()
        if reader.read_array_header() != 3:
            raise ValueError("rows are not three things")
        gaps, waits = unpack(_next(reader, content)), unpack(_next(reader, content))
        places, moments = _numbers(gaps, waits, reader.read_array_header())
        for place, moment in zip(places, moments, strict=True):
            begin = reader.tell()
            is_chosen = _pass_over(reader, content) in kinds
            yield place, moment, _fields_in(content[begin : reader.tell()]) if is_chosen else None
    except (msgpack.UnpackException, UnicodeDecodeError) as error:
        raise ValueError(f"rows cannot be read: {type(error).__name__}") from error


def _pass_over(reader: ValueReader, content: bytes) -> str:
    """Skip the next step; return its kind."""
    size = reader.read_map_header()
    name, kind = (_next(reader, content), _next(reader, content)) if size else (b"", b"")
    found = unpack(kind) if name == _KIND else None
    if not isinstance(found, str):
        raise ValueError("a step does not begin with its kind")  # noqa: TRY004
    for _ in range(2 * (size - 1)):
        reader.skip()
    return found


def _next(reader: ValueReader, content: bytes) -> bytes:
    """Skip the next value; return its bytes, not decoded."""
    begin = reader.tell()
    reader.skip()
    return content[begin : reader.tell()]


def _fields_in(content: bytes) -> dict[str, object]:
    """Decode one step's map, with the same checks as for a whole frame."""
    fields = unpack(content)
    if not isinstance(fields, dict):
        raise ValueError("a step is no map")  # noqa: TRY004
    return fields


def _numbers(gaps: object, waits: object, count: int) -> tuple[list[int], list[int]]:
    """Return `seq` and `t_ns` of all rows of a frame."""
    if not (isinstance(gaps, bytes) and isinstance(waits, bytes)):
        raise ValueError("rows are not two byte strings and a list")  # noqa: TRY004
    seq, times = integers.from_leb(gaps), integers.from_leb(waits)
    if not len(seq) == len(times) == count <= ROWS_PER_FRAME:
        raise ValueError(f"{len(seq)} numbers, {len(times)} times and {count} rows")
    if integers.total(seq) > integers.MAX_VALUE:
        raise ValueError("a step's number is out of range")
    if integers.total(times) * MILLISECOND_NS > MAX_NS:
        raise ValueError("a step's time is out of range")
    return np.cumsum(seq).tolist(), (np.cumsum(times) * MILLISECOND_NS).tolist()


def decode(body: object) -> Iterator[AnyStep]:
    """Yield the steps of one frame's body.

    Raises:
        ValueError: the body is not what ``encode`` makes.
    """
    for place, moment, fields in maps(body):
        yield made(place, moment, fields)


def made(seq: int, t_ns: int, fields: Mapping[str, object]) -> AnyStep:
    """Return the step of one row.

    Raises:
        ValueError: its fields are not those of its kind.
    """
    try:
        return parse_step({**fields, "seq": seq, "t_ns": t_ns})
    except DamagedError as error:
        raise ValueError(f"step {seq}: {error}") from error


def blob_references(steps: Sequence[AnyStep]) -> set[int]:
    """Return the ordinals of all blobs that steps name."""
    found: set[int] = set()
    for step in steps:
        fields = _all_of(step)
        own = fields.get("blob")
        if isinstance(own, int):
            found.add(own)
        for name in ("disk", "changed"):
            items = fields.get(name)
            for item in items if isinstance(items, list | tuple) else ():
                inner = getattr(item, "blob", None)
                if isinstance(inner, int):
                    found.add(inner)
    return found


def _all_of(step: AnyStep) -> dict[str, object]:
    """Return a step's fields, unknown ones included; ten times as fast as attribute access."""
    return {**vars(step), **step.model_extra} if step.model_extra else vars(step)
