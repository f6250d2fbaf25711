"""Measure whether a token is random or made of words, for detectors that rely on no name.

May know: redaction.detectors.tables and the word lists beside it.
Begin with: `randomness`.
"""
