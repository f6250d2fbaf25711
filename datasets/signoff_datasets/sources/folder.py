"""A folder of episodes with their sign-offs beside them: `X.episode`, `X.signoff.json[.sig]`.

Receipts and withdrawals lie in stores, and for one's own episodes in the home; not here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.sign_off_files import (
    SignOff,
    signature_path,
    statement_path,
    take_snapshot,
)
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
from signoff_collector.own_files.private_files import read_regular
from signoff_datasets.sources.interface import Offered
from signoff_schemas.errors import DamagedError, NotFoundError
from signoff_schemas.statement import MAX_STATEMENT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signoff_collector.consent.sign_off_files import Snapshot

_SUFFIX: Final = ".episode"


class FolderSource:
    """One folder, without the folders in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def places(self) -> Iterator[str]:
        """Yield the names of the episode files, in order of their bytes."""
        try:
            names = os.listdir(self._folder)  # noqa: PTH208  # names, not paths
        except OSError as error:
            raise NotFoundError(
                f"{self._folder} is no folder that can be read",
                hint="Name a folder of episodes, or a store: file:///…, s3://…",
            ) from error
        yield from sorted((name for name in names if name.endswith(_SUFFIX)), key=os.fsencode)

    def sign_offs(self, place: str) -> tuple[SignOff, ...]:
        """Return the one beside the file, if both of its parts can be read."""
        path = self._folder / place
        try:
            found = SignOff(
                statement=read_regular(statement_path(path), max_bytes=MAX_STATEMENT_BYTES),
                signature=read_regular(signature_path(path), max_bytes=MAX_SIGNATURE_BYTES),
            )
        except (NotFoundError, DamagedError):
            return ()
        return (found,)

    def offered(self, place: str) -> Offered:
        """Return the file and its sign-off."""
        return Offered(snapshot=self._snapshot(place), sign_offs=self.sign_offs(place))

    def content(self, place: str) -> bytes | None:
        """Return the bytes of the file; of a link, a pipe or a device None."""
        snapshot = self._snapshot(place)
        return None if snapshot is None else snapshot.content

    def tombstone(self, sha256: str) -> None:
        """Return None: tombstones lie in stores."""

    def close(self) -> None:
        """Do nothing: no descriptor outlives a call."""

    def _snapshot(self, place: str) -> Snapshot | None:
        try:
            return take_snapshot(self._folder / place)
        except (NotFoundError, DamagedError):
            return None
