"""Computes all files of one moment of an episode, and writes them to a folder.

May know: episode, schemas.
Begin with: `whole_tree`, then `checkout`.
"""
