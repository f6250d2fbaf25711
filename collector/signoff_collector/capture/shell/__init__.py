"""Interactive shells: their hooks, the spools that the hooks write, and the recorded pty.

May know: the rest of capture. Begin with: `printing`, then `spool`; docs/shell.md.
"""
