"""Grants: which token may read which data set, until when, after accepting which terms of use.

A grant is for one purpose, that of its data set. It is given and revoked by whoever runs the hub,
and each of the two is a leaf of the log.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from signoff_hub.database.tables import DATASET_VERSION, GRANT, TOKEN
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.tokens import Scope, require
from signoff_schemas.hub_api import Grant
from signoff_schemas.hub_log import EntryKind, log_entry
from signoff_schemas.statement import format_time, parse_time

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from signoff_hub.node.node import Node
    from signoff_hub.signing_in.tokens import Asker
    from signoff_schemas.hub_api import GrantRequest

_GIVEN: Final = "given"
_REVOKED: Final = "revoked"
_MOST_LISTED: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A grant that holds now."""

    id: str
    dataset: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A grant as the hub keeps it."""

    grant: Grant
    token: str
    """The name of the token."""
    revoked_at: int | None


def require_grant(connection: Connection, asker: Asker, dataset: str, now: int) -> Held:
    """Return the grant under which somebody may read a data set.

    Who has none is told the same for a data set that there is not.

    Args:
        connection: of a transaction.
        asker: who asks.
        dataset: its name.
        now: seconds since 1970.

    Raises:
        HubFault: the token is not one for reading, or there is no grant, or it is over, revoked,
            or for another purpose than the data set has.
    """
    require(asker, Scope.READ)
    found = connection.execute(
        select(GRANT.c.id, GRANT.c.purpose, GRANT.c.expires_at, GRANT.c.revoked_at)
        .where(GRANT.c.token_hash == asker.token_hash, GRANT.c.dataset == dataset)
        .order_by(GRANT.c.id)
    ).all()
    purposes = _purposes(connection, dataset)
    facts = {_fault(row, purposes, now): row for row in found}
    if (held := facts.get("")) is not None:
        return Held(id=held.id, dataset=dataset, purpose=held.purpose)
    raise HubFault(
        FaultCode.GRANT,
        min(facts, default="this token has no grant for that data set"),
        hint="Ask whoever runs the hub for a grant, for the data set's own purpose.",
    )


def give_grant(node: Node, request: GrantRequest) -> Given:
    """Give a grant to the reader whose token has a name; the same one again gives it once.

    Raises:
        HubFault: there is no such token or data set, the data set is for another purpose, or the
            grant would be over before it begins.
    """
    now, expires_at = node.now(), _second(request.expires_at)
    if expires_at <= now:
        raise HubFault(FaultCode.EXPIRED, "this grant would be over before it begins")
    with node.database.write() as connection:
        token_hash = _reader_named(connection, request.token, now)
        purposes = _purposes(connection, request.dataset)
        if not purposes:
            raise HubFault(FaultCode.NOT_FOUND, "there is no such data set")
        if purposes != {request.purpose}:
            raise HubFault(
                FaultCode.PURPOSE,
                "the data set was built for another purpose",
                hint="A grant is for the purpose that its episodes were signed for.",
            )
        values = {
            "token_hash": token_hash,
            "dataset": request.dataset,
            "purpose": request.purpose,
            "terms_sha256": request.terms_sha256,
            "expires_at": expires_at,
        }
        node.database.lock_log(connection)
        same = [GRANT.c[name] == value for name, value in values.items()]
        there = connection.execute(
            select(GRANT.c.id).where(GRANT.c.revoked_at.is_(None), *same)
        ).scalar()
        grant = Grant(
            id=there or secrets.token_hex(16),
            dataset=request.dataset,
            purpose=request.purpose,
            terms_sha256=request.terms_sha256,
            expires_at=request.expires_at,
        )
        if there is None:
            connection.execute(insert(GRANT).values(id=grant.id, **values))
            entry = log_entry(EntryKind.GRANT, grant_digest(grant), node.moment(), _GIVEN)
            node.log.append(connection, (entry,))
    return Given(grant=grant, token=request.token, revoked_at=None)


def revoke_grant(node: Node, grant_id: str) -> Given:
    """Revoke a grant; from here on nothing is read under it. Twice is the same as once.

    Raises:
        HubFault: there is no such grant.
    """
    with node.database.write() as connection:
        node.database.lock_log(connection)
        found = _given(connection, grant_id)
        if found is None:
            raise HubFault(FaultCode.NOT_FOUND, "there is no such grant")
        if found.revoked_at is not None:
            return found
        now = node.now()
        connection.execute(update(GRANT).where(GRANT.c.id == grant_id).values(revoked_at=now))
        entry = log_entry(EntryKind.GRANT, grant_digest(found.grant), node.moment(), _REVOKED)
        node.log.append(connection, (entry,))
    return Given(grant=found.grant, token=found.token, revoked_at=now)


def list_grants(node: Node) -> tuple[Given, ...]:
    """Return every grant, by data set; they are of readers, and of no contributor."""
    with node.database.read() as connection:
        rows = connection.execute(
            _WITH_NAMES.order_by(GRANT.c.dataset, GRANT.c.id).limit(_MOST_LISTED)
        ).all()
    return tuple(map(_read, rows))


def grant_digest(grant: Grant) -> str:
    """Return what the log calls a grant: SHA-256 of its JSON on one line, fields in order.

    The token is not in it: its id is random, so that nobody finds one by trying.
    """
    text = json.dumps(grant.model_dump(mode="json"), ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


_WITH_NAMES: Final = select(GRANT, TOKEN.c.name).outerjoin(
    TOKEN, TOKEN.c.hash == GRANT.c.token_hash
)


def _second(said: str) -> int:
    try:
        return int(parse_time(said).timestamp())
    except ValueError:
        raise HubFault(FaultCode.BAD_REQUEST, "expires_at is no date") from None


def _given(connection: Connection, grant_id: str) -> Given | None:
    row = connection.execute(_WITH_NAMES.where(GRANT.c.id == grant_id)).first()
    return None if row is None else _read(row)


def _read(row: Row[tuple[object, ...]]) -> Given:
    grant = Grant(
        id=row.id,
        dataset=row.dataset,
        purpose=row.purpose,
        terms_sha256=row.terms_sha256,
        expires_at=format_time(datetime.fromtimestamp(row.expires_at, UTC)),
    )
    return Given(grant=grant, token=row.name or "gone", revoked_at=row.revoked_at)


def _reader_named(connection: Connection, name: str, now: int) -> str:
    rows = connection.execute(
        select(TOKEN.c.hash, TOKEN.c.scopes).where(
            TOKEN.c.name == name, TOKEN.c.revoked_at.is_(None), TOKEN.c.expires_at > now
        )
    ).all()
    found = [row.hash for row in rows if Scope.READ in row.scopes]
    if len(found) != 1:
        raise HubFault(
            FaultCode.NOT_FOUND,
            f"{len(found)} tokens for reading have this name, instead of one",
            hint="Make one with `signoff hub token --name NAME --scope read`.",
        )
    return str(found[0])


def _purposes(connection: Connection, dataset: str) -> set[str]:
    """Return the purposes that a data set's versions have; there is one, or none of it is."""
    rows = connection.execute(
        select(DATASET_VERSION.c.purpose).where(DATASET_VERSION.c.name == dataset).distinct()
    )
    return set(map(str, rows.scalars()))


def _fault(row: Row[str, str, int, int | None], purposes: set[str], now: int) -> str:
    """Return what a grant lacks, or nothing."""
    if row.revoked_at is not None:
        return "the grant for that data set was revoked"
    if row.expires_at <= now:
        return "the grant for that data set is over"
    if purposes != {row.purpose}:
        return "the grant for that data set is for another purpose"
    return ""
