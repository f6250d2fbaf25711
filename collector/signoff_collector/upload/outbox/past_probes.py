"""Cache of probe results, so that each store is probed once (docs/stores.md, Probe)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.upload.stores.interface import Probed

if TYPE_CHECKING:
    import sqlite3

    from signoff_collector.system.clock import Clock
    from signoff_collector.upload.stores.interface import Store

HOLDS_NS: Final = 30 * 24 * 3600 * 10**9
"""Expiry of a result: another store may have taken over the address."""


class PastProbes:
    """One table of the outbox; every change is on disk when a method returns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def ensure(self, store: Store, clock: Clock) -> Probed:
        """Return the capabilities of a store, probing it if they are unknown or expired.

        Raises:
            ReceiverRefusedError: it overwrites.
            NetworkError: it cannot be reached.
        """
        fingerprint = store.fingerprint
        if fingerprint is None:
            return store.probe()
        now_ns = clock.wall_ns()
        row = self._connection.execute(
            "SELECT keeps_versions FROM probes WHERE audience = ? AND fingerprint = ?"
            " AND probed_ns BETWEEN ? AND ?",
            (store.audience, fingerprint, now_ns - HOLDS_NS, now_ns),
        ).fetchone()
        if row is not None:
            return Probed(keeps_versions=bool(row[0]))
        self._connection.execute("DELETE FROM probes WHERE audience = ?", (store.audience,))
        probed = store.probe()
        self._connection.execute(
            "INSERT OR REPLACE INTO probes (audience, fingerprint, probed_ns, keeps_versions)"
            " VALUES (?, ?, ?, ?)",
            (store.audience, fingerprint, now_ns, int(probed.keeps_versions)),
        )
        return probed
