"""States of a sign-off, as whoever sent it is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from signoff_hub.database.tables import SIGN_OFF
from signoff_hub.place.faults import FaultCode

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


class SignOffIs(StrEnum):
    """What became of a sign-off; also of its episode, which is never `superseded`."""

    RECEIVED = "received"
    ADMITTED = "admitted"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


LIVE = (SignOffIs.RECEIVED, SignOffIs.ADMITTED)
"""States in which a sign-off needs the bytes of its episode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One sign-off as the database has it."""

    statement_sha256: str
    sha256: str
    """Of the episode."""
    account: str
    """Who sent it."""
    state: SignOffIs
    reason: FaultCode | None
    """Why it was refused; all that is kept of it."""
    received_at: int
    """Seconds since 1970."""
    leaf: int | None
    """Of its admission in the log; None: it never was admitted."""
    is_new: bool = False
    """Whether this very request brought it."""


STATE_COLUMNS: Final = (
    SIGN_OFF.c.statement,
    SIGN_OFF.c.episode,
    SIGN_OFF.c.account,
    SIGN_OFF.c.state,
    SIGN_OFF.c.refused_because,
    SIGN_OFF.c.received_at,
    SIGN_OFF.c.leaf,
)
"""What a state is made of."""
_STATES: Final = select(*STATE_COLUMNS)
_ONE: Final = _STATES.where(SIGN_OFF.c.statement == bindparam("name"))


def read_state(connection: Connection, statement_sha256: str) -> State | None:
    """Return a sign-off's state, or None when it never came."""
    found = connection.execute(_ONE, {"name": statement_sha256}).first()
    return None if found is None else state_of(found)


def read_own_states(
    connection: Connection, account: str, after: str, most: int
) -> tuple[State, ...]:
    """Return the states of an account's sign-offs in the order of their digests.

    Args:
        connection: of a transaction.
        account: whose.
        after: the last digest of the page before; empty for the first page.
        most: so many at once.
    """
    rows = connection.execute(
        _STATES.where(SIGN_OFF.c.account == account, SIGN_OFF.c.statement > after)
        .order_by(SIGN_OFF.c.statement)
        .limit(most)
    )
    return tuple(map(state_of, rows))


def state_of(row: Row[*tuple[Any, ...]]) -> State:
    """Return the state that a row with `STATE_COLUMNS` tells."""
    because = row.refused_because
    return State(
        statement_sha256=row.statement,
        sha256=row.episode,
        account=row.account,
        state=SignOffIs(row.state),
        reason=None if because is None else FaultCode(because),
        received_at=row.received_at,
        leaf=row.leaf,
    )
