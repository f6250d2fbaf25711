"""Paths as string literals of the languages that editors are configured in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path


def double_quoted(path: Path) -> str:
    """Return a path between double quotes, as Lua, TOML and Emacs Lisp read it.

    Raises:
        RefusedError: the path holds a control or invisible character, or is no text.
    """
    text = _plain(path)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def single_quoted(path: Path) -> str:
    """Return a path between single quotes, as Vim script reads it."""
    escaped = _plain(path).replace("'", "''")
    return f"'{escaped}'"


def _plain(path: Path) -> str:
    text = str(path)
    if not text.isprintable():
        raise RefusedError(
            f"the path {path!r} cannot be used in a configuration file",
            hint="Install Signoff in a folder with an ordinary name.",
        )
    return text
