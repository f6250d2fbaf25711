"""`apply(plan, episode)`: the episodes that may be shared, and previews of them.

May know: review.plan, review.base_tree, review.checking; redaction, episode.
Begin with: `apply`.
"""
