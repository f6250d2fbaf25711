"""Consent: the sign-off, its signature, and its withdrawal.

May know: episode (strict check), capture's opt-in, programs, system.
Begin with: `offered_terms` and `signing_off`, then `verifying`.
"""
