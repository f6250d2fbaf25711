"""Run-length encodes edits relative to a predicted cursor (format.md, sections 5.1 to 5.3).

The predicted cursor of a buffer is the end of its last insert, or the position of its last
delete. Everything here is in buffer order: one buffer after the other, each by time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode import frames, zstd
from signoff_collector.episode.columns import integers, places
from signoff_collector.episode.replacing import Replacements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column

TYPED, ERASED, CUT, OTHER = 0, 1, 2, 3
"""Kinds of run: one character inserted; one deleted before the cursor, or after it; any."""
PUT, TAKEN, REPLACED = 3, 4, 5
"""OTHER is split in the file: nothing deleted; nothing inserted; anything else."""
KIND_COUNT: Final = 6
MAX_OFFSET: Final = 1 << 40
MIN_VALUES_FOR_GRAINS: Final = 32
MIN_JUMPS_FOR_PLACES: Final = 64
"""Shorter columns are not worth trying grains or positions on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Rows of equal edits as columns, in buffer order."""

    kind: Column
    length: Column
    jump: Column
    joined: NDArray[np.bool_]
    """Whether its first edit belongs to the transaction of the edit before it in time."""

    def starts(self) -> Column:
        """Return the index of each row's first edit, in buffer order."""
        return np.cumsum(self.length) - self.length

    def as_moves(
        self, removed: Column, inserted: Column, is_first: NDArray[np.bool_]
    ) -> places.Moves:
        """Return how each row moves the cursor; the columns are those of OTHER rows only."""
        is_other = self.kind == OTHER
        out = np.where(is_other | (self.kind == TYPED), 0, self.length)
        put = np.where(self.kind == TYPED, self.length, 0)
        out[is_other], put[is_other] = removed, inserted
        return places.Moves(
            is_first=is_first[self.starts()].tolist(),
            is_cut=(self.kind == CUT).tolist(),
            removed=out.tolist(),
            inserted=put.tolist(),
        )


def buffer_order(file: Column, buffer: Column) -> tuple[Column, NDArray[np.bool_]]:
    """Return edit indices sorted by buffer, and a mask of the first edit of each buffer."""
    count = len(file)
    first = np.zeros(count, bool)
    if count == 0:
        return np.zeros(0, np.int64), first
    first[0] = True
    if (file == file[0]).all() and (buffer == buffer[0]).all():
        return np.arange(count), first
    order = np.lexsort((buffer, file))
    sorted_file, sorted_buffer = file[order], buffer[order]
    first[1:] = (sorted_file[1:] != sorted_file[:-1]) | (sorted_buffer[1:] != sorted_buffer[:-1])
    return order, first


def find_runs(
    start: Column,
    deleted: Column,
    inserted: Column,
    is_first: NDArray[np.bool_],
    is_joined: NDArray[np.bool_],
) -> Runs:
    """Group edits, given in buffer order, into rows; a joined edit begins a new row."""
    count = len(start)
    distance = start + deleted
    cursor = start + inserted
    # A buffer begins with its cursor at 0. The index -1, of the first buffer, hits the last
    # edit, whose cursor predicts nothing.
    cursor[np.flatnonzero(is_first) - 1] = 0
    distance[1:] -= cursor[:-1]
    del cursor
    kind = np.full(count, OTHER, np.int8)
    kind[(deleted == 0) & (inserted == 1)] = TYPED
    one_out = (deleted == 1) & (inserted == 0)
    kind[one_out] = ERASED
    kind[one_out & (distance == 1)] = CUT
    jump = distance
    jump[kind == CUT] = 0
    breaks = is_first | (jump != 0) | (kind == OTHER) | is_joined
    breaks[1:] |= kind[1:] != kind[:-1]
    starts = np.flatnonzero(breaks)
    length = np.diff(np.append(starts, count))
    return Runs(
        kind=kind[starts].astype(np.int64),
        length=length,
        jump=jump[starts],
        joined=is_joined[starts],
    )


