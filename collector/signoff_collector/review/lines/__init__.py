"""Review by lines, for a person with a screen reader or a terminal that holds no screens.

Pipes are answered by plan files (decision 0024). May know: the review, but no other front.
Begin with: `dialogue`.
"""
