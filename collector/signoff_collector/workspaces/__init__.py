"""Which folders are enabled, and which work tree a path lies in; no program runs.

May know: system.
Begin with: `enabled_list`.
"""
