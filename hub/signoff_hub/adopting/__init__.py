"""Taking over a store: one that uploads filled, or one whose hub lost its database.

May know: every room below. Begin with: `adopting`.
"""
