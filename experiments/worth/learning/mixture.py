"""A character model of order five, mixed half and half with one of the prompt's own characters.

Both back off by Witten and Bell's method C: after a context that was seen N times, followed by T
different characters, the next shorter context has the weight T / (N + T). Below the empty context
every Unicode code point is as likely as any other, so an unseen character has a share too and all
of them together sum to 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Symbols: TypeAlias = NDArray[np.int64]
    Shares: TypeAlias = NDArray[np.float64]

ORDER: Final = 5
CODE_POINTS: Final = 0x110000


class Counts:
    """How often each symbol followed each context of up to `order` symbols."""

    def __init__(self, symbols: Symbols, order: int, universe: int) -> None:
        """Count one symbol or more; `universe` is how many different ones there could be."""
        self._universe = universe
        self._alphabet, at = np.unique(symbols, return_inverse=True)
        self._tables: list[tuple[Symbols, Symbols, Symbols, Symbols]] = []
        context, contexts = np.zeros(len(at), np.int64), 1
        for _ in range(min(order + 1, len(at))):
            keys, ranks, seen = np.unique(
                context * len(self._alphabet) + at, return_inverse=True, return_counts=True
            )
            owner = keys // len(self._alphabet)
            total = np.bincount(owner, seen, contexts).astype(np.int64)
            self._tables.append((keys, seen, total, np.bincount(owner, minlength=contexts)))
            # A context and the symbol behind it are the next longer context, of the next position.
            context, contexts, at = ranks[:-1], len(keys), at[1:]

    def shares(self, symbols: Symbols) -> Shares:
        """Return the share of each symbol after the ones before it in this row."""
        at = _find(self._alphabet, symbols)
        share = np.full(len(symbols), 1 / self._universe)
        context = np.zeros(len(symbols), np.int64)
        for keys, seen, total, kinds in self._tables:
            key = np.where((context >= 0) & (at >= 0), context * len(self._alphabet) + at, -1)
            rank = _find(keys, key)
            count = np.where(rank >= 0, seen[rank], 0)
            sums = np.where(context >= 0, total[context], 0)
            variety = kinds[context]
            backed = (count + variety * share) / np.maximum(sums + variety, 1)
            share = np.where(sums > 0, backed, share)
            context = np.concatenate([[-1], rank[:-1]])
        return share

    def escape(self, before: Symbols) -> float:
        """Return the share of all symbols together that were never counted, after these."""
        each = float(self.shares(np.append(before, -1))[-1])
        return each * (self._universe - len(self._alphabet))


def symbols_of(text: str) -> Symbols:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)


def trained(text: str) -> Counts:
    """Return the model of an arm's training text."""
    return Counts(symbols_of(text), ORDER, CODE_POINTS)


def asked(model: Counts, prompts: Sequence[str], targets: Sequence[str]) -> Shares:
    """Return the share of every character of every target, one after the other."""
    tails = [prompt[-ORDER:] for prompt in prompts]
    row = symbols_of("".join([a + b for a, b in zip(tails, targets, strict=True)]))
    lengths = [(len(a), len(b)) for a, b in zip(tails, targets, strict=True)]
    is_target = np.concatenate([np.repeat([False, True], pair) for pair in lengths])
    return model.shares(row)[is_target]


def of_prompts(prompts: Sequence[str], targets: Sequence[str]) -> Shares:
    """Return the same by models of nothing but each prompt's own characters."""
    shares = [
        trained(prompt).shares(symbols_of(prompt[-ORDER:] + target))[len(prompt[-ORDER:]) :]
        for prompt, target in zip(prompts, targets, strict=True)
    ]
    return np.concatenate(shares)


def bits(one: Shares, other: Shares, targets: Sequence[str]) -> list[float]:
    """Return the bits of each target by the mean of two shares of each of its characters."""
    each = -np.log2((one + other) / 2)
    begins = np.cumsum([0, *[len(target) for target in targets[:-1]]])
    return [float(value) for value in np.add.reduceat(each, begins)]


def _find(keys: Symbols, wanted: Symbols) -> Symbols:
    """Return the place of each value in sorted keys, -1 where it is missing."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)
