"""Masking of secrets and personal data before anything is sealed (docs/redaction.md).

May know: episode, known_values, text.
Begin with: `redactor`, then `interface`.
"""
