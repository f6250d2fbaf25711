"""Tells whether an episode is a recording of another tool, which nobody here may sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.episode.file.reader import EpisodeFile
from signoff_schemas.errors import DamagedError, RefusedError
from signoff_schemas.header import Imported

if TYPE_CHECKING:
    from signoff_schemas.header import EpisodeHeader


def imported_of(header: EpisodeHeader) -> Imported | None:
    """Return where an imported episode, or what was made of one, comes from; else None."""
    if header.imported is None and header.origin == "imported":
        return Imported(format="unknown")  # written before headers named the format
    return header.imported


def refuse_imported(header: EpisodeHeader) -> None:
    """Refuse to sign or send a recording of another tool, and whatever was made of it.

    Raises:
        RefusedError: it is one.
    """
    imported = imported_of(header)
    if imported is not None:
        raise RefusedError(
            f"this episode was imported (format {imported.format}), not recorded by Signoff:"
            " it cannot be reviewed, signed or uploaded as your own work",
            hint="Whoever recorded it decides about it. `signoff replay` and `checkout` show it.",
        )


def refuse_imported_bytes(content: bytes) -> None:
    """Refuse the bytes of an imported episode; bytes that are no episode pass.

    Raises:
        RefusedError: they are one.
    """
    try:
        header = EpisodeFile(content).header
    except DamagedError:
        return  # said by whoever reads it whole
    refuse_imported(header)
