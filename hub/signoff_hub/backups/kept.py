"""What of a hub a backup holds: whose rows, and which objects (docs/hub/disaster.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exists, or_, select

from signoff_collector.upload.stores.layout import (
    blob_key,
    signature_key,
    statement_key,
    tombstone_key,
)
from signoff_hub.admitting.receipts import receipt_key
from signoff_hub.building.places import dataset_key, plan_key
from signoff_hub.building.versions import BUILDING, FAILED
from signoff_hub.database.tables import (
    BLOB,
    CHALLENGE,
    DATASET_VERSION,
    ENROLMENT_CODE,
    LEGAL_HOLD,
    METADATA,
    PART,
    PLAN,
    PLAN_EPISODE,
    SIGN_OFF,
    TOKEN,
    TOMBSTONE,
)
from signoff_hub.withdrawing.endings import HOLDING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row, Select, Table

LEFT_OUT: Final = frozenset({CHALLENGE.name, PART.name, TOKEN.name})
"""Tables of which nothing is saved: what lets somebody in must not come back after it was revoked,
and what was on its way when the backup was made is sent again."""
TERMS: Final = "terms/"
_AT_ONCE: Final = 1_000


def saved_tables() -> list[Table]:
    """Return the tables of a backup; whatever another refers to comes before it."""
    return [one for one in METADATA.sorted_tables if one.name not in LEFT_OUT]


def saved_rows(table: Table) -> Select[*tuple[Any, ...]]:
    """Return the query for the rows of a table that are saved, in the order of their keys.

    Bytes that no sign-off names are nobody's to keep: their sender sends them again. A code that
    was not used yet may be used before this backup is restored, and would hold a second time.
    """
    wanted = select(table).order_by(*table.primary_key.columns)
    if table is BLOB:
        signed = select(SIGN_OFF.c.statement).where(SIGN_OFF.c.episode == BLOB.c.sha256)
        wanted = wanted.where(exists(signed))
    elif table is ENROLMENT_CODE:
        wanted = wanted.where(ENROLMENT_CODE.c.used)
    return wanted.execution_options(yield_per=_AT_ONCE)


def needed_objects(sha256: str, statement: str) -> tuple[str, ...]:
    """Return the keys without which a sign-off cannot be kept."""
    return blob_key(sha256), signature_key(sha256, statement), statement_key(sha256, statement)


def saved_objects(connection: Connection) -> Iterator[str]:
    """Yield keys of the objects that the rows name; one with a slash at its end is a folder.

    What has ended is left out, but for what the law holds. Not each of them has to be there.
    """
    yield TERMS
    held = select(LEGAL_HOLD.c.episode)
    wanted = (
        select(SIGN_OFF.c.episode, SIGN_OFF.c.statement, SIGN_OFF.c.leaf)
        .where(or_(SIGN_OFF.c.state.in_(HOLDING), SIGN_OFF.c.episode.in_(held)))
        .order_by(SIGN_OFF.c.episode, SIGN_OFF.c.statement)
    )
    last = ""
    for row in _rows(connection, wanted):
        blob, *signed = needed_objects(row.episode, row.statement)
        if row.episode != last:
            yield blob
        last = row.episode
        yield from signed
        if row.leaf is not None:  # else it may be admitted while objects are copied
            receipt = receipt_key(row.episode, row.statement)
            yield from (f"{receipt}.sig", receipt)
    ended = select(TOMBSTONE.c.episode).where(TOMBSTONE.c.erased_at.is_not(None))
    for row in _rows(connection, ended.order_by(TOMBSTONE.c.episode)):
        yield tombstone_key(row.episode)
    kept = select(PLAN_EPISODE.c.plan).where(PLAN_EPISODE.c.plan == PLAN.c.sha256)
    for row in _rows(connection, select(PLAN.c.sha256).where(kept.exists())):
        yield plan_key(row.sha256)
    made = select(DATASET_VERSION.c.name, DATASET_VERSION.c.version).where(
        DATASET_VERSION.c.state.not_in((BUILDING, FAILED))
    )
    for row in _rows(connection, made):
        yield f"{dataset_key(row.name, row.version)}/"


def _rows(
    connection: Connection, wanted: Select[*tuple[Any, ...]]
) -> Iterator[Row[*tuple[Any, ...]]]:
    yield from connection.execute(wanted.execution_options(yield_per=_AT_ONCE))
