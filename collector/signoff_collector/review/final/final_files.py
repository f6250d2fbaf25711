"""Private snapshots of final episodes: shown from there and signed from there (threat 3).

The bytes to be signed are written to a folder of their own before they are shown, and read back.
They join the other episodes only when signed; the folder is deleted when the review ends.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from typing import TYPE_CHECKING, Final, Self

from signoff_collector.own_files.private_files import (
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_collector.own_files.unfinished import is_running
from signoff_collector.review.desk.storing import MAX_BYTES, read_shared
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.desk.storing import SharedFile

_PREFIX: Final = "final-"
_HINT: Final = "Make the final episode again."


class FinalFolder:
    """The snapshots of one review; a context manager that deletes them at exit."""

    def __init__(self, home: Home) -> None:
        self._state = home.state
        self._folder = home.state / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"

    def __enter__(self) -> Self:
        """Remove snapshots left behind by killed reviews."""
        for folder in self._state.glob(f"{_PREFIX}*-*"):
            pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if pid.isdigit() and not is_running(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the snapshots."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def put(self, data: bytes) -> SharedFile:
        """Write the bytes of a shared episode and return what was read back.

        Raises:
            DiskFullError: there is no room; nothing is left of it.
            DamagedError: what was read back is not what was written.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        make_private_folder(self._folder)
        path = self._folder / f"{sha256}.episode"
        replace_private(path, data)
        shared = read_shared(path)
        if shared.sha256 != sha256:
            raise DamagedError(f"{path} differs from what was written to it", hint=_HINT)
        return shared


def final_bytes(final: SharedFile) -> bytes:
    """Return the bytes of a snapshot as they are on disk now.

    Raises:
        DamagedError: they are not what was written and shown.
        NotFoundError: the snapshot is gone.
    """
    data = read_regular(final.path, max_bytes=MAX_BYTES)
    if hashlib.sha256(data).hexdigest() != final.sha256:
        raise DamagedError(f"{final.path} was changed after it was shown", hint=_HINT)
    return data
