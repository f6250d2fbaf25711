"""A change as a person reads it: unified lines, harmless to a terminal."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from signoff_collector.screen.console import visible

if TYPE_CHECKING:
    from pathlib import Path


def unified(path: Path, before: bytes | None, after: bytes | None) -> str:
    """Return the difference, each line made visible; the path stands in the two heads."""
    old, new = _lines(before), _lines(after)
    heads = (
        "/dev/null" if before is None else str(path),
        "/dev/null" if after is None else str(path),
    )
    lines = difflib.unified_diff(old, new, *heads, lineterm="")
    return "\n".join(visible(line, keep_newlines=False) for line in lines)


def _lines(content: bytes | None) -> list[str]:
    if content is None:
        return []
    lines = content.decode("utf-8", "replace").split("\n")
    return lines[:-1] if lines[-1] == "" else [*lines[:-1], f"{lines[-1]} (no newline at the end)"]
