"""The list of checks of an episode beyond its terms: each gives a reason to leave it out, or None.

A new check is a line here and its reasons in docs/datasets.md. What lies in several episodes at
once (splits, near-duplicates, k) is asked by `planning`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_datasets.screening.terms import Agreed
    from signoff_schemas.dataset import Request

    Check = Callable[[Agreed, Request], str | None]

CHECKS: Final[tuple[tuple[str, Check], ...]] = ()
"""Name and function, in the order in which they are asked."""


def left_out_because(
    one: Agreed, request: Request, checks: tuple[tuple[str, Check], ...] = CHECKS
) -> str | None:
    """Return the reason of the first check that has one, or None."""
    for _, check in checks:
        reason = check(one, request)
        if reason is not None:
            return reason
    return None
