"""The tree of the base commit, as far as it may go along with what is shared (decision 18)."""
