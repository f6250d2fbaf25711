"""Sessions: a folder per workspace and stretch of work, its writers, its beginning and end.

May know: capture.git, journal, opt_in, workspaces, programs, system. Begin with: `sessions`, the
names that other rooms use.
"""
