"""Store exact values in the kernel's user keyring until sealing, never on disk.

A value that only an editor's environment contained must still be known when another process, in
another environment, seals the session days later. The kernel holds it in memory for this user. It
is deleted at the next boot, when the raw history expires (14 days) or by `signoff forget --all`.
No digest is written to disk, since whoever reads its key could recover the value (threat 2).
Without such a keyring (other systems, containers that forbid it) nothing is stored, and values
are collected again when sealing; the header's `exact_values` says which.

Imports only the standard library.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.known_values.exact_values import gather_exact_values
from signoff_collector.own_files.private_files import locked
from signoff_collector.system import keyring
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of, list_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from signoff_collector.own_files.home import Home

MAX_BYTES: Final = 12 * 1024
"""Our share of the 20,000 bytes that the kernel allows a user for all keys."""
KEPT_S: Final = 14 * 24 * 3600
"""Expiry in seconds, equal to that of raw history; restarts with every session."""
MAX_SESSIONS: Final = 64


class Kept(NamedTuple):
    """The content of the keyring for one home."""

    values: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    """Sessions that contributed values, newest last."""


def keep_values(
    home: Home, session: str, environ: Mapping[str, str], workspace: Path | None = None
) -> bool:
    """Store the secret values of this process until the session is sealed.

    Returns whether they are stored; never raises. If there are too many, the newest stay.
    """
    found = gather_exact_values(environ, workspace).values
    new = tuple(value for value in found if "\n" not in value)
    with suppress(SignoffError, OSError), locked(home.state / ".values.lock"):
        before = kept_values(home)
        old = tuple(value for value in before.values if value not in set(new))
        sessions = tuple(one for one in before.sessions if one != session)
        payload = _fitting((*new, *old), (*sessions[1 - MAX_SESSIONS :], session))
        return keyring.keep(_name(home), payload, seconds=KEPT_S)
    return False


def kept_values(home: Home) -> Kept:
    """Return what is stored; nothing if there is no keyring or it cannot be read."""
    payload = keyring.kept(_name(home), max_bytes=2 * MAX_BYTES)
    return Kept() if payload is None else _parse(payload)


def drop_values(home: Home) -> None:
    """Remove the key from the keyring; does nothing if there is none."""
    keyring.drop(_name(home))


def _fitting(values: tuple[str, ...], sessions: tuple[str, ...]) -> bytes:
    """Return the payload with as many values as fit, in order."""
    kept: list[str] = []
    for value in values:
        kept.append(value)
        if len(_pack(kept, sessions)) > MAX_BYTES:
            kept.pop()
    return _pack(kept, sessions)


def _pack(values: list[str], sessions: tuple[str, ...]) -> bytes:
    return json.dumps({"sessions": sessions, "values": values}).encode("ascii")


def _parse(data: bytes) -> Kept:
    """Parse a payload; it is not trusted, as any program of this user could have written it."""
    try:
        parsed: object = json.loads(data)
    except (ValueError, RecursionError):
        return Kept()
    fields = fields_of(parsed)
    return Kept(_texts(fields.get("values")), _texts(fields.get("sessions")))


def _texts(value: object) -> tuple[str, ...]:
    items = list_of(value)
    return tuple(item for item in items if isinstance(item, str))


def _name(home: Home) -> bytes:
    """Return the name of this home's key: a digest, since other programs can list the names."""
    return b"signoff:" + hashlib.sha256(os.fsencode(home.root)).hexdigest()[:16].encode()
