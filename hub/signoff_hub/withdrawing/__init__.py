"""Withdrawals, expiry and erasure: they take one way.

May know: log, objects, database, and what a tombstone is. Begin with: `withdrawals`.
"""