def encoded_kinds(runs: Runs, removed: Column, inserted: Column) -> Column:
    """Return the kinds as the file stores them; the columns are those of OTHER rows only."""
    kinds = runs.kind.copy()
    finer = np.full(len(removed), REPLACED)
    finer[(removed == 0) & (inserted > 0)] = PUT
    finer[(removed > 0) & (inserted == 0)] = TAKEN
    kinds[kinds == OTHER] = finer
    return kinds


def encode_jumps(
    runs: Runs, moves: places.Moves, *, is_placed: bool | None
) -> tuple[NDArray[np.uint8], Column]:
    """Return position indices and the remaining jumps; no indices where they save little.

    Decoding them costs some microseconds per row, so they must save a tenth of the bytes.
    `is_placed` says what another writer chose, None that it is to be chosen.
    """
    jumps = runs.jump[runs.jump != 0]
    if len(jumps) < MIN_JUMPS_FOR_PLACES or is_placed is False:
        return np.zeros(0, np.uint8), jumps
    numbers = places.encode(moves, runs.jump.tolist())
    if not numbers.any():
        return np.zeros(0, np.uint8), jumps
    missed = jumps[numbers == 0]
    if is_placed:
        return numbers, missed
    told = _size_of(missed) + len(frames.compress(numbers.tobytes()))
    if told > _size_of(jumps) * 9 // 10:
        return np.zeros(0, np.uint8), jumps
    return numbers, missed


def _size_of(jumps: Column) -> int:
    values = integers.zigzag(jumps) - 1
    symbols, bits = integers.split_sizes(values, best_grain(values))
    return len(frames.compress(symbols.tobytes())) + (bits + 7) // 8


def best_grain(values: Column, chosen: int | None = None) -> int:
    """Return the grain with the smallest compressed size; the lowest one on a tie.

    `chosen` is what another writer chose, where there is a choice.
    """
    if len(values) < MIN_VALUES_FOR_GRAINS or not values.any():
        return integers.GRAINS[0]
    if chosen is not None:
        return chosen
    sizes: dict[int, int] = {}
    for grain in integers.GRAINS:
        symbols, bits = integers.split_sizes(values, grain)
        sizes[grain] = zstd.quick_size(symbols.tobytes()) + (bits + 7) // 8
    return min(sizes, key=lambda grain: (sizes[grain], grain))


def read_runs(
    told: Column,
    numbers: dict[str, Column],
    place_numbers: NDArray[np.uint8],
    is_first: NDArray[np.bool_],
) -> Runs:
    """Decode the rows; `numbers` come from ``with_lengths``.

    Raises:
        ValueError: the columns contradict each other.
    """
    count = len(is_first)
    for name in ("jumps", "removed", "inserted"):
        if integers.total(numbers[name]) > MAX_OFFSET:
            raise ValueError("an edit lies beyond any text")
    kind, jumped = np.minimum(told >> 2, OTHER), (told & 1) == 1
    length = np.ones(len(kind), np.int64)
    jump = np.zeros(len(kind), np.int64)
    put(length, kind == TYPED, numbers["typed"] + 1, "typed")
    put(length, (kind == ERASED) | (kind == CUT), numbers["erased"] + 1, "erased")
    if integers.total(length) != count:
        raise ValueError(f"the runs do not add up to {count} edits")
    jumps = integers.unzigzag(numbers["jumps"] + 1)
    runs = Runs(kind=kind, length=length, jump=jump, joined=(told & 2) == 2)
    if len(place_numbers):
        moves = runs.as_moves(numbers["removed"], numbers["inserted"], is_first)
        jumps = places.decode(moves, jumped.tolist(), place_numbers.tolist(), jumps.tolist())
    put(jump, jumped, jumps, "jumps")
    return runs


def with_lengths(told: Column, numbers: dict[str, Column]) -> dict[str, Column]:
    """Return the columns with `removed` and `inserted` filled in for every OTHER row.

    Raises:
        ValueError: they do not fit the kinds.
    """
    kind = (told >> 2)[told >> 2 >= OTHER]
    whole = dict(numbers)
    for name, without in (("removed", PUT), ("inserted", TAKEN)):
        whole[name] = np.zeros(len(kind), np.int64)
        put(whole[name], kind != without, numbers[name], name)
    return whole


