"""Read and change the person's patterns of command lines that are not recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.capture.opt_in.command_ignoring import (
    FILE_NAME,
    MAX_LENGTH,
    MAX_PATTERNS,
    read_rows,
    row_of,
)
from signoff_collector.own_files.private_files import locked, replace_private
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signoff_collector.own_files.home import Home

Rows = list[tuple[str, str]]


def read_patterns(home: Home) -> Rows:
    """Return workspace (empty for all) and pattern of each row, in order."""
    return read_rows(str(home.root))


def add_patterns(home: Home, root: Path | None, patterns: list[str]) -> None:
    """Add patterns: for one workspace, or for all.

    Raises:
        UsageError: a pattern is invalid, or there are too many.
        SignoffError: the file cannot be written.
    """
    checked = [_checked(pattern) for pattern in patterns]
    place = "" if root is None else str(root)
    if not place.isprintable():
        raise UsageError(f"the path of {place!r} holds a control character")
    _change(home, lambda rows: [*rows, *((place, one) for one in checked)])


def remove_patterns(home: Home, root: Path | None, patterns: list[str] | None) -> int:
    """Remove some patterns, or all of one workspace or of all; return how many were removed.

    Raises:
        SignoffError: the file cannot be written.
    """
    place = "" if root is None else str(root)
    named = None if patterns is None else {_checked(pattern) for pattern in patterns}
    before = len(read_patterns(home))

    def is_left(row: tuple[str, str]) -> bool:
        return row[0] != place or (named is not None and row[1] not in named)

    _change(home, lambda rows: [row for row in rows if is_left(row)])
    return before - len(read_patterns(home))


def _checked(pattern: str) -> str:
    body = pattern.lstrip().rstrip("*") if pattern.strip("* ") else ""
    if body.startswith("*"):  # it also matches in mid-word: `aws` and `*aws` differ
        body = f"*{body.lstrip('*')}"
    if not body or len(body) > MAX_LENGTH or not body.isprintable():
        raise UsageError(
            f"not a pattern for command lines: {pattern!r}",
            hint=f"Write up to {MAX_LENGTH} printable characters, as in 'aws *'.",
        )
    return body


def _change(home: Home, make: Callable[[Rows], Rows]) -> None:
    home.ensure()
    path = home.config / FILE_NAME
    with locked(home.config / "commands.lock"):
        rows = list(dict.fromkeys(make(read_patterns(home))))
        if len(rows) > MAX_PATTERNS:
            raise UsageError(f"there are more than {MAX_PATTERNS} patterns")
        if not rows:
            path.unlink(missing_ok=True)
            return
        text = "".join(f"{row_of(*row)}\n" for row in rows)
        replace_private(path, text.encode("utf-8", "surrogateescape"))
