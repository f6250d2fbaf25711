"""Similarity: how much of two texts is the same, whatever its layout and its names.

May know: of the collector what an episode's text is. Pure functions.
Begin with: `tokens`, then `shingles`, then `near_copies`.
"""
