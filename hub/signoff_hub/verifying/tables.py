"""Rows that prove themselves: keys, labels, frozen figures, and those that refer to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select

from signoff_collector.consent.signatures.ssh_keygen import parse_public_key
from signoff_collector.consent.signatures.sshsig import fingerprint
from signoff_hub.database.tables import (
    ACCOUNT,
    EPISODE,
    KEY,
    LABEL,
    PART,
    SIGN_OFF,
    STATISTIC,
    TOMBSTONE,
)
from signoff_hub.verifying.findings import ASK, Finding, damaged, left_over
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_hub.node.node import Node

_TEN: Final = 10
_AT_ONCE: Final = 1_000


def check_tables(node: Node) -> Iterator[Finding]:
    """Yield rows that are not what they are named after, or that refer to nothing."""
    yield from _check_keys(node)
    yield from _check_labels(node)
    with node.database.read() as connection:
        for row in connection.execute(select(STATISTIC)):
            if row.value is not None and (row.value < _TEN or row.value % _TEN):
                what = "is no multiple of ten: figures may not be finer"
                yield damaged(f"row statistic {row.snapshot} {row.cell}", what)
        parts = connection.execute(select(PART)).all()
    for row in parts:
        key = f"parts/{row.sha256[:2]}/{row.sha256}/{row.account}/{row.n:04d}"
        if node.objects.size(key) is None:
            yield left_over(key, "a part that a row tells of is missing")


def _check_keys(node: Node) -> Iterator[Finding]:
    after = ""
    while True:
        with node.database.read() as connection:
            rows = connection.execute(
                select(KEY.c.fingerprint, KEY.c.public_key, ACCOUNT.c.id, ACCOUNT.c.state)
                .outerjoin(ACCOUNT, ACCOUNT.c.id == KEY.c.account)
                .where(KEY.c.fingerprint > after)
                .order_by(KEY.c.fingerprint)
                .limit(_AT_ONCE)
            ).all()
        for row in rows:
            where = f"row key {row.fingerprint}"
            if row.id is None or row.state not in ("active", "closed"):
                yield damaged(where, "has no account")
            try:
                is_own = fingerprint(parse_public_key(row.public_key)) == row.fingerprint
            except (SignoffError, ValueError):
                is_own = False
            if not is_own:
                yield damaged(where, "holds another key than its fingerprint says", ASK)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].fingerprint


def _check_labels(node: Node) -> Iterator[Finding]:
    import hashlib

    after = ""
    while True:
        with node.database.read() as connection:
            rows = connection.execute(
                select(LABEL.c.id, LABEL.c.content, EPISODE.c.sha256)
                .outerjoin(EPISODE, EPISODE.c.sha256 == LABEL.c.episode)
                .where(LABEL.c.id > after)
                .order_by(LABEL.c.id)
                .limit(_AT_ONCE)
            ).all()
        for row in rows:
            if hashlib.sha256(bytes(row.content)).hexdigest() != row.id:
                yield damaged(f"row label {row.id}", "its bytes have another SHA-256 than its name")
            if row.sha256 is None:
                yield damaged(f"row label {row.id}", "is about an episode that is not here", ASK)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].id


def orphans(node: Node) -> Iterator[Finding]:
    """Yield sign-offs whose key no row has: nobody could take them back by signing in."""
    wanted = select(SIGN_OFF.c.statement).where(
        SIGN_OFF.c.fingerprint != "",
        ~exists(
            select(KEY.c.account).where(
                KEY.c.fingerprint == SIGN_OFF.c.fingerprint, KEY.c.account == SIGN_OFF.c.account
            )
        ),
        ~exists(select(TOMBSTONE.c.episode).where(TOMBSTONE.c.episode == SIGN_OFF.c.episode)),
    )
    with node.database.read() as connection:
        for statement in connection.execute(wanted.execution_options(yield_per=_AT_ONCE)).scalars():
            yield damaged(f"row sign_off {statement}", "its key belongs to no account, or another")
