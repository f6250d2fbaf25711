"""Imports recordings made by other tools, one module per format.

May know: episode.
Begin with: `editing_trace`.
"""
