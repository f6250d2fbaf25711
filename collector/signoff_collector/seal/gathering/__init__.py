"""The impure part of sealing: what is read, once, from outside the journals.

May know: capture, redaction, system.
Begin with: `gather`; what it writes is in `gathered`.
"""
