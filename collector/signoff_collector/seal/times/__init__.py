"""Merges the records of all writers into one order, and finds the gaps in it.

May know: seal.gathering, seal.building.
Begin with: `merge`, then `gaps`.
"""
