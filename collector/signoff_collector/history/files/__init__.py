"""States of a file or folder, and putting one back: `signoff restore`.

May know: trees, kept, episode, capture, system.
Begin with: `file_history`, then `restoring`.
"""
