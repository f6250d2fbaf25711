"""Screens for one long item: a file, an output, the files of the base commit.

May know: review.desk, review.screens.
Begin with: `file_view`.
"""
