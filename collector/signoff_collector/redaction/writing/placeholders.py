"""Tell a placeholder that stands for a masked value from text that only looks like one.

An episode lists its placeholders (`masks` in its header). Sealing and review give no placeholder
that stands as text in what they mask, so whatever reads like a listed one is a mask, wherever it
stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

CAPTURED: Final = "REDACTED_VALUE"
"""What capture writes in place of a known value, in strings alone."""
LIKE: Final = re.compile(rf"REDACTED_[A-Z]{{2,12}}_\d{{1,6}}(?!\d)|{CAPTURED}|<(?:HOME|TMP|ABS)>")
"""Matches a placeholder, and text that looks like one."""


def looks_in(text: str) -> list[str]:
    """Return what looks like a placeholder in a text; signs of folders and of capture too."""
    return LIKE.findall(text) if "REDACTED_" in text or ">" in text else []


def matcher(placeholders: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds the placeholders of an episode in a text of it, None if it has none."""
    listed = [re.escape(one) + _end(one) for one in sorted(placeholders, key=len, reverse=True)]
    return re.compile("|".join(listed)) if listed else None


def _end(placeholder: str) -> str:
    """Return what may not follow: it would be another placeholder."""
    if placeholder[-1].isdecimal():
        return r"(?!\d)"
    return r"(?!_\d)" if placeholder == CAPTURED else ""
