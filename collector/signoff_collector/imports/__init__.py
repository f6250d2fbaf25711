"""Imports recordings made by other tools, one module per format.

Pure functions from bytes to episodes; what a source cannot tell is said in the header.
May know: episode, text.
Begin with: `formats`, then `building`.
"""
