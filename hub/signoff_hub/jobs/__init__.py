"""Jobs that any node may run and that are safe to kill: admission, sweeps, builds.

May know: every room below. Begin with: `queue`.
"""
