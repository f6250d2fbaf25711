"""The session as tasks: proposals, contents, and the person's own split.

May know: review.plan, review.applying, episode.
Begin with: `proposals`, then `overview`.
"""
