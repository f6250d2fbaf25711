"""Where a review asks "what were you thinking here?": three moments of a task at most.

May know: review.applying, levels, episode.
Begin with: `moments`.
"""
