"""What one step says, as a search looks through it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)  # positional: thousands of them
class Saying:
    """The words of one step."""

    seq: int
    t_ns: int
    kind: str
    path: str | None
    texts: tuple[str, ...]
