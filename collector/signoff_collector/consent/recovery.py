"""The recovery seed: 32 random bytes from which pseudonyms and withdrawal handles are derived.

It is created at the first sign-off and shown once as a recovery code. Whoever has it can withdraw
every sign-off made with it, even after all keys are lost (threat 28).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NewType

from signoff_collector.own_files.private_files import (
    create_private,
    make_private_folder,
    read_regular,
)
from signoff_schemas.errors import DamagedError, NotFoundError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home

Seed = NewType("Seed", bytes)
"""32 random bytes."""

_SEED_BYTES: Final = 32
_CHECK_BYTES: Final = 3
_GROUP: Final = 7
_CHECK_LABEL: Final = b"signoff-recovery-code"


def seed_path(home: Home) -> Path:
    """Return where the seed lies."""
    return home.keys / "recovery.seed"


def find_seed(home: Home) -> Seed | None:
    """Return the seed of this home, or None when nothing was ever signed here.

    Raises:
        DamagedError: it has another length.
    """
    try:
        content = read_regular(seed_path(home), max_bytes=_SEED_BYTES)
    except NotFoundError:
        return None
    if len(content) != _SEED_BYTES:
        raise DamagedError(
            f"the recovery seed has {len(content)} bytes, not {_SEED_BYTES}",
            hint=f"Remove {seed_path(home)}; older sign-offs then need their recovery code.",
        )
    return Seed(content)


def make_seed(home: Home) -> Seed:
    """Return the seed of this home, making it when there is none."""
    if find_seed(home) is None:
        make_private_folder(home.keys)
        with suppress(FileExistsError):
            create_private(seed_path(home), secrets.token_bytes(_SEED_BYTES))
    seed = find_seed(home)
    if seed is None:
        raise NotFoundError(
            "the recovery seed was deleted while it was being created", hint="Sign again."
        )
    return seed


def take_code_to_show(home: Home, seed: Seed) -> str | None:
    """Return the recovery code the first time this is called in a home, then None."""
    try:
        create_private(_shown_path(home), b"")
    except FileExistsError:
        return None
    return recovery_code(seed)


def show_code_again(home: Home) -> None:
    """Have the next sign-off show the recovery code once more: nobody is known to have read it."""
    _shown_path(home).unlink(missing_ok=True)


def _shown_path(home: Home) -> Path:
    return home.keys / "recovery.shown"


def recovery_code(seed: Seed) -> str:
    """Return the seed as groups of letters and digits that a person can keep on paper."""
    content = seed + hashlib.sha256(_CHECK_LABEL + seed).digest()[:_CHECK_BYTES]
    text = base64.b32encode(content).decode("ascii").rstrip("=")
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def code_lines(code: str) -> tuple[str, ...]:
    """Return what a person is told with the recovery code, and the code."""
    return (
        "Your recovery code, shown this once. With it you can take back anything you",
        "share from here, even when this machine is gone. Keep it on paper:",
        "",
        f"  {code}",
    )


def parse_recovery_code(text: str) -> Seed:
    """Return the seed that a recovery code stands for; spaces, dashes and case do not matter.

    Raises:
        UsageError: it is no recovery code, or was copied with a mistake.
    """
    letters = "".join(char for char in text if not char.isspace() and char != "-").upper()
    try:
        content = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        content = b""
    seed, check = content[:_SEED_BYTES], content[_SEED_BYTES:]
    expected = hashlib.sha256(_CHECK_LABEL + seed).digest()[:_CHECK_BYTES]
    if len(seed) != _SEED_BYTES or not hmac.compare_digest(check, expected):
        raise UsageError(
            "this is not a valid recovery code",
            hint="It has 8 groups of 7 letters and digits, as shown at your first sign-off.",
        )
    return Seed(seed)


def withdrawal_secret(seed: Seed, audience: Audience, record_id: str) -> bytes:
    """Return the secret that proves the right to withdraw one sign-off; published only then."""
    return _keyed(seed, "withdrawal", audience, record_id)


def withdrawal_handle(secret: bytes) -> str:
    """Return the commitment to the secret in the statement: its SHA-256."""
    return hashlib.sha256(secret).hexdigest()


def contributor_pseudonym(seed: Seed, audience: Audience) -> str:
    """Return the developer's name at one audience, unlinkable between audiences."""
    return _keyed(seed, "contributor", audience)[:16].hex()


def repository_pseudonym(seed: Seed, audience: Audience, workspace: str) -> str:
    """Return a workspace's name at one audience."""
    return _keyed(seed, "repository", audience, workspace)[:16].hex()


def _keyed(seed: Seed, *parts: str) -> bytes:
    message = b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)
    return hmac.new(seed, message, hashlib.sha256).digest()
