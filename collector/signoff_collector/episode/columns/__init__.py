"""Encodes and decodes the table of edits as byte columns (docs/format.md, sections 4 and 5).

May know: episode.content, NumPy.
Begin with: `columns`.
"""
