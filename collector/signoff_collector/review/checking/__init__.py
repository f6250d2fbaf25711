"""What a person is asked to look at: unknown tokens, names, pasted text, licences.

May know: review.applying, review.plan, redaction, episode.
Begin with: `groups`.
"""
