"""Whether a node can work: its database, its store, its disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from signoff_hub.database.tables import LOG_STATE
from signoff_schemas.errors import SignoffError
from signoff_schemas.hub_api import Health

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_hub.node.node import Node

_LEAST_FREE_BYTES: Final = 1 << 30


def health_of(node: Node) -> Health:
    """Ask each part once; nothing is written."""

    def ask_database() -> bool:
        with node.database.read() as connection:
            connection.execute(select(LOG_STATE.c.size)).first()
        return True

    def ask_store() -> bool:
        node.objects.size("probes/none")
        return True

    def ask_disk() -> bool:
        return shutil.disk_usage(node.folder.incoming).free >= _LEAST_FREE_BYTES

    return Health(database=_holds(ask_database), store=_holds(ask_store), disk=_holds(ask_disk))


def _holds(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except (SignoffError, OSError):
        return False
