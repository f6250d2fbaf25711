"""Track every file text through all its edits, with a stable id for each character.

May know: redaction.detectors, redaction.values; episode.
Begin with: `texts`, then `learning`.
"""
