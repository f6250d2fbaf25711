"""Temporary folders outside of what a workspace can name: TMPDIR may come from it (threat 1)."""

from __future__ import annotations

import tempfile
from typing import Final

from signoff_schemas.errors import ChildFailedError

_PLACES: Final = ("/tmp", "/var/tmp")  # noqa: S108 - TMPDIR may come from the workspace


def scratch_folder(prefix: str, *, what: str) -> tempfile.TemporaryDirectory[str]:
    """Make a folder that is private to this user and goes when it is left.

    Args:
        prefix: of its name.
        what: whom it is for, in words.

    Raises:
        ChildFailedError: none can be made.
    """
    why = ""
    for place in _PLACES:
        try:
            return tempfile.TemporaryDirectory(prefix=prefix, dir=place, ignore_cleanup_errors=True)
        except OSError as error:
            why = f"{place}: {error.strerror}"
    raise ChildFailedError(f"no folder can be made for {what} in {why}")
