"""Sending an episode, and taking it back.

May know: upload.outbox, upload.stores, consent.
Begin with: `sending`.
"""
