"""Whether a sign-off can be taken beside what this hub has already: asked in a transaction.

All that has to be known of a sign-off is one question to the database: it is asked twice, before
anything is kept and again under the locks, and each statement costs more than what it finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, and_, bindparam, exists, literal, literal_column, select

from signoff_hub.database.tables import ACCOUNT, BLOB, KEY, SIGN_OFF, TOMBSTONE
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import STATE_COLUMNS, State, state_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from signoff_hub.node.node import Node
    from signoff_hub.receiving.checks import Checked

# Statements are built once: building one costs more than running it. Without a type for what is
# bound alone, PostgreSQL does not know what `NULL` would be.
_REPLACED: Final = bindparam("supersedes", type_=String)
_LATER: Final = SIGN_OFF.alias("later")
_SAME: Final = SIGN_OFF.alias("same")
_EARLIER: Final = SIGN_OFF.alias("earlier")
_THIS: Final = select(literal(1).label("one")).subquery("this")
_STANDING: Final = (
    select(
        KEY.c.fingerprint.label("key"),
        KEY.c.valid_from,
        KEY.c.valid_to,
        KEY.c.revoked_at,
        ACCOUNT.c.state.label("account_state"),
        *STATE_COLUMNS,
        BLOB.c.size_bytes.label("blob_bytes"),
        exists(literal_column("1"))
        .where(TOMBSTONE.c.episode == bindparam("sha256"))
        .label("is_withdrawn"),
        exists(literal_column("1"))
        .where(_LATER.c.supersedes == bindparam("record"), _LATER.c.account == bindparam("account"))
        .label("is_superseded"),
        exists(literal_column("1"))
        .where(_SAME.c.record == bindparam("record"), _SAME.c.statement != bindparam("statement"))
        .label("has_other_statement"),
        select(_EARLIER.c.account)
        .where(_EARLIER.c.record == _REPLACED)
        .scalar_subquery()
        .label("earlier_account"),
    )
    .select_from(_THIS)
    .outerjoin(
        KEY,
        and_(KEY.c.fingerprint == bindparam("fingerprint"), KEY.c.account == bindparam("account")),
    )
    .outerjoin(ACCOUNT, ACCOUNT.c.id == KEY.c.account)
    .outerjoin(SIGN_OFF, SIGN_OFF.c.statement == bindparam("statement"))
    .outerjoin(BLOB, BLOB.c.sha256 == bindparam("sha256"))
)
_ADMITTED: Final = (
    select(SIGN_OFF.c.statement)
    .where(SIGN_OFF.c.account == bindparam("account"), SIGN_OFF.c.leaf.is_not(None))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the hub has beside one sign-off, as one statement found it."""

    _row: Row[*tuple[Any, ...]]
    _account: str
    _checked: Checked

    @property
    def blob_bytes(self) -> int | None:
        """Size of the episode as its row has it; None: it has none."""
        found: int | None = self._row.blob_bytes
        return found

    @property
    def known(self) -> State | None:
        """What became of this very sign-off; None: it never came."""
        return None if self._row.statement is None else state_of(self._row)

    def refuse_key(self, now: int) -> None:
        """Refuse a sign-off by a key that is not the sender's own, or not any more.

        Raises:
            HubFault: it is another's, revoked, or its account is closed.
        """
        found, fingerprint = self._row, self._checked.fingerprint
        if found.key is None:
            raise HubFault(
                FaultCode.UNKNOWN_KEY,
                f"the key {fingerprint}, which signed it, is not the one that signed in",
                hint="Send it with the key that signed it: `signoff upload EPISODE`.",
            )
        if found.account_state != "active":
            raise HubFault(
                FaultCode.ACCOUNT_CLOSED,
                "the account of this key is closed",
                hint="Sign with another key.",
            )
        if found.valid_from > now:  # nothing is wrong with the key: a clock went back
            raise HubFault(
                FaultCode.FUTURE,
                f"the key {fingerprint} signed in later than it is now, by the clock of this hub",
                hint="Send it again once the hub's clock is right; nothing has to be signed again.",
            )
        is_over = found.valid_to is not None and found.valid_to <= now
        if found.revoked_at is not None or is_over:
            raise HubFault(
                FaultCode.REVOKED_KEY,
                f"the key {fingerprint} is not valid any more",
                hint="Sign it again with a key that is.",
            )

    def refuse_conflicts(self) -> None:
        """Refuse a sign-off that another one replaced, or that takes what is another's.

        Raises:
            HubFault: the first reason.
        """
        found = self._row
        if found.is_withdrawn:
            raise withdrawn()
        if found.is_superseded:
            raise HubFault(
                FaultCode.SUPERSEDED,
                "the hub has a later sign-off that replaces this one",
                hint="There is nothing to do: the later one counts.",
            )
        if found.has_other_statement:
            raise HubFault(
                FaultCode.RECORD,
                "another statement has this record id",
                hint="Sign it again: each sign-off has an id of its own.",
            )
        if found.earlier_account is not None and found.earlier_account != self._account:
            raise HubFault(
                FaultCode.SUPERSEDES,
                "it replaces a sign-off of another key",
                hint="Withdraw the earlier one with its key or the recovery code, then sign again.",
            )


def standing_of(connection: Connection, account: str, checked: Checked) -> Standing:
    """Return how a sign-off stands beside what is here now.

    Args:
        connection: of a transaction; under its locks, where nothing may change any more.
        account: who sent it.
        checked: the sign-off.
    """
    predicate = checked.predicate
    values = {
        "account": account,
        "fingerprint": checked.fingerprint,
        "statement": checked.statement_sha256,
        "sha256": checked.sha256,
        "record": predicate.record_id,
        "supersedes": predicate.supersedes,
    }
    return Standing(connection.execute(_STANDING, values).one(), account, checked)


def has_admitted(node: Node, account: str) -> bool:
    """Tell whether anything of an account was ever admitted here and is kept."""
    with node.database.read() as connection:
        return is_any_admitted(connection, account)


def is_any_admitted(connection: Connection, account: str) -> bool:
    """Tell the same inside a transaction."""
    return connection.execute(_ADMITTED, {"account": account}).first() is not None


def withdrawn() -> HubFault:
    """Return the refusal of what was taken back, or whose time was over."""
    return HubFault(
        FaultCode.WITHDRAWN,
        "this episode was withdrawn, or its time was over; it is not accepted again",
        hint="Review it again: another file with other bytes can be sent.",
    )
