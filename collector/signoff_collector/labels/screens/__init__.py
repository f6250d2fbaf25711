"""The player with keys that label.

May know: the rest of labels, replay's screens. Begin with: `labeller`.
"""
