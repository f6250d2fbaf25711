"""Interactive shells: the hooks they load, what the hooks write, and the recorded pty.

May know: the rest of capture.
Begin with: `printing`, then `spool`; docs/shell.md.
"""
