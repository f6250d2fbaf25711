"""The outbox: what was signed, what waits to be sent or withdrawn.

May know: upload.stores, consent, system.
Begin with: `outbox`.
"""
