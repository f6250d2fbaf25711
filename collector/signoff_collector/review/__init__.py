"""Review: the plan, `apply(plan, episode)`, and the front ends that show them.

May know: consent, upload's outbox, seal (sealing again), redaction, episode, capture.git for the
base tree.
Begin with: `plan`, then `applying` and `desk`.
"""
