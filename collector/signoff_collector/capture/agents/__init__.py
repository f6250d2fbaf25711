"""Coding agents: what their hooks say, and the marks that an agent started a process.

May know: capture.journal, opt_in, sessions, files.watch_process.
Begin with: `hook`, then `spool`.
"""
