"""What may be recorded at all: the opt-in of a folder, the never-record list, ignore files.

May know: workspaces, system, capture.git.
Begin with: `policy`.
"""
