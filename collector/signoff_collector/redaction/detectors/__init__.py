"""Detect what looks like a secret or like personal data in a text.

May know: redaction.rules, redaction.randomness, redaction.strings.
Begin with: `detectors`; docs/redaction.md lists them.
"""
