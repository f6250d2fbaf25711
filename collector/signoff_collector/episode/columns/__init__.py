"""The table of edits as byte columns, and back (docs/format.md, sections 4 and 5).

May know: episode.content, NumPy.
Begin with: `columns`.
"""
