"""Times, states and codes in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

STATES: Final[Mapping[str, str]] = {
    "received": "received: its signature was checked, its content is being read",
    "admitted": "admitted: it was read and checked, and may be used for what you signed",
    "refused": "refused: its content is gone from here; the reason, dates and digests stay",
    "superseded": "superseded: a later sign-off of yours took its place; its bytes are still here",
    "withdrawn": "withdrawn: nobody reads it here any more",
    "expired": "expired: nobody reads it here any more",
}
REASONS: Final[Mapping[str, str]] = {
    "damaged": "its bytes are not those of an episode",
    "newer_version": "it was written by a newer release of Signoff than this hub has",
    "imported": "it was imported, and nobody saw it being made",
    "unmasked": "it was never masked",
    "not_reviewed": "it was not reviewed",
    "content": "the sign-off says of it what it is not",
    "replay": "its replay differs from what was recorded",
    "limits": "it needs more memory or time than this hub gives to one episode",
    "poisoned": "what reads episodes here failed at it twice",
    "expired": "the time of the sign-off was over",
}
"""Why an episode that was read was refused."""
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
    "refreshed": "a version of a data set ended, because something in it ended",
    "run": "a training run was registered",
    "expired": "a sign-off ran out",
    "policy": "the hub changed what it binds itself to",
    "adopted": "an episode was taken over from a store that was there before",
    "build planned": "a plan of a data set was drawn",
    "grant given": "a reader was let in",
    "grant revoked": "a reader was let in no longer",
    "policy hold": "the law ordered to keep an episode's bytes",
    "policy release": "the law no longer orders to keep an episode's bytes",
    "policy restored": "the hub was restored from a backup",
}
"""By kind, or by kind and reason where the reason says what happened."""
BUILDS: Final[Mapping[str, str]] = {
    "building": "being built",
    "ready": "ready",
    "replaced": "replaced by a later version",
    "erased": "erased",
    "failed": "could not be built",
}


def happened(kind: str, because: str | None) -> str:
    """Return what a leaf of the log tells."""
    if because is None:
        return ENTRIES.get(kind, kind)
    return ENTRIES.get(f"{kind} {because}") or f"{ENTRIES.get(kind, kind)} ({because})"


def plain(code: str) -> str:
    """Return a purpose, or another word of several with hyphens, as a person reads it."""
    return code.replace("-", " ")


def told_at(time: str, *, is_day: bool = False) -> str:
    """Return a time of a signed file, `2026-09-25T14:13:20Z`, or its day, as a person reads it."""
    day_said, _, clock = time.partition("T")
    return day_said if is_day else f"{day_said} {clock.removesuffix('Z')} UTC"


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
