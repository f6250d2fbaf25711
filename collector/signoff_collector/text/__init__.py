"""Text tools: lines, positions, URIs, diffs, and text that is safe to display.

May know: system. Begin with: `line_text`, then `positions`.
"""
