"""Coding agents: their hooks, and the environment markers of a process that an agent started.

May know: capture.sessions, journal, opt_in. Begin with: `hook`, then `spool`.
"""
