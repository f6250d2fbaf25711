"""Names of files that tools generate again whenever they are missing.

Only unambiguous names. What is large or specific to a project (`build`, `dist`, `node_modules`) is
for `.gitignore` to exclude. docs/never_recorded.md shows the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDERS: Final = frozenset(
    {
        "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".tox",
        ".nox", ".ipynb_checkpoints", ".parcel-cache", ".turbo",
    }
)  # fmt: skip
_ENDS: Final = (".pyc", ".pyo")
_NAMES: Final = frozenset({".ds_store", "thumbs.db"})


def is_build_product(parts: Iterable[str]) -> bool:
    """Whether a path, by its components, is such a file or lies in a folder of them."""
    last = ""
    for part in parts:
        last = part.casefold()
        if last in FOLDERS:
            return True
    return last in _NAMES or last.endswith(_ENDS)
