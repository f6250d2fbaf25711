"""Review by lines, for pipes, screen readers and terminals without screens.

May know: review.desk, review.final.
Begin with: `dialogue`.
"""
