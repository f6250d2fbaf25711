"""The tree's arithmetic against the recursive text of RFC 9162 and against pymerkle."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle.hasher import MerkleHasher

from signoff_schemas.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    proves_consistency,
    proves_inclusion,
    root_of,
    tree_root,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = st.integers(1, 140)


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


def mth(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + mth(leaves[:half]) + mth(leaves[half:])).digest()


def node_reader(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    def read(level: int, index: int) -> bytes:
        part = leaves[index << level : (index + 1) << level]
        assert len(part) == 1 << level, "a subtree that is not complete was asked for"
        return mth(part)

    return read


@given(size=st.integers(0, 300))
def test_the_compact_range_has_the_root_of_the_definition(size: int) -> None:
    leaves = leaves_of(size)
    tree = CompactRange()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root() == root_of(leaves) == mth(leaves) == tree_root(size, node_reader(leaves))
    assert CompactRange(size, tree.peaks).root() == tree.root()


def test_a_range_with_other_peaks_than_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="peaks"):
        CompactRange(5, leaves_of(3))


@given(size=SIZES, data=st.data())
def test_a_path_proves_its_leaf_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    path, root = inclusion_path(index, size, node_reader(leaves)), mth(leaves)
    assert proves_inclusion(leaves[index], index, size, path, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index or size == 1))
    if size > 1:
        assert not proves_inclusion(leaves[other], index, size, path, root)
        assert not proves_inclusion(leaves[index], other, size, path, root)
        cut = data.draw(st.integers(0, len(path) - 1))
        assert not proves_inclusion(leaves[index], index, size, path[:cut], root)
        changed = [*path[:cut], node_hash(path[cut], b""), *path[cut + 1 :]]
        assert not proves_inclusion(leaves[index], index, size, changed, root)
    assert not proves_inclusion(leaves[index], index, size, [*path, root], root)
    assert not proves_inclusion(leaves[index], size, size, path, root)
    assert not proves_inclusion(leaves[index], index, size, path, leaf_hash(root))


@given(first=st.integers(0, 140), more=st.integers(0, 140), data=st.data())
def test_consistency_holds_for_what_grew_and_for_nothing_else(
    first: int, more: int, data: st.DataObject
) -> None:
    second = first + more
    leaves = leaves_of(second)
    old, new = mth(leaves[:first]), mth(leaves)
    path = consistency_path(first, second, node_reader(leaves)) if first else ()
    assert proves_consistency(first, old, second, new, path)
    assert not proves_consistency(first, leaf_hash(old), second, new, path)
    assert not proves_consistency(first, old, second, new, [*path, new])
    if more and first:
        assert not proves_consistency(first, old, second, leaf_hash(new), path)
        assert not proves_consistency(second, new, first, old, path)
        cut = data.draw(st.integers(0, len(path) - 1))
        assert not proves_consistency(first, old, second, new, path[:cut])
        changed = [*path[:cut], leaf_hash(path[cut]), *path[cut + 1 :]]
        assert not proves_consistency(first, old, second, new, changed)


def test_what_cannot_be_proven_is_refused_and_the_empty_tree_begins_every_tree() -> None:
    read = node_reader(leaves_of(4))
    for index, size in ((4, 4), (-1, 4), (0, 0)):
        with pytest.raises(ValueError, match="not in the tree"):
            inclusion_path(index, size, read)
    for first, second in ((0, 4), (5, 4)):
        with pytest.raises(ValueError, match="grew"):
            consistency_path(first, second, read)
    assert proves_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, ())
    assert not proves_consistency(0, EMPTY_ROOT, 0, leaf_hash(b""), ())


@settings(max_examples=25)
@given(size=SIZES, data=st.data())
def test_pymerkle_has_the_same_roots_and_paths(size: int, data: st.DataObject) -> None:
    contents = [b"%d" % number for number in range(size)]
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for content in contents:
        theirs.append_entry(content)
    read = node_reader(leaves_of(size))
    assert theirs.get_root() == tree_root(size, read)
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    proof = theirs.prove_inclusion(index + 1, size)  # they count from 1
    assert tuple(proof.path[1:]) == inclusion_path(index, size, read)
    pymerkle.verify_inclusion(leaf_hash(contents[index]), tree_root(size, read), proof)
    grown = theirs.prove_consistency(first, size)
    pymerkle.verify_consistency(tree_root(first, read), tree_root(size, read), grown)
    assert MerkleHasher("sha256").hash_buff(b"0") == leaf_hash(b"0")
