"""The day as tasks: what is proposed, what each holds, how the person split it.

May know: review.plan, review.applying, episode.
Begin with: `proposals`, then `overview`.
"""
