"""The plan: what a person keeps, cuts and masks; edited by pure functions, saved at once.

May know: review.applying's walk over the base, schemas.
Begin with: `plan_edits`, then `plan_store`.
"""
