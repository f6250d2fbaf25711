"""Files as systems differ in them: opening, locks, folders held open, names, being told of changes.

May know: `windows`. Begin with: `opening`, `folders`, `teller`.
"""
