"""Upload of an episode, and its withdrawal.

May know: upload.outbox, upload.stores, consent.
Begin with: `sending`.
"""
