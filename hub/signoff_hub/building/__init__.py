"""Plans, builds, data sets, grants and training runs of a hub.

May know: data sets, and the rooms below. Begin with: `plans`.
"""
