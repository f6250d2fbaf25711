"""The checks of `signoff doctor`: one function per line of docs/doctor.md.

May know: everything; it only reads.
Begin with: `checks`.
"""
