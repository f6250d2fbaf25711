"""Frozen figures that measure nobody (docs/refusals.md).

May know: the database. Begin with: `snapshots`.
"""
