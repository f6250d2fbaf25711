"""Snapshots: one a quarter, frozen when it is first made, and the only figures there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select

from signoff_hub.database.tables import EPISODE, SIGN_OFF, STATISTIC
from signoff_hub.database.writing import create_row
from signoff_hub.statistics.cells import SMALLEST_K, Tally, released

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from signoff_hub.database.database import Database
    from signoff_hub.statistics.cells import Cell, Figures

_MARK: Final = "frozen"
"""The cell that each snapshot has, also one of which nothing can be said."""
_QUARTER: Final = re.compile(r"[0-9]{4}-Q[1-4]")
_CONTRIBUTORS: Final = "contributors"
_EPISODES: Final = "episodes"
_NO_LANGUAGE: Final = "none"
_ROWS_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure of a snapshot."""

    what: str
    """contributors or episodes."""
    purpose: str
    language: str
    value: int | None
    """A multiple of ten; None: not said."""


def last_quarter(now: int) -> str:
    """Return the quarter that ended last, as `2026-Q3`.

    Args:
        now: seconds since 1970.
    """
    today = datetime.fromtimestamp(now, UTC)
    ended = (today.month - 1) // 3
    return f"{today.year}-Q{ended}" if ended else f"{today.year - 1}-Q4"


def freeze(database: Database, *, now: int, k: int) -> bool:
    """Make the snapshot of the quarter that ended last; False when it is there, untouched.

    Any node may ask for it at any time, and again: the first one makes it.

    Args:
        database: of the hub.
        now: seconds since 1970.
        k: contributors that a figure needs at least; never taken as less than ten.
    """
    snapshot = last_quarter(now)
    mark = {"snapshot": snapshot, "cell": _MARK, "value": None}
    if read_snapshot(database, snapshot) is not None:
        return False
    with database.write() as connection:
        if not create_row(connection, STATISTIC, mark):  # of several nodes one goes on
            return False
        lines = tuple(_lines(released(_tally(connection), k=max(k, SMALLEST_K))))
        if lines:
            connection.execute(insert(STATISTIC), [_row(snapshot, line) for line in lines])
    return True


def read_snapshot(database: Database, snapshot: str) -> tuple[Line, ...] | None:
    """Return the figures of a snapshot, sorted; None when there is no such snapshot."""
    if _QUARTER.fullmatch(snapshot) is None:
        return None
    wanted = select(STATISTIC.c.cell, STATISTIC.c.value).where(STATISTIC.c.snapshot == snapshot)
    with database.read() as connection:
        found = {str(row.cell): row.value for row in connection.execute(wanted)}
    if _MARK not in found:
        return None
    return tuple(_line(cell, found[cell]) for cell in sorted(found) if cell != _MARK)


def snapshots(database: Database) -> tuple[str, ...]:
    """Return the names of all snapshots, the oldest first."""
    wanted = select(STATISTIC.c.snapshot).where(STATISTIC.c.cell == _MARK)
    with database.read() as connection:
        return tuple(sorted(connection.execute(wanted).scalars()))


def _tally(connection: Connection) -> Tally:
    """Count what is admitted; the contributors are forgotten when the snapshot is made."""
    tally = Tally()
    admitted = (
        select(SIGN_OFF.c.contributor, SIGN_OFF.c.purposes, EPISODE.c.facts)
        .join(EPISODE, SIGN_OFF.c.episode == EPISODE.c.sha256)
        .where(SIGN_OFF.c.state == "admitted", EPISODE.c.state == "admitted")
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for row in connection.execute(admitted):
        for purpose in sorted(set(row.purposes)):
            for language in _languages(row.facts):
                tally.add(row.contributor, (purpose, language))
    return tally


def _languages(facts: object) -> tuple[str, ...]:
    named = facts.get("languages", ()) if isinstance(facts, dict) else ()
    found = sorted({str(one) for one in named if re.fullmatch(r"[a-z0-9+#._-]{1,40}", str(one))})
    return tuple(found) or (_NO_LANGUAGE,)


def _lines(told: Mapping[Cell, Figures | None]) -> Iterator[Line]:
    """Yield what is said; a hidden cell is not even named, which would say that it is not empty."""
    for (purpose, language), figures in told.items():
        if figures is None:
            continue
        for what, value in ((_CONTRIBUTORS, figures.contributors), (_EPISODES, figures.episodes)):
            yield Line(what=what, purpose=purpose, language=language, value=value)


def _row(snapshot: str, line: Line) -> dict[str, object]:
    cell = f"{line.what}/{line.purpose}/{line.language}"
    return {"snapshot": snapshot, "cell": cell, "value": line.value}


def _line(cell: str, value: int | None) -> Line:
    what, purpose, language = cell.split("/", 2)
    return Line(what=what, purpose=purpose, language=language, value=value)
