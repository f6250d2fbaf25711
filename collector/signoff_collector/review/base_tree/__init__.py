"""The tree of the base commit, as far as it may go along with what is shared (decision 18).

May know: review.checking, review.applying, capture.git.
Begin with: `tree`, then `looking`.
"""
