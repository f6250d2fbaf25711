"""What a live session holds so far: counts of steps, files touched, files not saved.

May know: capture.journal, capture.sessions.
Begin with: `tally`, then `step_counts`.
"""
