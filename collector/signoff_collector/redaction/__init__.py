"""Masking of secrets and personal data before anything is sealed (DESIGN, section 9)."""
