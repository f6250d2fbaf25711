"""Text of one step, as the search reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)  # positional: thousands of them
class StepText:
    """The text of one step."""

    seq: int
    t_ns: int
    kind: str
    path: str | None
    texts: tuple[str, ...]
