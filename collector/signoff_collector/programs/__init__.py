"""Running other programs: absolute paths, a small environment, limits on time and output.

May know: workspaces (no program from a recorded folder is run), system.
Begin with: `children`.
"""
