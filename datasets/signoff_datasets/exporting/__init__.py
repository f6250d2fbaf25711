"""Exporting: a data set in the forms that trainers read, and what is gone leaves that too.

May know: refreshing (what is gone), building, screening, sources, exports.
Begin with: `exporting`, then `places`.
"""
