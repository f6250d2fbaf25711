"""Krippendorff's alpha: how far labellers agree beyond chance.

After Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability": pairs of values within
units, against pairs of all values; any number of labellers, any of them silent on some units.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from signoff_schemas.labels import Measure


def alpha(units: Iterable[Sequence[Hashable]], measure: Measure) -> float | None:
    """Return alpha; None where fewer than two values can be paired, or all of them are the same.

    Args:
        units: the values that labellers gave to each unit; who gave which does not matter. Units
            with fewer than two values say nothing. Numbers, but for `nominal`.
        measure: how far apart two values are.
    """
    paired = [Counter(values) for values in units if len(values) > 1]
    totals: Counter[Hashable] = Counter()
    for counts in paired:
        totals.update(counts)
    count = totals.total()
    values = _in_order(totals, measure)
    if count < 2 or len(values) < 2:
        return None
    far = _distances(values, [totals[value] for value in values], measure)
    place = {value: number for number, value in enumerate(values)}
    observed = sum(_within(counts, place, far) / (counts.total() - 1) for counts in paired)
    expected = _within(totals, place, far)
    return 1 - (count - 1) * observed / expected if expected else None


def _in_order(totals: Counter[Hashable], measure: Measure) -> list[Hashable]:
    if measure == "nominal":
        return list(totals)
    numbers = [value for value in totals if isinstance(value, int | float)]
    return [*sorted(numbers)]


def _within(
    counts: Counter[Hashable],
    place: Mapping[Hashable, int],
    far: Callable[[int, int], float],
) -> float:
    """Return the sum of the distances of all ordered pairs."""
    held = [(place[value], count) for value, count in counts.items()]
    return sum(
        first * second * far(one, other)
        for one, first in held
        for other, second in held
        if one != other
    )


def _distances(
    values: Sequence[Hashable], counts: Sequence[int], measure: Measure
) -> Callable[[int, int], float]:
    """Return the squared distance between two values, by their places in order."""
    numbers = [float(value) if isinstance(value, int | float) else 0.0 for value in values]
    until = [0, *accumulate(counts)]

    def ordinal(one: int, other: int) -> float:
        low, high = min(one, other), max(one, other)
        between = until[high + 1] - until[low]
        return (between - (counts[low] + counts[high]) / 2) ** 2

    def interval(one: int, other: int) -> float:
        return (numbers[one] - numbers[other]) ** 2

    def ratio(one: int, other: int) -> float:
        whole = numbers[one] + numbers[other]
        return ((numbers[one] - numbers[other]) / whole) ** 2 if whole else 0.0

    match measure:
        case "nominal":
            return lambda _one, _other: 1.0
        case "ordinal":
            return ordinal
        case "interval":
            return interval
        case "ratio":
            return ratio
        case _:
            assert_never(measure)
