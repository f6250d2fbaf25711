"""Jobs that any node may run and that are safe to kill: admission, sweeps, builds.

May know: the node and what is below it, not what the jobs do: who makes a node says that.
Begin with: `queue`, then `runner`.
"""
