"""Sessions: one folder per workspace and stretch of work, who writes into it, when it ends.

May know: capture.journal, workspaces, programs, system.
Begin with: `sessions`, the names that other rooms use.
"""
