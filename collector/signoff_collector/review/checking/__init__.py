"""Lists of what a person should check: unknown tokens, names, pasted text, licences.

May know: review.applying, review.plan, redaction, episode.
Begin with: `groups`.
"""
