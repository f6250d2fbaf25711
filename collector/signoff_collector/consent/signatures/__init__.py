"""Keys and SSH signatures: made by the system's `ssh-keygen`, checked here.

May know: consent.terms, programs, system.
Begin with: `keys`, then `checking_signatures`.
"""
