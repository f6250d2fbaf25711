"""Count occurrences by what links them: characters in texts, neighbouring spans in strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_schemas.plan import FieldMask


def linked(runs: Iterable[Iterable[int]]) -> int:
    """Count the groups of runs of ids that are linked by common ids."""
    roots: dict[int, int] = {}

    def root(one: int) -> int:
        while roots.setdefault(one, one) != one:
            roots[one] = roots[roots[one]]
            one = roots[one]
        return one

    for run in runs:
        ids = iter(run)
        first = root(next(ids))
        for one in ids:
            roots[root(one)] = first
    return sum(root(one) == one for one in list(roots))


def apart(spans: Iterable[FieldMask]) -> int:
    """Count spans; those that touch in one string count once."""
    count, end = 0, (-1, "", -1)
    for span in sorted(spans, key=lambda one: (one.seq, one.field, one.start)):
        if end[:2] != (span.seq, span.field) or span.start > end[2]:
            count += 1
            end = (span.seq, span.field, span.start + span.length)
        else:
            end = (span.seq, span.field, max(end[2], span.start + span.length))
    return count
