"""Names of people and repositories that hold in one data set only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final, Literal

_DIGITS: Final = 32


def new_salt() -> str:
    """Return a salt for one plan."""
    return secrets.token_hex(_DIGITS // 2)


def pseudonym(salt: str, what: Literal["contributor", "repository", "order"], name: str) -> str:
    """Return the name of somebody or something in the data set with this salt.

    Who does not have the salt can neither go back nor link it with that of another data set.
    """
    message = f"signoff-dataset-v1\n{what}\n{name}".encode()
    return hmac.new(bytes.fromhex(salt), message, hashlib.sha256).hexdigest()[:_DIGITS]
