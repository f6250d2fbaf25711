"""Data sets: what trainers are given of signed episodes, with the proof that each was signed.

May know: schemas, and of the collector what reads and proves an episode (episode, levels, trees,
consent, imports, upload.stores, text, system). Never what records, masks or reviews.
Begin with: `commands`, then `planning`, `building`, `verifying`; `exports` needs none of them.
"""
