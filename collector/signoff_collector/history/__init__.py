"""The owner's own use of what was recorded: restore, find, today; nothing needs sealing.

May know: seal's live view, trees, kept, episode, capture, known_values, system.
Begin with: `local_sessions`.
"""
