"""The impure part of sealing: reads, once, all facts from outside the journals.

May know: capture, redaction, system.
Begin with: `gather`; what it writes is in `gathered`.
"""
