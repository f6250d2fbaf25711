"""Rendering of recorded text into terminal cells.

May know: text, Textual.
Begin with: `painting`, then `text_view`.
"""
