"""Counted tables that detectors read from files beside them; without one nothing is sealed."""

from __future__ import annotations

from pathlib import Path

from signoff_schemas.errors import RefusedError


def read_table(name: str) -> list[str]:
    """Return the words of a table, divided by white space.

    Raises:
        RefusedError: it is not there, or no text: a detector that lacks it would find less.
    """
    try:
        return Path(__file__).with_name(name).read_text("ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(
            f"{name}, by which secrets are recognised, cannot be read; no episode was made",
            hint="Install Signoff again.",
        ) from error
