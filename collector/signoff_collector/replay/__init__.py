"""Playback of an episode, in a terminal or as a page.

May know: history, seal's live view, episode, redaction's screen masks, text, system.
Begin with: `reel`, then `story`.
"""
