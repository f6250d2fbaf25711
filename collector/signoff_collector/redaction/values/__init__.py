"""Values that were recognised, and every form in which one may stand elsewhere.

May know: redaction.detectors, redaction.strings.
Begin with: `secrets_table`.
"""
