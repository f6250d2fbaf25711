"""Line-based review, for pipes, screen readers and terminals without full screens.

May know: review.desk, review.final.
Begin with: `dialogue`.
"""
