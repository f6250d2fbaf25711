"""Frozen figures that measure nobody (docs/refusals.md).

May know: jobs, the node and below. Begin with: `cells`, then `snapshots`, `doing`.
"""
