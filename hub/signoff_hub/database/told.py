"""What a database says went wrong, in words of ours that repeat no value and no address."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import (
    DamagedError,
    DiskFullError,
    NetworkError,
    SignoffError,
    UsageError,
)

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_AWAY: Final = "Look whether it runs and whether --database names it, then try again."
_DAMAGED: Final = "Stop the hub; docs/hub/disaster.md says how to go on."
_AGAIN: Final = "Try again; nothing is half done."
_LACKS: Final = frozenset({"42P01", "42703", "3F000"})
_NO_RIGHT: Final = frozenset({"42501", "25006"})
_AWAY_NOW: Final = (NetworkError, "the database does not answer", _AWAY)
_NOT_IN: Final = (NetworkError, "the database does not let the hub in", _AWAY)
_HELD: Final = (NetworkError, "somebody else holds the database for long", _AGAIN)
_BY_CLASS: Final[Mapping[str, tuple[type[NetworkError | DamagedError], str, str]]] = {
    "08": _AWAY_NOW,
    "28": _NOT_IN,
    "3D": _NOT_IN,
    "40": _HELD,
    "53": _AWAY_NOW,
    "55": _HELD,
    "57": _AWAY_NOW,
    "58": _AWAY_NOW,
    "XX": (DamagedError, "the database says that it is damaged", _DAMAGED),
}
"""By the class of a code of PostgreSQL: what it is, says and hints."""


def told(error: DBAPIError) -> SignoffError | None:
    """Return the error to raise instead, or None where it is a fault of our statement."""
    if isinstance(error.orig, sqlite3.Error):
        return _of_sqlite(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated:
        return NetworkError("the connection to the database broke", hint=_AGAIN)
    if state is None:
        return _without_state(error)
    return _of_postgresql(str(state))


def too_many() -> SignoffError:
    """Return the error for a node that has every one of its connections in use."""
    return NetworkError(
        "every connection to the database is in use", hint="Try again, or run more nodes."
    )


def _of_sqlite(error: sqlite3.Error) -> SignoffError | None:
    name = str(getattr(error, "sqlite_errorname", ""))
    match name.removeprefix("SQLITE_").split("_")[0]:
        case "FULL":
            return DiskFullError("the database has no room left")
        case "NOTADB" | "CORRUPT":
            return DamagedError("the file of the database is damaged or is none", hint=_DAMAGED)
        case "BUSY" | "LOCKED":
            return NetworkError("somebody else holds the database for long", hint=_AGAIN)
        case "CANTOPEN" | "IOERR" | "READONLY" | "PERM" | "AUTH" | "NOLFS":
            return NetworkError(
                "the file of the database cannot be used",
                hint="Look whether its disk is mounted and belongs to the user that runs the hub.",
            )
        case "ERROR" if str(error).startswith(("no such table", "no such column")):
            return _lacks()
        case _:
            return None


def _of_postgresql(state: str) -> SignoffError | None:
    """Judge by the code (PostgreSQL, Appendix A): its words are in the server's language."""
    if state in _LACKS:
        return _lacks()
    if state in _NO_RIGHT:
        return NetworkError(
            "the database does not let the hub write",
            hint="Give its user the right to make and change tables; a stand-by is of no use.",
        )
    if state == "53100":
        return DiskFullError("the database has no room left")
    said = _BY_CLASS.get(state[:2])
    return None if said is None else said[0](said[1], hint=said[2])


def _without_state(error: DBAPIError) -> SignoffError | None:
    """Judge what the client found out before a server answered, or when it was gone."""
    kind = type(error.orig).__name__
    if kind in {"OperationalError", "ConnectionTimeout"}:
        return NetworkError("the database does not answer", hint=_AWAY)
    if kind == "ProgrammingError" and error.statement is None:
        return UsageError(
            "the address of the database has something in it that PostgreSQL does not know",
            hint="Write postgresql://user@host/name.",
        )
    return None


def _lacks() -> SignoffError:
    return DamagedError("a table or column of the hub is missing in the database", hint=_DAMAGED)
