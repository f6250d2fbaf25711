"""Files of the base commit that may be included in a shared episode (decision 18).

May know: review.checking, review.applying, capture.git.
Begin with: `tree`, then `looking`.
"""
