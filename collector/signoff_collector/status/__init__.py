"""What is recorded here and what is not, for `status`, editors and the health check.

May know: capture, installation, system; it only reads.
Begin with: `standing`.
"""
