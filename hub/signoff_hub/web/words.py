"""Times and states in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

STATES: Final[Mapping[str, str]] = {
    "received": "received: its signature was checked, its content is being read",
    "admitted": "admitted: it was read and checked, and may be used for what you signed",
    "refused": "refused: nothing of it is kept but the reason",
    "superseded": "superseded: a later sign-off of yours took its place",
    "withdrawn": "withdrawn: nobody reads it here any more",
    "expired": "expired: nobody reads it here any more",
}
ENTRIES: Final[Mapping[str, str]] = {
    "received": "a sign-off came",
    "admitted": "an episode was admitted",
    "refused": "an episode was refused",
    "read": "a data set was read",
    "build": "a data set was built",
    "export": "a data set was exported",
    "grant": "a reader was let in",
    "withdrawn": "a sign-off was taken back",
    "erased": "the bytes of an episode were erased",
    "refreshed": "a data set was made anew, without what was taken back",
    "expired": "a sign-off ran out",
    "policy": "the hub changed what it binds itself to",
    "adopted": "the log was begun for a store that was there before",
}
BUILDS: Final[Mapping[str, str]] = {
    "building": "being built",
    "ready": "ready",
    "replaced": "replaced by a later version",
    "erased": "erased",
    "failed": "could not be built",
}


def moment(seconds: int | None) -> str | None:
    """Return seconds since 1970 as a person reads them."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def day(seconds: int | None) -> str | None:
    """Return the day of seconds since 1970."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).date().isoformat()


def size(count: int) -> str:
    """Return bytes as a person reads them."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"
