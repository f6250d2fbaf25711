"""The full-screen player.

May know: replay, replay.drawing, Textual.
Begin with: `app`, then `stage`.
"""
