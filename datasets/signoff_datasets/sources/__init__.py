"""Sources: where episodes and their sign-offs come from; nothing that is read here is trusted.

May know: of the collector what reads sign-offs, receipts, tombstones and stores.
Begin with: `interface`, then `opening`.
"""
