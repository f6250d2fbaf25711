"""Consent: the sign-off, its signature, and taking it back.

May know: episode (strict check), capture's opt-in, programs, system.
Begin with: `signing_off`, then `verifying`.
"""
