"""Encodes columns that seldom change as runs of prediction residuals (format.md, 5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.columns import integers
from signoff_collector.episode.content import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column, EditTable

NAMES: Final = (
    "file",
    "buffer",
    "actor",
    "basis",
    "txn",
    "version",
    "cursor",
    "batch_ns",
    "task",
    "source",
    "evidence",
    "t_kind",
)
"""Columns that seldom change; each is two LEB128 arrays in the shape."""
_SUMMED: Final = frozenset({"txn", "version"})
"""Those of them that are delta-encoded."""
USUAL: Final = {"txn": 1, "task": NONE}
"""Expected stored value, 0 where not listed; a column that holds nothing else is left out."""
_UNKNOWN_VERSIONS: Final = (NONE, 0)
"""Stored deltas of a buffer without known versions: the first, all others."""


def joined_edits(txn: Column) -> NDArray[np.bool_]:
    """Return a mask of edits in the same transaction as the edit before."""
    joined = np.zeros(len(txn), bool)
    joined[1:] = (txn[1:] == txn[:-1]) & (txn[1:] != NONE)
    return joined


def encode(
    table: EditTable, order: Column, is_first: NDArray[np.bool_], joined: NDArray[np.bool_]
) -> dict[str, list[bytes]]:
    """Return the columns that differ from their expected value, as run values and run lengths.

    `order` and `is_first` are those of ``buffer_order``; `joined` is in order of time.

    Raises:
        ValueError: a number is larger than the format allows.
    """
    coded: dict[str, list[bytes]] = {}
    for name in NAMES:
        predicted = _predicted(table, name, order, is_first)
        if name == "txn":
            predicted = predicted[~joined]
        if _is_usual(name, predicted, is_first):
            continue
        run_values, lengths = integers.to_runs(predicted)
        if name in _SUMMED:
            _check_sums(name, run_values, lengths)
        stored = integers.zigzag(run_values)
        if len(lengths) <= 1:
            lengths = lengths[:0]
        coded[name] = [integers.to_leb(stored), integers.to_leb(lengths)]
    return coded


def _is_usual(name: str, predicted: Column, is_first: NDArray[np.bool_]) -> bool:
    """Say whether a slow column holds only its expected value, and is left out."""
    if name == "version":
        return np.array_equal(predicted, np.where(is_first, *_UNKNOWN_VERSIONS))
    return bool((predicted == USUAL.get(name, 0)).all())


def _predicted(table: EditTable, name: str, order: Column, is_first: NDArray[np.bool_]) -> Column:
    """Return a slow column as it is stored: the residuals of its prediction."""
    values: Column = getattr(table, name)
    match name:
        case "txn":
            return np.diff(values, prepend=0)
        case "version":
            return _differences(values[order] if is_first[1:].any() else values, is_first)
        case "cursor" if not values.size or int(values.max()) < 0:
            return np.broadcast_to(np.int64(0), values.shape)
        case "cursor":
            ends = table.start + table.inserted
            return np.where(values < 0, 0, integers.zigzag(values - ends) + 1)
        case _:
            return values


def _differences(values: Column, is_first: NDArray[np.bool_]) -> Column:
    differences = values.copy()
    differences[1:] -= values[:-1]
    firsts = np.flatnonzero(is_first)
    differences[firsts] = values[firsts]
    return differences


def decode(
    shape: Mapping[str, object], count: int, joined: int, limits: Mapping[str, int]
) -> dict[str, Column]:
    """Return the columns as stored, before predictions are undone; `version` if present.

    Args:
        shape: body of the chunk's shape.
        count: how many edits it has.
        joined: how many of them belong to the transaction of the edit before.
        limits: exclusive upper bound of some columns.

    Raises:
        ValueError: they contradict each other, or the limits.
    """
    slow = shape.get("slow", {})
    if not isinstance(slow, dict) or tuple(slow) != tuple(name for name in NAMES if name in slow):
        raise ValueError("the slow columns are not those of this version")
    read: dict[str, Column] = {}
    for name in NAMES:
        size = max(count - joined, 0) if name == "txn" else count
        if name not in slow:
            if name != "version":  # its expected value depends on where buffers begin
                read[name] = np.broadcast_to(np.int64(USUAL.get(name, 0)), (size,))
            continue
        values, lengths = _read_pair(name, slow[name])
        limit = limits.get(name)
        if limit is not None and values.size and not 0 <= values.min() <= values.max() < limit:
            raise ValueError(f"column {name} names something that is not there")
        if len(values) == 1 and len(lengths) == 0:
            lengths = np.array([size], np.int64)
        read[name] = integers.from_runs(values, lengths, size)
        if name in _SUMMED:
            _check_sums(name, values, lengths)
    return read


def _check_sums(name: str, values: Column, lengths: Column) -> None:
    """Refuse deltas, given as runs, that could add up to more than 53 bits."""
    if float((np.abs(values).astype(np.float64) * lengths).sum()) > integers.MAX_VALUE:
        raise ValueError(f"column {name} runs out of range")


def _read_pair(name: str, pair: object) -> tuple[Column, Column]:
    """Return the values and the lengths of the runs of one slow column."""
    if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(p, bytes) for p in pair)):
        raise ValueError(f"slow column {name} is not two byte strings")
    return integers.unzigzag(integers.from_leb(pair[0])), integers.from_leb(pair[1])


def undo_prediction(
    slow: dict[str, Column],
    whole: dict[str, Column],
    order: Column,
    is_first: NDArray[np.bool_],
    joined: NDArray[np.bool_],
) -> dict[str, Column]:
    """Return the slow columns as values: undo deltas and predictions."""
    made = dict(slow)
    made["txn"] = _read_txn(slow["txn"], joined)
    made["version"] = _read_versions(slow.get("version"), order, is_first)
    made["cursor"] = np.broadcast_to(np.int64(NONE), order.shape)
    known = slow["cursor"].nonzero()[0]
    if known.size:
        made["cursor"] = made["cursor"].copy()
        coded = slow["cursor"][known]
        if int(coded.min()) < 0:
            raise ValueError("column cursor holds a negative number")
        ends = whole["start"][known] + whole["inserted"][known]
        made["cursor"][known] = ends + integers.unzigzag(coded - 1)
    return made


def _read_txn(told: Column, joined: NDArray[np.bool_]) -> Column:
    if not joined.any():
        return np.cumsum(told)
    if joined[0] or len(told) != len(joined) - np.count_nonzero(joined):
        raise ValueError("column kinds joins edits that are not there")
    differences = np.zeros(len(joined), np.int64)
    differences[~joined] = told
    txn = np.cumsum(differences)
    if int(txn[joined].min()) < 0:
        raise ValueError("an edit is joined to none")
    return txn


def _read_versions(told: Column | None, order: Column, is_first: NDArray[np.bool_]) -> Column:
    if told is None:
        return np.broadcast_to(np.int64(NONE), order.shape)
    firsts = np.flatnonzero(is_first)
    if len(firsts) > 1:
        summed = np.cumsum(told)
        sizes = np.diff(np.append(firsts, len(summed)))
        summed -= np.repeat(summed[firsts] - told[firsts], sizes)
        versions = np.empty_like(summed)
        versions[order] = summed
        return versions
    if told[1:].any():
        return np.cumsum(told)
    return np.broadcast_to(told[0], order.shape) if len(firsts) else told
