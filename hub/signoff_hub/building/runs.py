"""Training runs: which shards a model was trained on, so that later withdrawals can be matched.

A run is what its maker says. What the hub adds is how many of its shards were replaced since:
whole shards, of k contributors and more, so that nobody is measured by the answer.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, insert, select

from signoff_hub.building.grants import require_grant
from signoff_hub.database.tables import DATASET_VERSION, RUN, RUN_SHARD, SHARD
from signoff_hub.database.writing import create_row
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.tokens import Scope
from signoff_schemas.hub_api import RunRequest
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from signoff_hub.node.node import Node
    from signoff_hub.signing_in.tokens import Asker


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """A run as it was registered, and what became of its shards."""

    id: str
    manifest: RunRequest
    registered_at: int
    """The second at which the day began."""
    replaced: int
    """Shards that no readable version of the data set has any more."""


def register_run(node: Node, asker: Asker, request: RunRequest) -> KeptRun:
    """Keep a run; the same one again is kept once.

    Args:
        node: which hub.
        asker: a reader with a grant for the data set.
        request: what was trained on what.

    Raises:
        HubFault: there is no grant, or one of the shards is of no version of the data set.
    """
    content = _canonical(request)
    digest = hashlib.sha256(f"{asker.token_hash}\n".encode("ascii") + content).hexdigest()
    run_id, day = digest[:32], node.now() // 86_400 * 86_400
    with node.database.write() as connection:
        require_grant(connection, asker, request.dataset, node.now())
        known = set(
            connection.execute(
                select(SHARD.c.sha256).where(
                    SHARD.c.name == request.dataset, SHARD.c.sha256.in_(request.shards)
                )
            ).scalars()
        )
        if known != set(request.shards):
            raise HubFault(
                FaultCode.NOT_FOUND,
                "a shard of this run is of no version of that data set",
                hint="Name shards by their SHA-256, as the manifest does.",
            )
        values = {
            "id": run_id,
            "token_hash": asker.token_hash,
            "model_sha256": request.model_sha256,
            "manifest": request.model_dump(mode="json"),
            "registered_at": day,
        }
        if create_row(connection, RUN, values):
            rows = [{"run": run_id, "shard_sha256": one} for one in request.shards]
            connection.execute(insert(RUN_SHARD), rows)
            subject = hashlib.sha256(content).hexdigest()
            node.log.append(connection, (log_entry(EntryKind.RUN, subject, node.moment()),))
    return read_run(node, asker, run_id)


def read_run(node: Node, asker: Asker, run_id: str) -> KeptRun:
    """Return a run with what became of its shards, to its maker and to auditors.

    Raises:
        HubFault: there is no such run, or it is another's.
    """
    with node.database.read() as connection:
        row = connection.execute(select(RUN).where(RUN.c.id == run_id)).first()
        is_auditor = Scope.AUDIT in asker.scopes
        if row is None or not (is_auditor or row.token_hash == asker.token_hash):
            raise HubFault(FaultCode.NOT_FOUND, "there is no such run of yours")
        manifest = RunRequest.model_validate_json(json.dumps(row.manifest))
        still = (
            select(SHARD.c.sha256)
            .join(
                DATASET_VERSION,
                and_(
                    DATASET_VERSION.c.name == SHARD.c.name,
                    DATASET_VERSION.c.version == SHARD.c.version,
                ),
            )
            .where(SHARD.c.name == manifest.dataset, DATASET_VERSION.c.state == "ready")
        )
        replaced = connection.execute(
            select(func.count()).where(
                RUN_SHARD.c.run == run_id, RUN_SHARD.c.shard_sha256.not_in(still)
            )
        ).scalar_one()
    return KeptRun(
        id=run_id, manifest=manifest, registered_at=row.registered_at, replaced=int(replaced)
    )


def _canonical(request: RunRequest) -> bytes:
    """Return what the log calls a run: its JSON on one line, fields in order."""
    data = request.model_dump(mode="json")
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode("ascii")
