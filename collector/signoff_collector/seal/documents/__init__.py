"""Reconstructs open documents and their edits from LSP messages.

May know: seal.building, text, episode.
Begin with: `documents`.
"""
