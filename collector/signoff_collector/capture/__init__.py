"""Everything that watches the developer at work, and the journals it writes.

May know: programs, workspaces, known_values, system.
Begin with: `sessions`, then `journal`.
"""
