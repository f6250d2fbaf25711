"""Old states of a file or folder, and restoring one: `signoff restore`.

May know: trees, kept, episode, capture, system.
Begin with: `file_history`, then `restoring`.
"""
