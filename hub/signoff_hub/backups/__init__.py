"""Backups: a hub as a folder, and a hub made of that folder again (docs/hub/disaster.md).

May know: every room below. Begin with: `kept`, then `saving`, `checking` and `restoring`.
"""
