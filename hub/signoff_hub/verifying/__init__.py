"""Proving a hub, or its store alone: every object, row and leaf (docs/hub/verifying.md).

May know: every room below. It writes nothing. Begin with: `findings`, then `hubs` and `stores`.
"""
