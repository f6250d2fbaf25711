"""Coding agents: their hooks, and the environment markers of a process that an agent started.

May know: capture.journal, opt_in, sessions, files.watch_process. Begin with: `hook`, then `spool`.
"""
