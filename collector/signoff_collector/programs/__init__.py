"""Run other programs: absolute paths, an allow-listed environment, limits on time and output.

May know: workspaces (no program from a recorded folder is run), system. Begin with: `children`.
"""