def expected_counts(told: Column, is_placed: int) -> dict[str, int]:
    """Return the length of each per-row column, which follows from the kinds."""
    kind = told >> 2
    counts = np.bincount(kind, minlength=KIND_COUNT).tolist()
    return {
        "typed": counts[TYPED],
        "erased": counts[ERASED] + counts[CUT],
        "jumps": int(np.count_nonzero(told & 1)) - is_placed,
        "removed": counts[TAKEN] + counts[REPLACED],
        "inserted": counts[PUT] + counts[REPLACED],
    }


def replacements_of(runs: Runs, start: Column, deleted: Column, inserted: Column) -> Replacements:
    """Return one replacement per row of a single buffer; the columns are its edits'."""
    firsts = runs.starts()
    ends = firsts + runs.length
    low = np.where(runs.kind == ERASED, start[ends - 1], start[firsts])
    is_other = runs.kind == OTHER
    removed = np.where(runs.kind == TYPED, 0, runs.length)
    put_in = np.where(runs.kind == TYPED, runs.length, 0)
    removed[is_other], put_in[is_other] = deleted[firsts[is_other]], inserted[firsts[is_other]]
    return Replacements(
        first=np.append(firsts, len(start)),
        start=low,
        stop=low + removed,
        text_start=np.concatenate(([0], np.cumsum(put_in))),
        is_backward=runs.kind == ERASED,
    )


def put(target: Column, where: NDArray[np.bool_], values: Column, name: str) -> None:
    """Write `values` where the mask `where` is set.

    Raises:
        ValueError: their count differs from the mask's; `name` is the column to blame.
    """
    places = np.flatnonzero(where)
    if len(places) != len(values):
        raise ValueError(f"column {name} holds {len(values)} numbers, not {len(places)}")
    target[places] = values


def replay_cursor(
    runs: Runs, numbers: dict[str, Column], is_first: NDArray[np.bool_]
) -> tuple[Column, Column, Column]:
    """Return start, deleted and inserted length of every edit, in buffer order.

    Raises:
        ValueError: an edit lies outside of any possible text.
    """
    if integers.total(np.abs(runs.jump)) > 2 * MAX_OFFSET:
        raise ValueError("an edit lies beyond any text")
    kind = np.repeat(runs.kind.astype(np.int8), runs.length)
    count = len(kind)
    is_cut = kind == CUT
    distance = is_cut.astype(np.int64)
    distance[runs.starts()] += runs.jump
    inserted = (kind == TYPED).astype(np.int64)
    deleted = (is_cut | (kind == ERASED)).astype(np.int64)
    put(deleted, kind == OTHER, numbers["removed"], "removed")
    put(inserted, kind == OTHER, numbers["inserted"], "inserted")
    # The cursor after an edit is the cursor before + distance - deleted + inserted, so one
    # cumulative sum gives all cursors. It is restarted at 0 for each buffer; the start of an
    # edit is then its cursor less the inserted length.
    start = distance
    start -= deleted
    start += inserted
    np.cumsum(start, out=start)
    firsts = np.flatnonzero(is_first)[1:]
    if len(firsts):
        sizes = np.diff(np.append(firsts, count))
        start[firsts[0] :] -= np.repeat(start[firsts - 1], sizes)
    start -= inserted
    if count and int(start.min()) < 0:
        raise ValueError("an edit lies before the start of its text")
    return start, deleted, inserted


def struck_edits(runs: Runs, order: Column, is_first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask of edits whose typed character the next row erases (format.md, 5.4)."""
    starts = runs.starts()
    follows = (runs.kind == ERASED) & (runs.jump == 0) & ~is_first[starts]
    follows[1:] &= runs.kind[:-1] == TYPED
    at = np.flatnonzero(follows)
    lost = np.minimum(runs.length[at], runs.length[at - 1])
    is_struck = np.zeros(len(order), bool)
    places = np.repeat(starts[at] - np.cumsum(lost), lost) + np.arange(int(lost.sum()))
    is_struck[order[places]] = True
    return is_struck
