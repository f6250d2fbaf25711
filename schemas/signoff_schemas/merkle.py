"""The arithmetic of a Merkle tree as RFC 9162 has it (sections 2.1.1 to 2.1.4): pure functions.

Whoever keeps a tree and whoever checks a proof use this one module. A node is named by its
level (0: leaves) and its index on that level; only complete subtrees have a name, the ragged
right edge is made of them. Hashes are 32 bytes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    ReadNode = Callable[[int, int], bytes]
    """Level and index of a complete subtree to its hash."""

HASH_BYTES: Final = 32
MAX_PATH: Final = 64
"""No tree of ours is deeper: sizes stay below 2**53."""
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two nodes beside each other."""
    return hashlib.sha256(b"\1" + left + right).digest()


class CompactRange:
    """A growing tree as the roots of its complete subtrees, largest first: O(log n) of state."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        """Continue from a size and its peaks.

        Raises:
            ValueError: there are more or fewer peaks than a tree of this size has.
        """
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError("the number of peaks is not that of the size")

    def add(self, leaf: bytes) -> None:
        """Append one leaf, given as its hash."""
        level = self.size
        while level & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            level >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        return _joined(self.peaks)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaves that are all at hand, given as their hashes.

    Level by level, which is twice as fast as leaf by leaf: an odd one at the end goes up as it is.
    """
    level = list(leaves)
    while len(level) > 1:
        above = [
            hashlib.sha256(b"\1" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = above + level[len(above) * 2 :]
    return level[0] if level else EMPTY_ROOT


def tree_root(size: int, read: ReadNode) -> bytes:
    """Return the root of the first `size` leaves."""
    return _range(0, size, read) if size else EMPTY_ROOT


def inclusion_path(index: int, size: int, read: ReadNode) -> tuple[bytes, ...]:
    """Return the path of a leaf in the tree of a size, from the bottom (2.1.3.1).

    Raises:
        ValueError: there is no such leaf in it.
    """
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    path: list[bytes] = []
    first = 0
    while size > 1:
        half = _half(size)
        if index < half:
            path.append(_range(first + half, size - half, read))
            size = half
        else:
            path.append(_range(first, half, read))
            first, index, size = first + half, index - half, size - half
    return tuple(reversed(path))


def consistency_path(first: int, second: int, read: ReadNode) -> tuple[bytes, ...]:
    """Return the proof that a tree only grew from one size to another (2.1.4.1).

    Raises:
        ValueError: the first size is 0 or larger than the second.
    """
    if not 0 < first <= second:
        raise ValueError("the sizes are not those of a tree that grew")
    path: list[bytes] = []
    at, is_whole = 0, True
    while first != second:
        half = _half(second)
        if first <= half:
            path.append(_range(at + half, second - half, read))
            second = half
        else:
            path.append(_range(at, half, read))
            at, first, second, is_whole = at + half, first - half, second - half, False
    if not is_whole:
        path.append(_range(at, second, read))
    return tuple(reversed(path))


def proves_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether a path leads from a leaf (its hash) to the root of a tree (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(beside, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def proves_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Tell whether the tree of the second size begins with that of the first (2.1.4.2).

    A tree of size 0 is the beginning of every tree; that needs no path.
    """
    if first in (second, 0):
        same = first_root == (second_root if first else EMPTY_ROOT)
        return same and not path and (second > 0 or second_root == EMPTY_ROOT)
    if not (0 < first < second and path):
        return False
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _half(size: int) -> int:
    """Return the largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _range(first: int, count: int, read: ReadNode) -> bytes:
    """Return the root over `count` leaves from `first`, out of complete subtrees."""
    peaks: list[bytes] = []
    while count:
        level = count.bit_length() - 1
        peaks.append(read(level, first >> level))
        first, count = first + (1 << level), count - (1 << level)
    return _joined(peaks)


def _joined(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root
