"""One order for all writers, and the gaps in it.

May know: seal.gathering, seal.building.
Begin with: `merge`, then `gaps`.
"""
