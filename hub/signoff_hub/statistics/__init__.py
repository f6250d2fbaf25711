"""Frozen figures that measure nobody (docs/refusals.md).

May know: the database and the place. Begin with: `cells`, then `snapshots`.
"""
