"""Decide what may be recorded: the opt-in of a folder, the never-record list, ignore files.

May know: workspaces, system, capture.git. Begin with: `policy`.
"""
