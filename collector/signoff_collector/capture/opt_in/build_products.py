"""Files that tools make again whenever they are missing: nobody wants one back.

Only names that mean nothing else. What is large or personal to a project (`build`, `dist`,
`node_modules`) is for `.gitignore` to say. docs/never_recorded.md shows the list.
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
    """Say whether a path, by its parts, is such a file or lies in a folder of them."""
    last = ""
    for part in parts:
        last = part.casefold()
        if last in FOLDERS:
            return True
    return last in _NAMES or last.endswith(_ENDS)
