"""The first step: bytes and a sign-off come in, and are checked before they are kept.

May know: log, objects, database, and what a sign-off is. Begin with: `sign_offs`.
"""
