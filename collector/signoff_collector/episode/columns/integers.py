"""Encodes columns of integers as bytes (format.md, section 4).

Two codings: LEB128 for short columns, and split exp-Golomb for long ones: a symbol of one
byte per value, which zstd compresses well, and the remaining low bits uncompressed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column

FINE_SYMBOLS: Final = 192
"""Symbols below this hold exponent and top bits of a value, the others only its exponent."""
GRAINS: Final = (1, 2, 3, 4, 5, 6)
"""How many top bits a fine symbol may carry."""
MAX_VALUE: Final = (1 << 53) - 1
"""Largest integer that every reader holds exactly (JavaScript numbers are doubles)."""
_BLOCK: Final = 1 << 15
_EXACT_AS_FLOAT: Final = 1 << 53
_FLOAT_FRACTION_BITS: Final = 52
_FLOAT_BIAS: Final = 1023


def zigzag(values: Column) -> Column:
    """Map 0, -1, 1, -2 … to 0, 1, 2, 3 and so on."""
    return (values << 1) ^ (values >> 63)


def unzigzag(values: Column) -> Column:
    """Undo ``zigzag``."""
    return (values >> 1) ^ -(values & 1)


def to_leb(values: Column) -> bytes:
    """Return unsigned LEB128 bytes of values from 0 up to MAX_VALUE.

    Raises:
        ValueError: a value is larger.
    """
    if values.size and int(values.max()) > MAX_VALUE:
        raise ValueError("a number has more than 53 bits")
    out = bytearray()
    for value in values.tolist():
        rest = value
        while rest > 0x7F:
            out.append(rest & 0x7F | 0x80)
            rest >>= 7
        out.append(rest)
    return bytes(out)


def from_leb(content: bytes) -> Column:
    """Return the values of LEB128 bytes.

    Raises:
        ValueError: a value does not end, or has more than 53 bits.
    """
    raw = np.frombuffer(content, np.uint8)
    if raw.size == 0:
        return np.zeros(0, np.int64)
    ends = np.flatnonzero(raw < 0x80)
    if ends.size == 0 or ends[-1] != raw.size - 1:
        raise ValueError("the last number does not end")
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    if int(lengths.max()) > 9:
        raise ValueError("a number has more than 53 bits")
    values = np.zeros(len(ends), np.int64)
    for place in range(int(lengths.max())):
        has = lengths > place
        values[has] |= (raw[starts[has] + place].astype(np.int64) & 0x7F) << (7 * place)
    if int(values.max()) > MAX_VALUE:
        raise ValueError("a number has more than 53 bits")
    return values


def _exponents(values: Column) -> Column:
    """Return the position of the highest set bit of values from 1 to 2**61.

    Values below 2**53 convert to a double exactly, so its exponent field is the answer.
    """
    if values.size and int(values.max()) < _EXACT_AS_FLOAT:
        bits = values.astype(np.float64).view(np.int64)
        bits >>= _FLOAT_FRACTION_BITS
        bits -= _FLOAT_BIAS
        return bits
    found = np.zeros(len(values), np.int64)
    rest = values.copy()
    for shift in (32, 16, 8, 4, 2, 1):
        large = rest >> shift > 0
        found[large] += shift
        rest[large] >>= shift
    return found


def split(values: Column, grain: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the symbols, and the remaining low bits as one array of 0 and 1.

    A value v is encoded as v + 2**grain, so its highest bit e is at least `grain`. Fine
    symbols encode e and the next `grain` bits; where e is too large for them, a symbol
    from FINE_SYMBOLS on encodes e alone. Works block by block, to limit memory.
    """
    symbols: list[NDArray[np.uint8]] = []
    low: list[NDArray[np.uint8]] = []
    for block in _blocks(values):
        found, lifted, width = _split_block(block, grain)
        symbols.append(found)
        low.append(_low_bits(lifted, width))
    return np.concatenate(symbols), np.concatenate(low)


def split_sizes(values: Column, grain: int) -> tuple[NDArray[np.uint8], int]:
    """Return the symbols of ``split``, and the number of low bits, without making the bits."""
    symbols: list[NDArray[np.uint8]] = []
    bits = 0
    for block in _blocks(values):
        found, _, width = _split_block(block, grain)
        symbols.append(found)
        bits += int(width.sum())
    return np.concatenate(symbols), bits


