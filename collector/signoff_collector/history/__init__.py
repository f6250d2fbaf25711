"""The owner's view of the local history: restore, find, today; sealing is not needed.

May know: seal's live view, trees, kept, episode, capture, known_values, system.
Begin with: `local_sessions`.
"""
