"""What a writer of columns chose by compressed size (format.md, sections 4 and 5.3).

Everything else in a file follows from the steps. These choices depend on the release of zstd
that measured them, so who writes a file again to compare takes them from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """The choices of one chunk of edits.

    A writer is bound by the rules of the format all the same: short columns, and columns of
    zeros, take grain 1 whatever stands here, and few jumps have no places.
    """

    grains: Mapping[str, int]
    """Per split column."""
    is_placed: bool
    """Whether jumps are told by places."""