def _blocks(values: Column) -> list[Column]:
    return [values[at : at + _BLOCK] for at in range(0, max(len(values), 1), _BLOCK)]


def _split_block(values: Column, grain: int) -> tuple[NDArray[np.uint8], Column, Column]:
    """Return symbols, the values plus 2**grain, and the number of low bits of each."""
    lifted = values + (1 << grain)
    exponents = _exponents(lifted)
    groups = FINE_SYMBOLS >> grain
    fine = exponents - grain < groups
    width = np.where(fine, exponents - grain, exponents)
    top = (lifted >> width) - np.where(fine, 1 << grain, 1)
    symbols = np.where(
        fine, ((exponents - grain) << grain) + top, FINE_SYMBOLS + exponents - grain - groups
    )
    return symbols.astype(np.uint8), lifted, width


def _low_bits(values: Column, width: Column) -> NDArray[np.uint8]:
    total = int(width.sum())
    if not total:
        return np.zeros(0, np.uint8)
    has = width > 0
    values, width = values[has], width[has]
    ends = np.cumsum(width)
    shift = np.repeat(ends, width) - 1 - np.arange(total)
    return ((np.repeat(values, width) >> shift) & 1).astype(np.uint8)


@lru_cache(maxsize=len(GRAINS))
def _tables(grain: int) -> tuple[NDArray[np.uint8], Column]:
    """Return for each symbol the number of its low bits, and the least value it encodes."""
    symbols = np.arange(256, dtype=np.int64)
    groups = FINE_SYMBOLS >> grain
    fine = symbols < FINE_SYMBOLS
    width = np.where(fine, symbols >> grain, symbols - FINE_SYMBOLS + grain + groups)
    top = np.where(fine, (symbols & ((1 << grain) - 1)) + (1 << grain), 1)
    least = np.left_shift(top, np.minimum(width, 60 - grain), dtype=np.int64) - (1 << grain)
    return width.astype(np.uint8), least


def bit_widths(symbols: NDArray[np.uint8], grain: int) -> NDArray[np.uint8]:
    """Return the number of low bits that belong to each symbol.

    Raises:
        ValueError: a symbol encodes more than 60 bits, which int64 arithmetic cannot decode.
    """
    if not symbols.any():
        return symbols
    width = _tables(grain)[0][symbols]
    if width.size and int(width.max()) + grain > 60:
        raise ValueError("a number has more than 53 bits")
    return width


def join(
    symbols: NDArray[np.uint8], width: NDArray[np.uint8], bits: NDArray[np.uint8], grain: int
) -> Column:
    """Return the values from symbols and low bits; the inverse of ``split``.

    Raises:
        ValueError: one has more than 53 bits.
    """
    if not symbols.any():
        return np.broadcast_to(np.int64(0), symbols.shape)
    values = _tables(grain)[1][symbols]
    has = np.flatnonzero(width)
    if has.size:
        widths = width[has].astype(np.int64)
        ends = np.cumsum(widths)
        shift = np.repeat(ends, widths) - 1 - np.arange(int(ends[-1]))
        weighed = bits.astype(np.int64) << shift
        values[has] += np.add.reduceat(weighed, ends - widths)
    if int(values.max()) > MAX_VALUE:
        raise ValueError("a number has more than 53 bits")
    return values


def to_runs(values: Column) -> tuple[Column, Column]:
    """Run-length encode: return the value and the length of each run of equal neighbours."""
    if values.size == 0:
        return values, values
    breaks = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return values[breaks], np.diff(np.append(breaks, len(values)))


def from_runs(values: Column, lengths: Column, count: int) -> Column:
    """Decode runs into `count` values.

    Raises:
        ValueError: the runs do not add up to `count`.
    """
    if len(values) == len(lengths) == 1 and int(lengths[0]) == count:
        return np.broadcast_to(values[0], (count,))
    if len(values) != len(lengths) or total(lengths) != count:
        raise ValueError(f"runs do not add up to {count} values")
    return np.repeat(values, lengths)


def total(values: Column) -> int:
    """Return the exact sum, or 2**62 where the int64 sum could overflow."""
    if values.size == 0:
        return 0
    rough = float(values.astype(np.float64).sum())
    return int(values.sum()) if abs(rough) < float(1 << 60) else 1 << 62
