"""Journals and spools: reading and writing the files that every source appends to.

May know: system; capture.opt_in for what may be kept. Begin with: `journal` and docs/journal.md.
"""
