"""Withdrawals, expiry and erasure: they take one way (docs/hub/withdrawal.md).

May know: receiving and below, and what a tombstone is. Begin with: `withdrawals`, then `endings`,
`erasure`, `sweeping`.
"""
