"""One list of what is looked at: `doctor` shows all of it, `status` and editors their part.

May know: everything but review; it only reads.
Begin with: `checks`, then `at_work` for the part that `status` and editors show.
"""
