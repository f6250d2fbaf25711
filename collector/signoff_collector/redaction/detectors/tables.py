"""Read the frequency tables in the files beside this module; without one nothing is sealed."""

from __future__ import annotations

from pathlib import Path

from signoff_schemas.errors import RefusedError


def read_table(name: str) -> list[str]:
    """Return the entries of a table, which white space separates.

    Raises:
        RefusedError: the file is missing or no text; without it a detector would miss secrets.
    """
    try:
        return Path(__file__).with_name(name).read_text("ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(
            f"{name}, by which secrets are recognised, cannot be read; no episode was made",
            hint="Install Signoff again.",
        ) from error
