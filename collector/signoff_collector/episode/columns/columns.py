"""Encodes a table of edits as byte columns, and decodes it (format.md, section 5).

The position of an edit is stored relative to a predicted cursor: the end of the last
insert in that buffer, or the position of the last delete. Consecutive edits of one kind at
the predicted position are run-length encoded as one row. Deleted text is not stored, since
replay gives it. Struck characters (erased right after they were typed) are moved to the end
of the text column: the rest is continuous text, which compresses better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from signoff_collector.episode.columns import integers, slow_columns, times
from signoff_collector.episode.columns.coding import Coding
from signoff_collector.episode.columns.runs import (
    CUT,
    ERASED,
    KIND_COUNT,
    OTHER,
    PUT,
    TAKEN,
    TYPED,
    best_grain,
    buffer_order,
    encode_jumps,
    encoded_kinds,
    expected_counts,
    find_runs,
    put,
    read_runs,
    replacements_of,
    replay_cursor,
    struck_edits,
    with_lengths,
)
from signoff_collector.episode.content import EditTable, decode_text, encode_text
from signoff_schemas.words import ACTOR_CLASSES, BASES, TIME_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column

ACTOR_COUNT, BASIS_COUNT, TIME_KIND_COUNT = len(ACTOR_CLASSES), len(BASES), len(TIME_KINDS)
CHUNK_EDITS: Final = 65_536
CHUNK_CHARACTERS: Final = 16 << 20
"""Most inserted characters per chunk, so that the text column fits one frame."""
SINGLE_CHUNK_EDITS: Final = 1 << 20
MAX_EDITS: Final = 1 << 22

GRAINED: Final = ("typed", "erased", "jumps", "removed", "inserted", "within", "between")
"""Split columns (section 4): symbols here, low bits in the column ``bits``, in this order."""
NAMES: Final = ("kinds", "places", *GRAINED, "bits", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """One chunk of edits as bytes."""

    shape: dict[str, object]
    """Count, time unit, grains, slow columns."""
    streams: dict[str, bytes]
    """The columns of ``NAMES``; empty ones are left out."""


def encode(table: EditTable, coding: Coding | None = None) -> Columns:
    """Return the columns of a table; about 0.5 µs per edit before compression.

    Args:
        table: the edits.
        coding: what another writer chose; without it, what compresses best is chosen.
    """
    order, is_first = buffer_order(table.file, table.buffer)
    joined = slow_columns.joined_edits(table.txn)
    slow = slow_columns.encode(table, order, is_first, joined)
    start, deleted, inserted = table.start, table.deleted, table.inserted
    if is_first[1:].any():
        start, deleted, inserted = start[order], deleted[order], inserted[order]
    runs = find_runs(start, deleted, inserted, is_first, joined[order])
    other = np.repeat(runs.kind, runs.length) == OTHER
    begins = np.zeros(len(table), bool)
    begins[order[runs.starts()]] = True
    unit_ns, steps = times.to_steps(table.t_ns)
    moves = runs.as_moves(deleted[other], inserted[other], is_first)
    is_placed = coding.is_placed if coding is not None else None
    place_numbers, jumps = encode_jumps(runs, moves, is_placed=is_placed)
    told = encoded_kinds(runs, deleted[other], inserted[other])
    finer = told[told >= OTHER]
    numbers = {
        "typed": runs.length[runs.kind == TYPED] - 1,
        "erased": runs.length[(runs.kind == ERASED) | (runs.kind == CUT)] - 1,
        "jumps": integers.zigzag(jumps) - 1,  # a jump is never 0
        "removed": deleted[other][finer != PUT],
        "inserted": inserted[other][finer != TAKEN],
        "within": steps[~begins],
        "between": steps[begins],
    }
    streams, grains = _pack_numbers(numbers, coding)
    streams["places"] = place_numbers.tobytes()
    # One byte per row: the kind, 2 when joined, 1 when the cursor jumped (format.md, section 5).
    bytes_of_kinds = told * 4 + runs.joined * 2 + (runs.jump != 0)
    streams["kinds"] = bytes_of_kinds.astype(np.uint8).tobytes()
    struck = struck_edits(runs, order, is_first)
    streams["text"] = encode_text(_move_struck(table, struck))
    shape: dict[str, object] = {"edits": len(table)}
    if unit_ns != times.UNITS_NS[0]:
        shape["unit_ns"] = unit_ns
    if set(grains.values()) != {integers.GRAINS[0]}:
        shape["grains"] = [grains[name] for name in GRAINED]
    if slow:
        shape["slow"] = slow
    return Columns(
        shape=shape, streams={name: streams[name] for name in NAMES if streams.get(name)}
    )


def decode(
    columns: Columns,
    seq: Column,
    evidence_sets: tuple[tuple[str, ...], ...],
    limits: Mapping[str, int] | None = None,
) -> EditTable:
    """Return the table that columns describe; `seq` holds the step number of each edit.

    `limits` gives the exclusive upper bound of some slow columns.

    Raises:
        ValueError: the columns contradict each other.
    """
    shape, streams = columns.shape, columns.streams
    count, grains = _checked_shape(shape)
    if len(seq) != count:
        raise ValueError(f"the shape says {count} edits, the steps leave room for {len(seq)}")
    told = np.frombuffer(streams.get("kinds", b""), np.uint8).astype(np.int64)
    if told.size and int(told.max()) >= 4 * KIND_COUNT:
        raise ValueError("column kinds holds an unknown kind")
    slow = slow_columns.decode(shape, count, int(np.count_nonzero(told & 2)), limits or {})
    order, is_first = buffer_order(slow["file"], slow["buffer"])
    place_numbers = np.frombuffer(streams.get("places", b""), np.uint8)
    placed = int(np.count_nonzero(place_numbers))
    expected = expected_counts(told, placed)
    expected |= {"within": count - len(told), "between": len(told)}
    numbers = with_lengths(told, _unpack_numbers(streams, grains, expected))
    runs = read_runs(told, numbers, place_numbers, is_first)
    start, deleted, inserted = replay_cursor(runs, numbers, is_first)
    begins = np.zeros(count, bool)
    begins[order[runs.starts()]] = True
    whole: dict[str, Column] = {
        "seq": seq,
        "t_ns": _read_times(numbers, begins, shape),
        "start": start,
        "deleted": deleted,
        "inserted": inserted,
    }
    replacements = None
    if count and not is_first[1:].any():
        replacements = replacements_of(runs, start, deleted, inserted)
    else:
        for name in ("start", "deleted", "inserted"):
            in_time = np.empty(count, np.int64)
            in_time[order] = whole[name]
            whole[name] = in_time
    joined = np.zeros(count, bool)
    joined[order[runs.starts()[runs.joined]]] = True
    whole |= slow_columns.undo_prediction(slow, whole, order, is_first, joined)
    struck = struck_edits(runs, order, is_first)
    text = _place_struck(decode_text(streams.get("text", b"")), whole["inserted"], struck)
    return EditTable.from_columns(
        whole, text, evidence_sets=evidence_sets, replacements=replacements
    )


def _code_points(text: str) -> NDArray[np.unsignedinteger]:
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _as_text(points: NDArray[np.unsignedinteger]) -> str:
    if points.dtype == np.uint8:
        return points.tobytes().decode("ascii")
    return points.tobytes().decode("utf-32-le", "surrogatepass")


def _move_struck(table: EditTable, struck: NDArray[np.bool_]) -> str:
    points = _code_points(table.text)
    last = np.zeros(len(points), bool)
    last[table.text_starts[:-1][struck]] = True
    return _as_text(np.concatenate((points[~last], points[last])))


def _place_struck(stored: str, inserted: Column, struck: NDArray[np.bool_]) -> str:
    if integers.total(inserted) != len(stored):
        raise ValueError(
            f"the text has {len(stored)} characters, the edits need {integers.total(inserted)}"
        )
    if not struck.any():
        return stored
    points = _code_points(stored)
    last = np.zeros(len(points), bool)
    last[(np.cumsum(inserted) - inserted)[struck]] = True
    clean = len(points) - int(np.count_nonzero(last))
    placed = np.empty(len(points), points.dtype)
    placed[~last] = points[:clean]
    placed[last] = points[clean:]
    return _as_text(placed)


def coding_of(coded: Columns) -> Coding:
    """Return what the writer of a chunk chose.

    Raises:
        ValueError: its shape is none.
    """
    return Coding(grains=_checked_shape(coded.shape)[1], is_placed="places" in coded.streams)


def _pack_numbers(
    numbers: dict[str, Column], coding: Coding | None
) -> tuple[dict[str, bytes], dict[str, int]]:
    streams: dict[str, bytes] = {}
    grains: dict[str, int] = {}
    bits: list[NDArray[np.uint8]] = []
    for name in GRAINED:
        values = numbers[name]
        grains[name] = best_grain(values, coding.grains[name] if coding is not None else None)
        if values.any():
            symbols, low = integers.split(values, grains[name])
            streams[name] = symbols.tobytes()
            bits.append(low)
    streams["bits"] = np.packbits(np.concatenate([np.zeros(0, np.uint8), *bits])).tobytes()
    return streams, grains


def _unpack_numbers(
    streams: Mapping[str, bytes], grains: dict[str, int], expected: Mapping[str, int]
) -> dict[str, Column]:
    """Return the split columns; a missing one is all zeros, of the expected length."""
    bits = np.unpackbits(np.frombuffer(streams.get("bits", b""), np.uint8))
    numbers: dict[str, Column] = {}
    at = 0
    for name in GRAINED:
        if name not in streams:
            numbers[name] = np.broadcast_to(np.int64(0), (max(expected[name], 0),))
            continue
        symbols = np.frombuffer(streams[name], np.uint8)
        width = integers.bit_widths(symbols, grains[name])
        need = int(width.sum(dtype=np.int64))
        if at + need > len(bits):
            raise ValueError("column bits is too short")
        numbers[name] = integers.join(symbols, width, bits[at : at + need], grains[name])
        at += need
    if (at + 7) // 8 * 8 != len(bits) or bits[at:].any():
        raise ValueError("column bits is too long")
    return numbers


def _read_times(
    numbers: dict[str, Column], begins: NDArray[np.bool_], shape: Mapping[str, object]
) -> Column:
    within, between = numbers["within"], numbers["between"]
    if len(within) + len(between) == len(begins) and not within.any() and not between.any():
        return np.broadcast_to(np.int64(0), begins.shape)
    unit_ns = cast("int", shape.get("unit_ns", times.UNITS_NS[0]))
    steps = np.zeros(len(begins), np.int64)
    put(steps, ~begins, numbers["within"], "within")
    put(steps, begins, numbers["between"], "between")
    return times.from_steps(steps, unit_ns)


def _checked_shape(shape: Mapping[str, object]) -> tuple[int, dict[str, int]]:
    count, unit = shape.get("edits"), shape.get("unit_ns", times.UNITS_NS[0])
    grains = shape.get("grains", [integers.GRAINS[0]] * len(GRAINED))
    if type(count) is not int or not 0 <= count <= SINGLE_CHUNK_EDITS:
        raise ValueError("the shape says no possible number of edits")
    if (
        not isinstance(grains, list)
        or len(grains) != len(GRAINED)
        or any(type(g) is not int or g not in integers.GRAINS for g in grains)
    ):
        raise ValueError("the shape holds no possible grains")
    if type(unit) is not int or unit not in times.UNITS_NS:
        raise ValueError("the shape holds no possible unit of time")
    return count, dict(zip(GRAINED, grains, strict=True))
