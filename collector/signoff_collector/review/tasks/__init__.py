"""The session as tasks: contents, and the person's own split of what `levels.tasks` proposes.

May know: review.plan, review.applying, levels, episode.
Begin with: `overview`, then `contents`.
"""
