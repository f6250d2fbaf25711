"""From recorded text to the cells of a terminal row.

May know: text, Textual.
Begin with: `painting`, then `text_view`.
"""
