"""Summary of one day for the person who did the work: `signoff today`.

May know: the rest of history, capture, episode, system.
Begin with: `day`.
"""
