"""Who receives: a store, which keeps objects, or a hub, which checks and answers for itself.

A hub is no object store: it has no keys to write under and nothing to list. So both keep their own
operations; they share an address, a watcher of bytes, and an end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.terms.audience import is_hub
from signoff_collector.upload.hub.authorities import open_hub
from signoff_collector.upload.stores.stores import open_store

if TYPE_CHECKING:
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home
    from signoff_collector.upload.hub.client import HubClient
    from signoff_collector.upload.stores.interface import Store

    Receiver = Store | HubClient


def open_receiver(home: Home, audience: Audience) -> Receiver:
    """Return the receiver that an audience names; nothing is contacted yet. Close it.

    Raises:
        SignoffError: its kind needs something that is not on this machine.
    """
    return open_hub(home, audience) if is_hub(audience) else open_store(audience)
