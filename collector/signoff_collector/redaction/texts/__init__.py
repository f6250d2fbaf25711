"""File texts through all their edits, with an identity for every character.

May know: redaction.detectors, redaction.values; episode.
Begin with: `texts`, then `learning`.
"""
