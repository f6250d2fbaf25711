"""Verbs of data sets: a module for each, and for each part of `dataset`; loaded by name.

May know: everything here, and of the collector what its verbs share.
Begin with: `dataset`, `export`.
"""
