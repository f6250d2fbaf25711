"""Pure application of a plan, `apply(plan, episode)`, and previews of the shared episodes.

May know: review.plan, review.base_tree, review.checking; redaction, episode.
Begin with: `apply`.
"""
