"""Tombstones of a store that is taken over: what was taken back is not taken in again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from signoff_collector.consent.sign_off_files import SignOff
from signoff_collector.consent.withdrawal import MAX_TOMBSTONE_BYTES, withdraws
from signoff_collector.upload.stores.layout import tombstone_key
from signoff_hub.database.tables import TOMBSTONE
from signoff_hub.database.writing import create_row
from signoff_hub.jobs.queue import put
from signoff_hub.withdrawing.endings import ERASE
from signoff_hub.withdrawing.proofs import no_proof, read_tombstone
from signoff_schemas.errors import RefusedError
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_hub.node.node import Node


def adopt_tombstone(node: Node, sha256: str, sign_offs: Sequence[SignOff]) -> bool:
    """Have a row of the tombstone that lies in the store; False: there is none, or its row is.

    Args:
        node: which hub.
        sha256: of the episode.
        sign_offs: that lie in the store; one of them has to be the one that it takes back. Where
            nothing lies there any more, somebody erased it, and the tombstone is believed.

    Raises:
        HubFault: it proves nothing.
    """
    try:
        content = node.objects.read(tombstone_key(sha256), max_bytes=MAX_TOMBSTONE_BYTES)
    except RefusedError:
        raise no_proof() from None
    if content is None:
        return False
    tombstone = read_tombstone(content)
    is_own = not sign_offs or any(withdraws(tombstone, one) for one in sign_offs)
    if tombstone.sha256 != sha256 or not is_own:
        raise no_proof()
    now = node.now()
    values = {
        "episode": sha256,
        "record": tombstone.record_id,
        "handle": tombstone.handle,
        "withdrawn_at": now,
        "because": "withdrawn",
        "kept_versions": False,
        "content": content,
        "leaf": -1,
    }
    this = TOMBSTONE.c.episode == sha256
    with node.database.write() as connection:
        node.database.lock_log(connection)
        if connection.execute(select(TOMBSTONE.c.record).where(this)).first() is not None:
            return False
        create_row(connection, TOMBSTONE, values)
        entry = log_entry(EntryKind.WITHDRAWN, sha256, datetime.fromtimestamp(now, UTC))
        (leaf,) = node.log.append(connection, (entry,))
        connection.execute(update(TOMBSTONE).where(this).values(leaf=leaf))
        put(connection, ERASE, sha256)
    return True
