"""Computes the state of any file after any step of an episode (docs/format.md, section 7).

May know: episode.content, episode.file.
Begin with: `moments`.
"""
