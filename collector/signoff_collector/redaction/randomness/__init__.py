"""Whether a token is random or made of words: the measure behind detectors that know no name.

May know: redaction.detectors.tables and the word lists beside it.
Begin with: `randomness`.
"""
