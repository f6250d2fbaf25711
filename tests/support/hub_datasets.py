"""Rows of data sets of a hub, as its builds leave them, for tests of what is told about them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from signoff_hub.building.grants import give_grant, require_grant
from signoff_hub.database.tables import DATASET_VERSION, SHARD, SHARD_EPISODE, SIGN_OFF
from signoff_hub.signing_in.tokens import Scope, make_api_token, who_asks
from signoff_schemas.hub_api import GrantRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.hubs import Sent

    from signoff_hub.building.grants import Held
    from signoff_hub.node.node import Node

PURPOSE = "model-training"
TERMS = hashlib.sha256(b"terms of use").hexdigest()


def manifest_of(name: str, version: int) -> str:
    """Return the digest of a data set's manifest."""
    return hashlib.sha256(f"{name} {version}".encode()).hexdigest()


def shard_of(name: str, version: int) -> str:
    """Return the digest of a data set's one shard."""
    return hashlib.sha256(f"shard of {name} {version}".encode()).hexdigest()


def built(
    node: Node,
    name: str,
    sents: Sequence[Sent],
    *,
    version: int = 1,
    state: str = "ready",
    purpose: str = PURPOSE,
) -> None:
    """Write down that a version was built of some sign-offs, in one shard."""
    place = {"name": name, "version": version}
    with node.database.write() as connection:
        connection.execute(
            insert(DATASET_VERSION).values(
                **place,
                plan="0" * 64,
                manifest_sha256=manifest_of(name, version),
                purpose=purpose,
                state=state,
                made_at=node.now(),
            )
        )
        connection.execute(
            insert(SHARD).values(
                **place, sha256=shard_of(name, version), file="0.parquet", size_bytes=1
            )
        )
        for sent in sents:
            connection.execute(
                insert(SHARD_EPISODE).values(
                    **place, shard=0, episode=sent.sha256, statement=sent.statement_sha256
                )
            )


def reader(node: Node, name: str = "reader", *scopes: Scope) -> str:
    """Return a token, for reading unless told."""
    return make_api_token(node, name, scopes or (Scope.READ,), 30)


def bearer(token: str) -> dict[str, str]:
    """Return the header that says who asks."""
    return {"Authorization": f"Bearer {token}"}


def granted(node: Node, dataset: str, token: str, name: str = "reader") -> Held:
    """Give a reader a grant that ends with its token."""
    give_grant(
        node,
        GrantRequest(
            token=name,
            dataset=dataset,
            purpose=PURPOSE,
            terms_sha256=TERMS,
            expires_at="2099-01-01T00:00:00Z",
        ),
    )
    with node.database.read() as connection:
        return require_grant(connection, who_asks(node, token), dataset, node.now())


def contributors_of(node: Node) -> set[str]:
    """Return every word about contributors that an answer must not have of anybody else."""
    columns = (
        SIGN_OFF.c.contributor,
        SIGN_OFF.c.repository,
        SIGN_OFF.c.fingerprint,
        SIGN_OFF.c.account,
        SIGN_OFF.c.record,
        SIGN_OFF.c.handle,
    )
    with node.database.read() as connection:
        return {str(value) for row in connection.execute(select(*columns)) for value in row}
