"""Recognised values, and an index that finds each of them again in every encoding.

May know: redaction.detectors, redaction.strings.
Begin with: `secrets_table`.
"""
