"""A key of this home for seals on our own local records.

It shows that a record was written by Signoff under this home, and is as it was. Whoever runs as the
same user can read the key: a seal keeps out an edited or copied file, not a program that takes the
trouble to act as Signoff does (docs/threat_model.md).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import (
    create_private,
    make_private_folder,
    read_regular,
)
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home

_KEY_BYTES: Final = 32


class LocalKey:
    """The key of one home; made when something is sealed for the first time."""

    def __init__(self, home: Home) -> None:
        self._folder = home.keys

    def seal(self, purpose: str, content: bytes) -> str:
        """Return the seal of this content for one purpose, 64 hex digits.

        Raises:
            DamagedError: the key has another length.
        """
        return self._digest(self._key(is_made=True), purpose, content)

    def is_sealed(self, purpose: str, content: bytes, seal: str) -> bool:
        """Return whether this seal was made here for this content; False without a key."""
        try:
            key = self._key(is_made=False)
        except (NotFoundError, DamagedError):
            return False
        expected = self._digest(key, purpose, content)
        return hmac.compare_digest(expected.encode(), seal.encode("utf-8", "replace"))

    def _key(self, *, is_made: bool) -> bytes:
        path = self._folder / "records.key"
        try:
            key = read_regular(path, max_bytes=_KEY_BYTES)
        except NotFoundError:
            if not is_made:
                raise
            make_private_folder(self._folder)
            with suppress(FileExistsError):
                create_private(path, secrets.token_bytes(_KEY_BYTES))
            key = read_regular(path, max_bytes=_KEY_BYTES)
        if len(key) != _KEY_BYTES:
            raise DamagedError(
                f"{path} has {len(key)} bytes, not {_KEY_BYTES}",
                hint="Remove it; reviews then have to be done again, and owners said again.",
            )
        return key

    @staticmethod
    def _digest(key: bytes, purpose: str, content: bytes) -> str:
        message = len(purpose.encode()).to_bytes(4, "big") + purpose.encode() + content
        return hmac.new(key, message, hashlib.sha256).hexdigest()
