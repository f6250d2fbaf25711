"""Shingles: every run of n tokens of a text, as one 64-bit number each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_datasets.similarity.tokens import blind, hashed, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_datasets.similarity.tokens import Hashes

SHINGLE_TOKENS: Final = 6
"""Tokens of a shingle of blind tokens; measured in benchmarks/near_copies.py."""
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)


def shingles(texts: Iterable[str]) -> Hashes:
    """Return the shingles of some texts, each once, in order; none lies across two texts."""
    found = [
        runs(hashed([blind(token) for token in tokens(text)]), SHINGLE_TOKENS) for text in texts
    ]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint64)


def runs(numbers: Hashes, length: int) -> Hashes:
    """Return a number for each run of `length` numbers, by their place."""
    count = len(numbers) - length + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    made = np.zeros(count, np.uint64)
    for place in range(length):
        made = made * _BASE + numbers[place : place + count]
    return mixed(made)


def mixed(numbers: Hashes) -> Hashes:
    """Spread 64-bit numbers evenly (the finaliser of SplitMix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
