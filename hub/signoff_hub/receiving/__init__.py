"""The first step: bytes and a sign-off come in, and are checked before they are kept.

May know: jobs, the node and below, and what a sign-off is. Begin with: `sign_offs`, then `blobs`.
Who locks more than one thing does it in this order: row of the blob, log, other rows.
"""
