"""Text tools without a room of their own: positions, lines, differences, text made harmless.

May know: system.
Begin with: `line_text`, then `positions`.
"""
