"""Open documents, folded from what editors sent.

May know: seal.building, text, episode.
Begin with: `documents`.
"""
