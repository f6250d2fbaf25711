"""What `signoff doctor` looks at: one function per line of docs/doctor.md.

May know: everything; it only reads.
Begin with: `checks`.
"""
